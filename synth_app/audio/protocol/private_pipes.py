"""The pipes of a child process to the program that started it, freed from what libraries print."""

import faulthandler
import os
import sys
from typing import BinaryIO


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output as streams for the channel, and silence C libraries.

    PortAudio and ALSA print at every failed attempt to open a device. Python's own errors still reach the terminal.
    """
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    faulthandler.enable(sys.stderr)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    sys.stdout = sys.stderr
    return incoming, outgoing
