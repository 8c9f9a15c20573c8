"""The handles of the present sound: their positions, moves that hold the others, and previews of a move."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import FEWEST_NOTES, HandleScale, HandleSound, SoundReader, model_scale, move_handles
from synth_app.handles.descriptors import LOUDNESS
from synth_app.handles.sound import center_levels_db
from synth_app.patch import Patch
from synth_app.session.state.state import SLOTS
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
HANDLE_REACH = 4.0  # steps to either side of what is usual
_KNOWN = 4  # sounds whose positions are kept: most changes of a patch leave the sound as it is


@dataclass(frozen=True)
class _Drag:
    """A handle that is being moved: every value is reached from the sound where the move began.

    So a handle that goes there and back leaves the sound as it was.
    """

    handle: int
    sound: HandleSound
    slopes: tuple[Floats, Floats]
    offset: Floats
    offset_db: float
    patch: Patch  # after the last move


class HandleEdits:
    """Reads and moves the handles of the sound that the sliders show. It belongs to one thread.

    Positions are in steps: standard deviations of the note bank, 0 is usual at the note's pitch.

    Args:
        store: the session.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._fitted: tuple[Model, SoundReader, HandleScale] | None = None
        self._seen: tuple[HandleSound, tuple[Floats, Floats]] | None = None
        self._drag: _Drag | None = None
        self._known: deque[tuple[HandleSound, Floats]] = deque(maxlen=_KNOWN)

    @property
    def available(self) -> bool:
        """Whether a model is loaded whose bank is large enough for a scale."""
        return len(self._store.bank) >= FEWEST_NOTES

    def positions(self) -> Floats:
        """Return the positions of the present sound, float64 [handles]. It needs a model."""
        return self._positions(self._sound(self._store.latents.values()))

    def note_positions(self) -> Floats:
        """Return the positions of the slots' notes without the sliders' offset, float64 [handles]."""
        return self._positions(self._sound(self._store.latents.center()))

    def bank_positions(self) -> Floats:
        """Return the positions of the bank's notes at their own pitch, float64 [notes, handles]."""
        return self._fit()[1].bank

    def set(self, handle: int, position: float) -> None:
        """Move one handle to a position, and hold the others and the loudness. Without a model it does nothing."""
        if not self.available:
            return
        reader, scale = self._fit()
        drag = self._continued(handle)
        start = scale.positions(drag.slopes[0], drag.sound.pitch)[handle]
        move = move_handles(reader, scale, drag.sound, {handle: position - float(start)}, slopes=drag.slopes)
        values = self._store.latents.center() + drag.offset + move.offset
        self._store.latents.set_many(enumerate(values.tolist()), drag.offset_db + move.gain_db)
        self._drag = replace(drag, patch=self._store.patch)

    def step(self, handle: int) -> Floats:
        """Return what one step up adds to the latent vector, float64 [latent], from the slopes at the present sound."""
        reader, scale = self._fit()
        sound, slopes = self._read()
        return move_handles(reader, scale, sound, {handle: 1.0}, slopes=slopes).offset

    # ---- internal

    def _continued(self, handle: int) -> _Drag:
        """Return the drag that this move continues, or a new one from the present sound."""
        drag = self._drag
        if drag is not None and drag.handle == handle and drag.patch == self._store.patch:
            return drag
        sound, slopes = self._read()
        patch = self._store.patch
        return _Drag(handle, sound, slopes, np.asarray(patch.offset, np.float64), patch.offset_db, patch)

    def _read(self) -> tuple[HandleSound, tuple[Floats, Floats]]:
        reader, _ = self._fit()
        sound = self._sound(self._store.latents.values())
        if self._seen is None or not _same(self._seen[0], sound):
            self._seen = sound, reader.slopes(sound.z, sound)
        return self._seen

    def _positions(self, sound: HandleSound) -> Floats:
        reader, scale = self._fit()
        for known, positions in self._known:
            if _same(known, sound):
                return positions
        positions = scale.positions(reader.values(sound.z[None], sound)[0], sound.pitch)[:LOUDNESS]
        self._known.append((sound, positions))
        return positions

    def _sound(self, z: Floats) -> HandleSound:
        """Return the sound of a latent vector, with pitch and correction of the slots' notes at the present morph."""
        store = self._store
        morph, detail = store.patch.value("morph"), store.patch.value("detail")
        pitch = 0.0
        levels: NDArray[np.floating] = np.zeros(0)
        for slot, weight, own in zip(SLOTS, (1.0 - morph, morph), store.patch.user_notes, strict=True):
            note = store.slots.note(slot)
            assert note is not None
            pitch += weight * (float(note.pitch) if own is None else own.pitch)
            own_levels = center_levels_db(note) if weight * detail else None
            if own_levels is not None:
                levels = weight * detail * own_levels + (levels if len(levels) else 0.0)
        return HandleSound(z, pitch, levels.astype(np.float32) if len(levels) else None)

    def _fit(self) -> tuple[SoundReader, HandleScale]:
        model = self._store.model
        assert model is not None
        if self._fitted is None or self._fitted[0] is not model:
            reader = SoundReader(model)
            self._fitted, self._seen, self._drag = (model, reader, model_scale(model)), None, None
            self._known.clear()
        return self._fitted[1:]


def _same(x: HandleSound, y: HandleSound) -> bool:
    if x.pitch != y.pitch or not np.array_equal(x.z, y.z):
        return False
    if x.levels_db is None or y.levels_db is None:
        return x.levels_db is y.levels_db
    return np.array_equal(x.levels_db, y.levels_db)
