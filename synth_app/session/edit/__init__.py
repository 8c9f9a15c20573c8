"""Edits of the session: latent vector and path, pad, automation, MIDI learn."""
