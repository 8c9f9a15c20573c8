"""Connects the automation recorder to the window: keys start it, actions and the panel control it."""

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
from synth_app.ui.theme.theme import reduced_motion

_TICK_MS = 40  # between two updates of the playing position
_SCALE = 1.25


class AutomationControl(QObject):
    """Records, edits and follows the automation of the patch.

    Signals:
        changed: the automation or the recorder's state has changed.
        position_changed: it plays at another position.
        message: a text for the user.

    Args:
        store: the session.
        notes: the notes that keys play; the first one starts a recording.
        step: makes the changes inside one undo step, by name; with ``grows``, later calls in a drag or burst join it.
        parent: Qt's parent.
    """

    changed = Signal()
    position_changed = Signal()
    message = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        notes: NotePlayer,
        step: Callable[..., AbstractContextManager[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store, self._notes, self._step = store, notes, step
        self.recorder = AutomationRecorder(store, step)
        notes.held_changed.connect(self._keys_changed)
        self._unsubscribe = store.subscribe(PatchChanged, self._patch_changed)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tick)

    @property
    def automation(self) -> Automation | None:
        """The automation of the patch."""
        return self.store.patch.automation

    def close(self) -> None:
        """Stop recording and stop following the store."""
        self._clock.stop()
        self.recorder.cancel()
        self.recorder.close()
        self._unsubscribe()

    # ---- recording

    def toggle_record(self) -> None:
        """Start to record with the next key; or stop, and play what was recorded."""
        recorder = self.recorder
        if self.store.model is None:
            self.message.emit("No model is loaded: choose a model first, then record automation")
        elif not recorder.armed:
            recorder.arm()
            self.message.emit(
                "Recording your moves" if recorder.recording else "Automation: play a key, then move any control"
            )
        elif not recorder.recording:
            recorder.cancel()
            self.message.emit("No automation recorded: no key was played")
        elif recorder.finish():
            self.message.emit("Automation recorded: it plays with every phrase")
        else:
            self.message.emit("No automation recorded: no control was moved")
        self._show()

    # ---- playing and editing

    def toggle(self, field: str) -> None:
        """Turn the field ``playing``, ``looping`` or ``with_keys`` on or off."""
        automation = self.automation
        if automation is not None:
            change: dict[str, Any] = {field: not getattr(automation, field)}
            self.set_automation(replace(automation, **change))

    def scale_up(self, target: str | None) -> None:
        """Scale the moves of one control up; of all for None."""
        self.edit(lambda automation: scale(automation, target, _SCALE))

    def scale_down(self, target: str | None) -> None:
        """Scale the moves of one control down; of all for None."""
        self.edit(lambda automation: scale(automation, target, 1.0 / _SCALE))

    def clear(self, target: str | None) -> None:
        """Remove the moves of one control; of all for None."""
        self.edit(lambda automation: None if target is None else clear(automation, target))

    def trim(self, start_s: float, end_s: float) -> None:
        """Keep only the moves between two times in seconds."""
        self.edit(lambda automation: trim(automation, start_s, end_s))

    def edit(self, edit: Callable[[Automation], Automation | None], *, grows: bool = False) -> None:
        """Replace the automation by an edited one, as an undo step; with ``grows`` a drag is one step."""
        if self.automation is not None:
            self.set_automation(edit(self.automation), grows=grows)

    def set_automation(self, automation: Automation | None, *, grows: bool = False) -> None:
        """Set the automation, as an undo step; with ``grows`` a drag is one step."""
        with self._step("Automation", grows=grows):
            self.store.set_automation(automation)

    # ---- internal

    def _keys_changed(self) -> None:
        before = self.recorder.recording
        self.recorder.keys_held(bool(self._notes.held))
        if self.recorder.recording != before:
            self._show()
        self._run_clock()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.automation != change.after.automation or change.before.model != change.after.model:
            self._show()

    def _show(self) -> None:
        self._run_clock()
        self.changed.emit()

    def _run_clock(self) -> None:
        """Tick only while a position or a recording time is shown."""
        shown = self.recorder.position_s() is not None and not reduced_motion()
        if self.recorder.recording or shown:
            if not self._clock.isActive():
                self._clock.start()
        elif self._clock.isActive():
            self._clock.stop()
            self.position_changed.emit()

    def _tick(self) -> None:
        if self.recorder.recording and self.recorder.elapsed_s >= MAX_AUTOMATION_S:
            self.toggle_record()
        self.position_changed.emit()
