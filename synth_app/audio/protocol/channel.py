"""Messages over a pair of pipes between the app and the audio process that it started."""

import pickle
import threading
from typing import IO, Any

from synth_app.audio.protocol.shared_parts import ReceivedParts, SentParts


class Channel:
    """Sends and receives Python objects; one thread may receive while others send.

    Objects are pickled. This is safe only here: both ends are this program, one started by the other, connected by
    pipes that no other program can open.

    Large parts of a patch, such as the notes in its slots, are sent once. Later patches with the same parts refer to
    them.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        """Use two open binary streams."""
        self._incoming = incoming
        self._outgoing = outgoing
        self._sending = threading.Lock()
        self._sent, self._received = SentParts(), ReceivedParts()

    def send(self, message: object) -> None:
        """Send one object.

        Raises:
            OSError: the other end is closed.
        """
        with self._sending:  # around pickling too: the other end takes parts in the order in which they are numbered
            self._outgoing.write(self._sent.pickled(message))
            self._outgoing.flush()

    def receive(self) -> object:
        """Wait for one object.

        Raises:
            EOFError: the other end is closed.
        """
        try:
            return _Unpickler(self._incoming, self._received).load()
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise EOFError("the other process ended") from error


class _Unpickler(pickle.Unpickler):
    """Reads one object from a private pipe between our own processes; see ``Channel``."""

    def __init__(self, stream: IO[bytes], parts: ReceivedParts) -> None:
        super().__init__(stream)
        self._parts = parts

    def persistent_load(self, pid: Any) -> object:
        """Return a part that arrives now or came before."""
        return self._parts.take(pid)
