"""The audio process: device, MIDI inputs, recorder, and the player around one engine."""
