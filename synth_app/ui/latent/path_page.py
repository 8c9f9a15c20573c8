"""The page of latent paths: one dimension of a slot's note over time, with its loop."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pyqtgraph as pg

from synth_app.handles import dimension_label
from synth_app.params import ParamSpec
from synth_app.patch import UserNote
from synth_app.session import ModelChanged, PatchChanged, Slot
from synth_app.session.edit import path_edit
from synth_app.session.edit.curve_points import Floats
from synth_app.ui.graphs.axis import seconds_tick
from synth_app.ui.graphs.curve_page import CurvePage, ShownCurve
from synth_app.ui.graphs.point_editor import Handle
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.widgets.panel import compact_combo
from synth_app.ui.widgets.segments import Segments
from synth_app.ui.widgets.value_format import LATENT_GROUP, format_value

_SMOOTH_FRAMES = 6
_SLOTS: tuple[tuple[Slot, str, str], ...] = (
    ("a", "Slot A", "Edit the note in slot A"),
    ("b", "Slot B", "Edit the note in slot B"),
)
Step = Callable[..., AbstractContextManager[None]]


class PathPage(CurvePage):
    """Edits what a slot plays. The first edit turns a bank note into a user note.

    Args:
        subscriptions: to the store.
        step: makes the changes inside it one undo step of that name.
        dim: latent dimension that is shown first.
    """

    def __init__(self, subscriptions: Subscriptions, step: Step, dim: int = 0) -> None:
        super().__init__("Latent path", format_value)
        self._store, self._step = subscriptions.store, step
        self.slots = Segments("Slot of the path", _SLOTS)
        self.slots.chosen.connect(lambda _: self.show_state())
        self.dimension = compact_combo("Dimension of the path", min_width=150)
        self.dimension.activated.connect(lambda _: self.show_state())
        self.tools.addWidget(self.slots)
        self.tools.addWidget(self.dimension, 1)
        self.tools.addStretch(1)
        self.smooth = self.add_button("Smooth", "Remove fast changes of the curve")
        self.smooth.clicked.connect(self._smooth)
        self.restore = self.add_button("Restore", "Take this dimension of the bank note again")
        self.restore.clicked.connect(self._restore)
        self.add_graph()
        self._loop = pg.LinearRegionItem(
            movable=False, brush=pg.mkBrush(qcolor("band", 70)), pen=pg.mkPen(qcolor("border"))
        )
        self._loop.setZValue(-10)
        self.editor.addItem(self._loop, ignoreBounds=True)
        subscriptions.on(ModelChanged, lambda _: self._show_model(0))
        subscriptions.on(PatchChanged, self._patch_changed)
        self._show_model(dim)

    @property
    def slot(self) -> Slot:
        """The slot that is shown."""
        return "a" if self.slots.choice == "a" else "b"

    @property
    def dim(self) -> int:
        """The dimension that is shown, counted from 0."""
        return max(self.dimension.currentIndex(), 0)

    def chosen(self) -> str:
        """Return what is shown, for ``show_chosen``."""
        return f"{self.slot}{self.dim}"

    def show_chosen(self, chosen: str) -> None:
        """Show what another page showed."""
        self.slots.show_choice(chosen[:1])
        self.dimension.setCurrentIndex(min(int(chosen[1:]), self.dimension.count() - 1))
        self.show_state()

    def show_state(self) -> None:
        """Show the session's path, its loop and the bank note's path."""
        super().show_state()
        note, shown, original = self._note(), self.shown, self._original()
        self.smooth.setEnabled(note is not None)
        self.restore.setEnabled(original is not None and note is not None and self._differs(note, original))
        self._loop.setVisible(note is not None)
        if note is None or shown is None:
            self.ghost.setData([], [])
            return
        self._loop.setRegion(tuple(mark / shown.rate_hz for mark in note.marks[1:3]))
        ghost = original if original is not None else np.zeros(0)
        self.ghost.setData(np.arange(len(ghost)) / shown.rate_hz, ghost)

    def read(self) -> ShownCurve | None:
        """Return the dimension of the slot's path."""
        note, model = self._note(), self._store.model
        if note is None or model is None:
            return None
        low, high = (float(end) for end in self._store.ranges[self.dim])
        name = dimension_label(model, self.dim)
        spec = ParamSpec(f"z{self.dim + 1}", name, "", low, high, 0.0, "linear", 0, LATENT_GROUP, "")
        rate_hz = model.spec.sample_rate / model.spec.hop_length
        self.editor.left.setLabel(name)
        return ShownCurve(note.codes()[:, self.dim].astype(np.float64), rate_hz, 0.0, low, high, spec, filled=False)

    def write(self, values: Floats) -> None:
        """Put the changed note into the slot."""
        note = self._note()
        if note is not None:
            self._put(path_edit.set_curve(note, self.dim, values))

    def tempo_bpm(self) -> float:
        """Return the patch's tempo."""
        return self._store.patch.value("tempo_bpm")

    def reset_level(self, which: int) -> float | None:
        """Return the bank note's value there; None for a note that is not from the bank."""
        original = self._original()
        return None if original is None else float(original[self.edited.curve.points[which]])

    def extra_handles(self) -> tuple[Handle, ...]:
        """Return the ends of the loop, at the lower edge."""
        note, shown = self._note(), self.shown
        if note is None or shown is None:
            return ()
        ends = ((note.marks[1], "Loop start"), (note.marks[2], "Loop end"))
        base = min(shown.low, float(shown.values.min()))
        return tuple(
            Handle(mark / shown.rate_hz, base, f"{name} {seconds_tick(mark / shown.rate_hz)}", moves_y=False)
            for mark, name in ends
        )

    def extra_moved(self, which: int, x: float) -> None:
        """Move an end of the loop; it does not pass the other one."""
        note, shown = self._note(), self.shown
        if note is None or shown is None:
            return
        start, end = note.marks[1:3]
        mark = round(x * shown.rate_hz)
        if which == 0:
            self._put(path_edit.set_loop(note, min(mark, end - 1), end))
        else:
            self._put(path_edit.set_loop(note, start, max(mark, start + 1)))

    # ---- internal

    def _note(self) -> UserNote | None:
        """Return what the slot plays, as a user note that can be edited."""
        user_note = self._store.patch.user_notes["ab".index(self.slot)]
        note = self._store.slots.note(self.slot)
        return user_note if user_note is not None or note is None else UserNote.of(note)

    def _original(self) -> Floats | None:
        """Return the dimension of the slot's bank note; None if the slot plays a note of another length."""
        note, bank, patch = self._note(), self._store.bank, self._store.patch
        if note is None or not bank:
            return None
        of_bank = bank[patch.slot_a if self.slot == "a" else patch.slot_b]
        same = len(of_bank.z) == len(note.gains()) and of_bank.instrument == note.name
        return of_bank.z[:, self.dim].astype(np.float64) if same else None

    def _differs(self, note: UserNote, original: Floats) -> bool:
        return not np.array_equal(note.codes()[:, self.dim], original.astype(np.float32))

    def _put(self, note: UserNote) -> None:
        with self._step("Latent path", grows=True):
            self._store.slots.edit_user_note(self.slot, note)

    def _smooth(self) -> None:
        note = self._note()
        if note is not None:
            self._put(path_edit.smooth(note, self.dim, _SMOOTH_FRAMES))

    def _restore(self) -> None:
        original = self._original()
        if original is not None:
            self.write(original)

    def _show_model(self, dim: int) -> None:
        self.dimension.clear()
        model = self._store.model
        if model is not None:
            self.dimension.addItems([dimension_label(model, each) for each in range(model.card.latent_size)])
            self.dimension.setCurrentIndex(min(dim, self.dimension.count() - 1))
        self.show_state()

    def _patch_changed(self, change: PatchChanged) -> None:
        before, after = change.before, change.after
        same = (before.slot_a, before.slot_b, before.user_notes) == (after.slot_a, after.slot_b, after.user_notes)
        if not same or "tempo_bpm" in change.params:
            self.show_state()
