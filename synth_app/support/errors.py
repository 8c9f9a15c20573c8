"""The one exception whose message is written for the person at the keyboard."""


class UserError(ValueError):
    """Something the user can mend: says what failed, the value, the limit and the remedy, in one line.

    The command line prints the message on stderr and exits with status 2; the window shows it.
    """
