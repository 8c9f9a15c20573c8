"""The user's sounds: recordings of one instrument, kept with their settings, and encoded for a model when needed."""
