"""The window "Train a model": recordings, check, training, and the user's own models."""
