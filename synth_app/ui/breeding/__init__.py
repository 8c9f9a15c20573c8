"""The page that breeds: variations of the present sound, picked by ear."""
