"""The handles of the present sound: their positions, moves that hold the others, pins, and previews of a move."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.handles import FEWEST_NOTES, HandleSound
from synth_app.params import HANDLES
from synth_app.patch import Patch
from synth_app.session.curves.handle_sound import patch_sound
from synth_app.session.edit.handle_pins import HandlePins
from synth_app.session.edit.handle_reader import FIRST_OF_PATH, HandleReader, Slopes
from synth_app.session.state.changes import HandleMoves
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Drag:
    """A handle that is being moved: every value is reached from the sound where the move began.

    So a handle that goes there and back leaves the sound as it was.
    """

    number: int
    handle: int
    sound: HandleSound
    slopes: Slopes
    offset: Floats
    offset_db: float
    patch: Patch  # after the last move


class HandleEdits:
    """Reads and moves the handles of the sound that the sliders show. It belongs to one thread.

    Args:
        store: the session. Pinned handles keep their positions while it changes.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._reader: HandleReader | None = None
        self._drag: _Drag | None = None
        self._drags = 0
        self._pins = HandlePins(lambda: self._present_reader() if self.available else None)
        store.hold_with(self._pins)

    @property
    def available(self) -> bool:
        """Whether a model is loaded whose bank is large enough for a scale."""
        return len(self._store.bank) >= FEWEST_NOTES

    def positions(self) -> Floats:
        """Return the positions of the present sound in steps, float64 [handles]. It needs a model."""
        return self._present_reader().positions(self._store.patch)

    def note_positions(self) -> Floats:
        """Return the positions of the slots' notes without the sliders' offset, float64 [handles]."""
        return self._present_reader().note_positions(self._store.patch)

    def bank_positions(self) -> tuple[Floats, ...]:
        """Return ``HandleReader.bank_positions``."""
        return self._present_reader().bank_positions()

    def path_step_db(self, handle: int) -> float:
        """Return ``HandleReader.path_step_db``."""
        return self._present_reader().path_step_db(handle)

    def set(self, handle: int, position: float, *, exact: bool = False) -> None:
        """Move one handle to a position, and hold the others and the loudness. Without a model it does nothing.

        Args:
            handle: its index. position: in steps.
            exact: whether to search longer, up to 40 ms, because no drag waits.
        """
        if not self.available:
            return
        reader, store = self._present_reader(), self._store
        self._pins.move(handle, position)
        if handle >= FIRST_OF_PATH:
            store.apply_patch(reader.with_path_position(store.patch, handle, position))
            return
        drag = self._continued(handle)
        pins = frozenset(pin for pin in store.state.pinned if pin < FIRST_OF_PATH) - {handle}
        move = reader.move(drag.sound, drag.slopes, {handle: position}, pins, limits=store.ranges, exact=exact)
        steps = position - float(reader.spectral(drag.sound)[handle])
        store.announce(HandleMoves(drag.number, HANDLES[handle].target, steps, tuple(move.offset.tolist())))
        values = store.latents.center() + drag.offset + move.offset
        store.latents.set_many(enumerate(values.tolist()), drag.offset_db + move.gain_db)
        self._drag = replace(drag, patch=store.patch)

    def toggle_pin(self, handle: int) -> None:
        """Pin a handle at its present position, or release it."""
        name, pins = HANDLES[handle].name, self._store.state.pins
        self._pins.forget()
        self._store.set_pins(pins ^ {name})

    def step(self, handle: int) -> Floats | None:
        """Return what one step up adds to the latent vector, float64 [latent]; None for bite and movement."""
        if handle >= FIRST_OF_PATH:
            return None
        reader = self._present_reader()
        return reader.step(patch_sound(self._store.patch, reader.model), handle)

    # ---- internal

    def _continued(self, handle: int) -> _Drag:
        """Return the drag that this move continues, or a new one from the present sound."""
        drag, patch = self._drag, self._store.patch
        if drag is not None and drag.handle == handle and drag.patch.settings == patch.settings:
            return drag
        reader = self._present_reader()
        sound = patch_sound(patch, reader.model)
        self._drags += 1
        offset = np.asarray(patch.offset, np.float64)
        return _Drag(self._drags, handle, sound, reader.slopes(sound), offset, patch.offset_db, patch)

    def _present_reader(self) -> HandleReader:
        model = self._store.model
        assert model is not None
        if self._reader is None or self._reader.model is not model:
            self._reader, self._drag = HandleReader(model), None
        return self._reader
