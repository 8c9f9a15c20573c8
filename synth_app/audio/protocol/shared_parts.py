"""Large parts of patches between two processes: each is sent once, and then referred to by its place in a table.

Both ends have the table. The sender decides which place a new part takes, and its message says so.
"""

import io
import pickle
from typing import Any

from synth_app.audio.protocol.messages import Play
from synth_app.patch import Patch, SetPatch

PLACES = 16  # of the table; a patch has up to eight parts, so a part of the same message is never replaced
_Reference = int | tuple[int, object]  # a place; or a place and the part that it takes


class SentParts:
    """The sender's side. Parts are recognized by identity: patches are immutable and share what has not changed."""

    def __init__(self) -> None:
        self._table: list[object] = [None] * PLACES  # holds the parts, so that no other object gets their identity
        self._used = [0] * PLACES  # number of the message that used each place last
        self._messages = 0

    def pickled(self, message: object) -> bytes:
        """Return a message as bytes, with references for the parts that were sent before."""
        self._messages += 1
        stream = io.BytesIO()
        _Pickler(stream, self, _parts_of(message)).dump(message)
        return stream.getvalue()

    def refer(self, part: object) -> _Reference:
        """Return the reference of a part: its place, and the part itself if it is new."""
        for place, held in enumerate(self._table):
            if held is part:
                self._used[place] = self._messages
                return place
        place = min(range(PLACES), key=self._used.__getitem__)
        self._table[place], self._used[place] = part, self._messages
        return place, part


class ReceivedParts:
    """The receiver's side."""

    def __init__(self) -> None:
        self._table: list[object] = [None] * PLACES

    def take(self, reference: _Reference) -> object:
        """Return the part of a reference, and keep a new one."""
        if isinstance(reference, int):
            return self._table[reference]
        place, part = reference
        self._table[place] = part
        return part


class _Pickler(pickle.Pickler):
    """Pickles one message, with references for some of its objects."""

    def __init__(self, stream: io.BytesIO, sent: SentParts, parts: dict[int, object]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._sent, self._parts = sent, parts

    def persistent_id(self, obj: Any) -> _Reference | None:
        """Return the reference of a part; None for other objects, and for the part that a reference brings along."""
        part = self._parts.get(id(obj))
        if part is None:
            return None
        reference = self._sent.refer(part)
        if not isinstance(reference, int):
            del self._parts[id(obj)]  # it is pickled now; where it occurs again, pickle refers to it
        return reference


def _parts_of(message: object) -> dict[int, object]:
    """Return the large parts of a message, by identity."""
    if not isinstance(message, Play) or not isinstance(message.message, SetPatch):
        return {}
    patch: Patch = message.message.patch
    parts = (
        *patch.user_notes, *patch.style_changes, patch.style_texture, patch.pad_grid, patch.handle_curves,
        patch.automation,
    )  # fmt: skip
    return {id(part): part for part in parts if part is not None}
