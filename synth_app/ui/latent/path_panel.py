"""The latent path of the note in slot A: draw, shift, scale or smooth it, move its loop, draw a morph."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from synth_app.handles import dimension_label
from synth_app.modelfile import NoteMarks, held_loop
from synth_app.patch import UserNote
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.edit.path_edit import MORPH_REACH, draw, morph_over_time, scale, set_loop, shift, smooth
from synth_app.ui.latent.path_canvas import PathCanvas
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import Panel, compact_combo

_Edit = Callable[[UserNote, int, float], UserNote]  # note, dimension, range of its slider
_SHIFT_FRACTION, _SCALE, _SMOOTH_FRAMES = 0.05, 1.25, 6


class PathPanel(Panel):
    """Edits what slot A plays. The first edit turns a bank note into a user note.

    ``edit_requested`` emits what the graph should show, as ``PathPage.chosen``.
    """

    edit_requested = Signal(str)

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("Latent path", parent)
        self._store = subscriptions.store
        self._pair: tuple[UserNote, UserNote] | None = None  # the notes that a drawn morph mixes
        self._morph: NDArray[np.float64] = np.zeros(0)
        self._last_written: UserNote | None = None  # the note that this panel has written last
        self.chooser = compact_combo("Dimension of the path", min_width=130)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow)
        self.chooser.activated.connect(lambda _: self.show_state())
        self.header.addWidget(self.chooser)
        edits: tuple[tuple[str, str, _Edit], ...] = (
            ("Up", "Shift the curve up", lambda note, dim, span: shift(note, dim, _SHIFT_FRACTION * span)),
            ("Down", "Shift the curve down", lambda note, dim, span: shift(note, dim, -_SHIFT_FRACTION * span)),
            ("More", "Scale the curve up", lambda note, dim, _: scale(note, dim, _SCALE)),
            ("Less", "Scale the curve down", lambda note, dim, _: scale(note, dim, 1 / _SCALE)),
            ("Smooth", "Remove fast changes", lambda note, dim, _: smooth(note, dim, _SMOOTH_FRAMES)),
        )
        self.buttons = {text: self._button(text, tip, edit) for text, tip, edit in edits}
        self.edit_button = self.add_edit_button(
            "Edit the path by points in a window", lambda: self.edit_requested.emit(f"a{self.dim or 0}")
        )
        self.canvas = PathCanvas()
        self.canvas.drawn.connect(self._draw_stroke)
        self.canvas.loop_changed.connect(self._set_loop)
        self.box.addWidget(self.canvas, 1)
        subscriptions.on(ModelChanged, lambda _: self._show_model())
        subscriptions.on(PatchChanged, self._patch_changed)
        self._show_model()

    @property
    def dim(self) -> int | None:
        """The dimension shown; None for the morph."""
        return self.chooser.currentIndex() - 1 if self.chooser.currentIndex() > 0 else None

    def show_state(self) -> None:
        """Show the store's curve."""
        note, dim = self._store.slots.note("a"), self.dim
        for button in self.buttons.values():
            button.setEnabled(note is not None and dim is not None)
        if note is None:
            self.canvas.show_curve(np.zeros(0), (0.0, 1.0), (0, 0, 1, 1))
            return
        marks = note.marks
        ends = (marks.attack_end, *self._loop(marks), marks.release_start)
        if dim is None:
            if len(self._morph) != len(note.z):
                self._morph = np.zeros(len(note.z))
            self.canvas.show_curve(self._morph, MORPH_REACH, ends)
        else:
            low, high = self._store.ranges[dim]
            self.canvas.show_curve(note.z[:, dim].astype(np.float64), (float(low), float(high)), ends)

    def _loop(self, marks: NoteMarks) -> tuple[int, int]:
        """Return the part that a held note moves in, in frames."""
        model = self._store.model
        return (marks.loop_start, marks.loop_end) if model is None else held_loop(marks, 1.0 / model.spec.hop_seconds)

    def _button(self, text: str, tip: str, edit: _Edit) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(f"Path: {tip.lower()}")
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._edit(edit))
        self.header.addWidget(button)
        return button

    def _show_model(self) -> None:
        self._pair, self._last_written = None, None
        model = self._store.model
        self.chooser.clear()
        if model is not None:
            self.chooser.addItem("Morph A → B")
            self.chooser.addItems([dimension_label(model, dim) for dim in range(len(self._store.ranges))])
            self.chooser.setCurrentIndex(1)
        self.show_state()

    def _patch_changed(self, change: PatchChanged) -> None:
        before, after = change.before, change.after
        if (before.slot_a, before.slot_b, before.user_notes) != (after.slot_a, after.slot_b, after.user_notes):
            if after.user_notes[0] is not self._last_written:
                self._pair, self._morph = None, np.zeros(0)
            self.show_state()

    def _note(self) -> UserNote | None:
        """Return what slot A plays, as a user note that can be edited."""
        user_note, note = self._store.patch.user_notes[0], self._store.slots.note("a")
        return user_note if user_note is not None or note is None else UserNote.of(note)

    def _write_note(self, note: UserNote) -> None:
        self._last_written = note
        self._store.slots.edit_user_note("a", note)

    def _edit(self, edit: _Edit) -> None:
        note, dim = self._note(), self.dim
        if note is not None and dim is not None:
            low, high = self._store.ranges[dim]
            self._write_note(edit(note, dim, float(high - low)))

    def _draw_stroke(self, points: list[tuple[int, float]]) -> None:
        note, dim = self._note(), self.dim
        if note is None:
            return
        if dim is not None:
            self._write_note(draw(note, dim, points))
            return
        other = self._store.slots.note("b")
        if other is None:
            return
        if self._pair is None:
            self._pair = (note, self._store.patch.user_notes[1] or UserNote.of(other))
        frames, values = zip(*sorted(points), strict=True)
        span = np.arange(frames[0], frames[-1] + 1)
        curve = self._morph.copy()
        curve[span] = np.interp(span, frames, values)
        self._morph = curve
        n = max(len(curve) - 1, 1)
        self._write_note(morph_over_time(*self._pair, [(i / n, float(value)) for i, value in enumerate(curve)]))

    def _set_loop(self, start: int, end: int) -> None:
        note = self._note()
        if note is not None:
            self._write_note(set_loop(note, start, end))
