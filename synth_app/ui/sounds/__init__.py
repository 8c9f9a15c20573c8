"""The page of the user's own sounds: bring in, record, list, load; and the sample editor."""
