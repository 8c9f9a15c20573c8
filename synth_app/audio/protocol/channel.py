"""Messages over a pair of pipes between the app and the audio process that it started."""

import pickle
import threading
from typing import IO


class Channel:
    """Sends and receives Python objects; one thread may receive while others send.

    Objects are pickled. This is safe only here: both ends are this program, one started by the other, connected by
    pipes that no other program can open.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        """Use two open binary streams."""
        self._incoming = incoming
        self._outgoing = outgoing
        self._sending = threading.Lock()

    def send(self, message: object) -> None:
        """Send one object.

        Raises:
            OSError: the other end is closed.
        """
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._sending:
            self._outgoing.write(data)
            self._outgoing.flush()

    def receive(self) -> object:
        """Wait for one object.

        Raises:
            EOFError: the other end is closed.
        """
        try:
            return pickle.load(self._incoming)  # noqa: S301  # see the class: a private pipe between our own processes
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise EOFError("the other process ended") from error
