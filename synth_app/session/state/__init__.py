"""The state as plain data, and the files that store it."""
