"""The state of a session as plain data, and the files that keep it."""
