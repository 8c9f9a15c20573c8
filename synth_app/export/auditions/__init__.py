"""Presets as a player hears them: rendered, measured, levelled, and shown on a contact sheet."""
