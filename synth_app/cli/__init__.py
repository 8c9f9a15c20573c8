"""The command line: one command per task, one-line errors on stderr, exit status 2 for errors of the user."""
