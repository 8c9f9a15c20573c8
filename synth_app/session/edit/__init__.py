"""Edits of the session: latent sliders, pad, automation, MIDI learn."""
