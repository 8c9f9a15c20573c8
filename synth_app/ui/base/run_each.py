"""Run steps that must not stop each other."""

import sys
from collections.abc import Callable


def run_each(*steps: Callable[[], object]) -> None:
    """Run every step, even after one has failed; pass exceptions to ``sys.excepthook``.

    No exception may leave ``closeEvent``. PySide 6.10 to 6.12 hold it back while Qt hides the children of the window,
    and each override that Qt looks up meanwhile loses a reference to its function. Sooner or later Python frees a
    method that is still in use, and the program ends with a segmentation fault.
    """
    for step in steps:
        try:
            step()
        except Exception as error:  # whatever it is, the other steps matter more
            sys.excepthook(type(error), error, error.__traceback__)
