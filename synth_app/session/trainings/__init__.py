"""Trainings on the user's own folders: from the check of the recordings to a model to play and a verdict in words."""
