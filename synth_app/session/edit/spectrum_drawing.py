"""Strokes of a pencil over the spectrum: they move the latent vector to the nearest sound."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import HandleSound, SoundReader
from synth_app.handles.drawing import nearest_sound
from synth_app.modelfile import note_center
from synth_app.session.curves.handle_sound import patch_sound, slot_notes
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
OUT_OF_REACH_DB = 3.0  # a level that is missed by more is marked
_LOWEST_HZ = 20.0


@dataclass
class _Stroke:
    """A stroke: the sound where it began, the line of its partials in dB, and the levels drawn so far (NaN: none)."""

    sound: HandleSound
    offset: Floats
    offset_db: float
    line_db: Floats
    drawn_db: Floats
    last: tuple[float, float] | None = None  # Hz, dB


class SpectrumDrawing:
    """Draws levels over the decoded spectrum of the store's sound. It belongs to one thread.

    What is drawn is where the partials should reach: the line that the pencil bends runs over their tops.

    Args:
        store: the session.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._reader: SoundReader | None = None
        self._stroke: _Stroke | None = None

    def begin(self) -> bool:
        """Begin a stroke at the present sound. Return whether there is a model to draw with."""
        store, model = self._store, self._store.model
        if model is None or not store.bank:
            self._stroke = None
            return False
        if self._reader is None or self._reader.model is not model:
            self._reader = SoundReader(model)
        sound = patch_sound(store.patch, model)
        frame = self._reader.decode(sound.z[None], sound.pitch)[0].astype(np.float64)
        line_db = _over_partials(frame - frame.max(), sound.pitch, model) + level_db(store)
        offset = np.asarray(store.patch.offset, np.float64)
        self._stroke = _Stroke(sound, offset, store.patch.offset_db, line_db, np.full(len(frame), np.nan))
        return True

    def move(self, hz: float, db: float) -> None:
        """Draw a straight line over logarithmic frequency from the last point of the stroke to this one."""
        stroke, model = self._stroke, self._store.model
        if stroke is None or model is None:
            return
        bins = np.arange(len(stroke.drawn_db)) * model.spec.sample_rate / model.spec.n_fft
        last_hz, last_db = stroke.last or (hz, db)
        ends = sorted(((max(last_hz, _LOWEST_HZ), last_db), (max(hz, _LOWEST_HZ), db)))
        half = 0.5 * model.spec.sample_rate / model.spec.n_fft
        inside = (bins >= ends[0][0] - half) & (bins <= ends[1][0] + half)
        along = np.log(np.maximum(bins[inside], _LOWEST_HZ))
        stroke.drawn_db[inside] = np.interp(along, np.log([end[0] for end in ends]), [end[1] for end in ends])
        stroke.last = hz, db

    def apply(self) -> Floats | None:
        """Move the store's sound to the nearest one to the stroke.

        Returns:
            float64 [bins], how many dB the sound stays below (positive) or above what was drawn, NaN where nothing was
            drawn; None where nothing was drawn at all.
        """
        stroke, store = self._stroke, self._store
        if stroke is None or self._reader is None or store.model is not self._reader.model:
            return None
        drawn = np.isfinite(stroke.drawn_db)
        if not drawn.any():
            return None
        change_db = np.where(drawn, stroke.drawn_db - stroke.line_db, 0.0)
        found = nearest_sound(self._reader, stroke.sound, change_db, drawn, store.ranges)
        values = store.latents.center() + stroke.offset + found.offset
        store.latents.set_many(enumerate(values.tolist()), stroke.offset_db + found.gain_db)
        return np.where(drawn, found.missed_db, np.nan)

    def drawn_db(self) -> Floats:
        """Return the levels drawn so far, float64 [bins], NaN where nothing is drawn; empty before a stroke."""
        return np.zeros(0) if self._stroke is None else self._stroke.drawn_db


def level_db(store: SessionStore) -> float:
    """Return the mean level of the present sound's sustain in dB re a full-scale sine; it needs a model with notes."""
    model = store.model
    assert model is not None
    slots = slot_notes(store.patch, model)
    return sum(slot.weight * note_center(slot.note)[1] for slot in slots) + store.patch.offset_db


def _over_partials(frame_db: Floats, pitch: float, model: Model) -> Floats:
    """Return the maximum around each bin over the distance of two partials, float64 [bins]."""
    f0_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    reach = max(1, round(0.5 * f0_hz * model.spec.n_fft / model.spec.sample_rate))
    reach = min(reach, len(frame_db) // 8)
    line: Floats = sliding_window_view(np.pad(frame_db, reach, "edge"), 2 * reach + 1).max(axis=1)
    return line
