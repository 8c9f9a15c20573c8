"""The spectrum: the frame that the model decodes where the sliders stand, and the measured output behind it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from synth_app.decoder import Model
from synth_app.modelfile import note_center
from synth_app.patch import UserNote
from synth_app.session import ModelChanged, PatchChanged, SessionStore
from synth_app.session.edit.latent_edits import slider_effect
from synth_app.ui.analyzers.signal_measures import peak_text
from synth_app.ui.analyzers.spectral import LogRows
from synth_app.ui.analyzers.spectrum_canvas import SpectrumCanvas
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import tight

Array = NDArray[np.float32]
_POINTS = 320


def decoded_frame(store: SessionStore) -> tuple[NDArray[np.floating], Array] | None:
    """What the model makes of the sliders' code, at the slots' mean level.

    Returns:
        (frequencies in Hz [bins], dB re full-scale sine [bins]), None without a model.
    """
    model = store.model
    if model is None:
        return None
    z = store.latent_values().astype(np.float32)[np.newaxis]
    frame: Array = model.decode(z, *level_and_pitch(store))[0]
    return frequencies_hz(model), frame


def level_and_pitch(store: SessionStore) -> tuple[float, float]:
    """Gain in dB and MIDI pitch of the slots' sounds at the present morph; needs a model with notes."""
    patch, model = store.patch, store.model
    assert model is not None
    (gain_a, pitch_a), (gain_b, pitch_b) = (
        _level_and_pitch(model, index, own)
        for index, own in zip((patch.slot_a, patch.slot_b), patch.custom, strict=True)
    )
    morph = patch.value("morph")
    return (1 - morph) * gain_a + morph * gain_b, (1 - morph) * pitch_a + morph * pitch_b


@lru_cache(maxsize=4)
def _level_and_pitch(model: Model, index: int, own: UserNote | None) -> tuple[float, int]:
    """Of what is in a slot: the bank's note, or one of its own."""
    note = model.bank[index] if own is None else own.note()
    return note_center(note)[1], note.pitch


def frequencies_hz(model: Model) -> NDArray[np.float64]:
    """Bin frequencies of the model's frames."""
    spec = model.spec
    return np.arange(spec.bins, dtype=np.float64) * (spec.sample_rate / spec.n_fft)


class SpectrumView(QWidget):
    """Both curves over logarithmic frequency; decodes at most once per screen refresh."""

    def __init__(self, subscriptions: Subscriptions, feed: TelemetryFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._feed = subscriptions.store, feed
        self._dirty = True
        self.canvas = SpectrumCanvas()
        self.canvas.setAccessibleName("Spectrum")
        self.canvas.setToolTip("The frame that the model decodes (line) and the measured output (area), dB over Hz")
        self._decoded_rows: LogRows | None = None
        self._rows = LogRows(feed.frequencies_hz, _POINTS)
        column = QVBoxLayout(self)
        tight(column, 0, 0)
        column.addWidget(self.canvas)
        subscriptions.on(ModelChanged, lambda _: self._forget_model())
        subscriptions.on(PatchChanged, lambda _: self._mark())
        feed.ticked.connect(self.show_decoded)
        feed.spectrum.connect(self.show_output)

    def show_output(self, spectrum: Array) -> None:
        """Draw a measured spectrum, dB [bins]."""
        self.canvas.show_output(self._rows.centers_hz, self._rows(spectrum[np.newaxis])[0])
        self.canvas.show_peak(peak_text(self._feed.frequencies_hz, spectrum))

    def show_decoded(self) -> None:
        """Draw the decoded frame if the sound changed since."""
        if not self._dirty:
            return
        self._dirty = False
        found = decoded_frame(self._store)
        if found is None:
            return
        frequencies, frame = found
        if self._decoded_rows is None:
            self._decoded_rows = LogRows(frequencies, _POINTS)
        self.canvas.show_decoded(self._decoded_rows.centers_hz, self._decoded_rows(frame[np.newaxis])[0])

    def show_effect(self, direction: NDArray[np.float64] | None) -> None:
        """Show what moving the code by ``direction`` [latent] would make of the frame, both ways; None shows none."""
        store = self._store
        if direction is None or store.model is None or self._decoded_rows is None:
            self.canvas.show_effect(None)
            return
        gain_db, pitch = level_and_pitch(store)
        down, up = slider_effect(store.model, store.latent_values(), direction, gain_db, pitch)
        rows = self._decoded_rows(np.stack([down, up]))
        self.canvas.show_effect((self._decoded_rows.centers_hz, rows[0], rows[1]))

    def _forget_model(self) -> None:
        self._decoded_rows = None
        self._dirty = True

    def _mark(self) -> None:
        self._dirty = True
        self._feed.moved()
