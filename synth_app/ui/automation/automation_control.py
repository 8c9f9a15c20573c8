"""Joins the gesture recorder to the window: keys start it, actions and the panel drive it, a clock shows it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.patch import MAX_AUTOMATION_S, Automation
from synth_app.session import PatchChanged, SessionStore
from synth_app.session.edit.automation_recorder import AutomationRecorder
from synth_app.session.state.automation_edit import clear, scale, trim
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.theme.theme import calm

_SHOWN_MS = 40  # between two pictures of where it plays
_LARGER = 1.25


class AutomationControl(QObject):
    """One for the window's life. ``changed``: another gesture or state; ``moved``: it plays at another place."""

    changed = Signal()
    moved = Signal()
    told = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        notes: NotePlayer,
        step: Callable[[str], AbstractContextManager[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store, self._notes, self._step = store, notes, step
        self.recorder = AutomationRecorder(store, step)
        notes.held_changed.connect(self._keys_changed)
        self._end = store.subscribe(PatchChanged, self._patch_changed)
        self._clock = QTimer(self)
        self._clock.setInterval(_SHOWN_MS)
        self._clock.timeout.connect(self._tick)

    @property
    def moves(self) -> Automation | None:
        """The sound's gesture."""
        return self.store.patch.gesture

    def close(self) -> None:
        """Record and show nothing any more."""
        self._clock.stop()
        self.recorder.cancel()
        self.recorder.close()
        self._end()

    # ---- recording

    def toggle_record(self) -> None:
        """Begin with the next key; or end, and play what was recorded."""
        recorder = self.recorder
        if self.store.model is None:
            self.told.emit("no model is loaded yet: choose one first, then record a gesture")
        elif not recorder.armed:
            recorder.arm()
            self.told.emit(
                "Recording what you move" if recorder.recording else "Gesture: play a key, then move any control"
            )
        elif not recorder.recording:
            recorder.cancel()
            self.told.emit("No gesture recorded: no key was played")
        elif recorder.finish():
            self.told.emit("Gesture recorded: it plays with every phrase")
        else:
            self.told.emit("No gesture recorded: nothing was moved")
        self._show()

    # ---- playing and editing

    def toggle(self, what: str) -> None:
        """Turn ``playing``, ``looping`` or ``with_keys`` on or off."""
        moves = self.moves
        if moves is not None:
            turned: dict[str, Any] = {what: not getattr(moves, what)}
            self._put(replace(moves, **turned))

    def enlarge(self, target: str | None) -> None:
        """More of one control's part, or of all."""
        self._edit(lambda moves: scale(moves, target, _LARGER))

    def lessen(self, target: str | None) -> None:
        """Less of it."""
        self._edit(lambda moves: scale(moves, target, 1.0 / _LARGER))

    def clear(self, target: str | None) -> None:
        """Without one control's part, or without any."""
        self._edit(lambda moves: None if target is None else clear(moves, target))

    def trim(self, start_s: float, end_s: float) -> None:
        """Only what lies between two times."""
        self._edit(lambda moves: trim(moves, start_s, end_s))

    # ---- inside

    def _edit(self, edit: Callable[[Automation], Automation | None]) -> None:
        if self.moves is not None:
            self._put(edit(self.moves))

    def _put(self, moves: Automation | None) -> None:
        with self._step("Gesture"):
            self.store.put_gesture(moves)

    def _keys_changed(self) -> None:
        before = self.recorder.recording
        self.recorder.keys_held(bool(self._notes.held))
        if self.recorder.recording != before:
            self._show()
        self._run_clock()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.gesture != change.after.gesture or change.before.model != change.after.model:
            self._show()

    def _show(self) -> None:
        self._run_clock()
        self.changed.emit()

    def _run_clock(self) -> None:
        """Tick only while something is to be seen moving."""
        shown = self.recorder.place_s() is not None and not calm()
        if self.recorder.recording or shown:
            if not self._clock.isActive():
                self._clock.start()
        elif self._clock.isActive():
            self._clock.stop()
            self.moved.emit()

    def _tick(self) -> None:
        if self.recorder.recording and self.recorder.elapsed_s >= MAX_AUTOMATION_S:
            self.toggle_record()
        self.moved.emit()
