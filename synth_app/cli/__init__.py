"""The command line: one command per task, errors on stderr in one line, exit status 2 for what the user can mend."""
