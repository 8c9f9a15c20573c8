"""The spectrum view: the frame that the model decodes for the sliders' values, and the measured output behind it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from synth_app.decoder import Model
from synth_app.modelfile import note_center
from synth_app.patch import UserNote
from synth_app.session import ModelChanged, PatchChanged, SessionStore, Slot
from synth_app.session.edit.latent_edits import slider_effect
from synth_app.session.edit.spectrum_drawing import OUT_OF_REACH_DB, SpectrumDrawing
from synth_app.session.state.state import SLOTS
from synth_app.ui.analyzers.signal_measures import peak_text
from synth_app.ui.analyzers.spectral import LogBands
from synth_app.ui.analyzers.spectrum_canvas import SpectrumCanvas
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import tight

Array = NDArray[np.float32]
_POINTS = 320


class SlotLevels:
    """Level and pitch of the slots' notes, computed once per note."""

    def __init__(self) -> None:
        self._known: dict[Slot, tuple[Model, int, UserNote | None, tuple[float, int]]] = {}

    def level_and_pitch(self, store: SessionStore) -> tuple[float, float]:
        """Return the gain in dB and the MIDI pitch at the current morph; needs a model with notes."""
        patch, model = store.patch, store.model
        assert model is not None
        (gain_a, pitch_a), (gain_b, pitch_b) = (
            self._of_slot(slot, model, index, user_note)
            for slot, index, user_note in zip(SLOTS, (patch.slot_a, patch.slot_b), patch.user_notes, strict=True)
        )
        morph = patch.value("morph")
        return (1 - morph) * gain_a + morph * gain_b, (1 - morph) * pitch_a + morph * pitch_b

    def _of_slot(self, slot: Slot, model: Model, index: int, user_note: UserNote | None) -> tuple[float, int]:
        known = self._known.get(slot)
        if known is None or known[0] is not model or known[1:3] != (index, user_note):
            note = model.bank[index] if user_note is None else user_note.note()
            known = self._known[slot] = model, index, user_note, (note_center(note)[1], note.pitch)
        return known[3]


def decoded_frame(store: SessionStore, levels: SlotLevels) -> tuple[NDArray[np.floating], Array] | None:
    """Decode the sliders' latent vector at the slots' mean level, with its maximum there as the engine plays it.

    Returns:
        (frequencies in Hz [bins], level in dB re a full-scale sine [bins]); None without a model.
    """
    model = store.model
    if model is None:
        return None
    z = store.latents.values().astype(np.float32)[np.newaxis]
    gain_db, pitch = levels.level_and_pitch(store)
    frame: Array = model.decode(z, 0.0, pitch)[0]
    return frequencies_hz(model), frame + np.float32(gain_db + store.patch.offset_db - frame.max())


def frequencies_hz(model: Model) -> NDArray[np.float64]:
    """Return the bin frequencies of the model's frames, float64 [bins]."""
    spec = model.spec
    return np.arange(spec.bins, dtype=np.float64) * (spec.sample_rate / spec.n_fft)


class SpectrumView(QWidget):
    """Both spectra over logarithmic frequency. The view decodes at most once per screen refresh."""

    def __init__(self, subscriptions: Subscriptions, feed: TelemetryFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._feed = subscriptions.store, feed
        self._dirty = True  # whether the patch has changed since the last decoding
        self._levels = SlotLevels()
        self._drawing = SpectrumDrawing(self._store)
        self.canvas = SpectrumCanvas()
        self.canvas.stroke_began.connect(self._begin_stroke)
        self.canvas.stroke_moved.connect(self._move_stroke)
        self.canvas.stroke_ended.connect(self._end_stroke)
        self.canvas.setAccessibleName("Spectrum")
        self.canvas.setToolTip("The frame that the model decodes (line) and the measured output (area), dB over Hz")
        self._decoded_bands: LogBands | None = None
        self._bands = LogBands(feed.frequencies_hz, _POINTS)
        column = QVBoxLayout(self)
        tight(column, 0, 0)
        column.addWidget(self.canvas)
        subscriptions.on(ModelChanged, lambda _: self._forget_model())
        subscriptions.on(PatchChanged, lambda _: self._patch_changed())
        feed.ticked.connect(self.show_decoded)
        feed.spectrum.connect(self.show_output)

    def show_output(self, spectrum: Array) -> None:
        """Show a measured spectrum, dB [bins]."""
        self.canvas.show_output(self._bands.centers_hz, self._bands(spectrum[np.newaxis])[0])
        self.canvas.show_peak(peak_text(self._feed.frequencies_hz, spectrum))

    def show_decoded(self) -> None:
        """Decode and show a frame if the patch has changed."""
        if not self._dirty:
            return
        self._dirty = False
        found = decoded_frame(self._store, self._levels)
        if found is None:
            return
        frequencies, frame = found
        if self._decoded_bands is None:
            self._decoded_bands = LogBands(frequencies, _POINTS)
        self.canvas.show_decoded(self._decoded_bands.centers_hz, self._decoded_bands(frame[np.newaxis])[0])

    def show_effect(self, direction: NDArray[np.float64] | None) -> None:
        """Show the frame after moves of the latent vector by +-``direction`` [latent]; None shows nothing."""
        store = self._store
        if direction is None or store.model is None or self._decoded_bands is None:
            self.canvas.show_effect(None)
            return
        gain_db, pitch = self._levels.level_and_pitch(store)
        down, up = slider_effect(store.model, store.latents.values(), direction, gain_db, pitch)
        rows = self._decoded_bands(np.stack([down, up]))
        self.canvas.show_effect((self._decoded_bands.centers_hz, rows[0], rows[1]))

    def set_pencil(self, on: bool) -> None:
        """Let the mouse draw over the spectrum, or not."""
        self.canvas.set_pencil(on=on)

    def _begin_stroke(self) -> None:
        self._drawing.begin()

    def _move_stroke(self, hz: float, db: float) -> None:
        self._drawing.move(hz, db)
        model = self._store.model
        self._show_drawn(None if model is None or model.recurrent else self._drawing.apply())

    def _end_stroke(self) -> None:
        self._show_drawn(self._drawing.apply())

    def _show_drawn(self, missed_db: NDArray[np.float64] | None) -> None:
        """Show the stroke, and where the sound does not follow it; None while that is not known."""
        model, drawn_db = self._store.model, self._drawing.drawn_db()
        if model is None or not len(drawn_db):
            return
        missed = np.zeros_like(drawn_db) if missed_db is None else np.nan_to_num(missed_db)
        self.canvas.show_drawn((frequencies_hz(model), drawn_db, np.abs(missed) > OUT_OF_REACH_DB))

    def _forget_model(self) -> None:
        self.canvas.show_drawn(None)
        self._decoded_bands = None
        self._dirty = True

    def _patch_changed(self) -> None:
        self._dirty = True
        self._feed.follow_moves()
