"""The exception whose message is written for the user."""


class UserError(ValueError):
    """A problem that the user can solve. The message says what failed, the value, the limit, and what to do.

    The command line prints the message on stderr and exits with status 2; the window shows it.
    """
