"""Audio, MIDI and model settings."""
