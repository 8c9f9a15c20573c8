"""The panel of the patch's automation: record, play, loop, trim, scale and clear the curves of controls."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from synth_app.session import ModelChanged, PatchChanged
from synth_app.ui.automation.automation_canvas import AutomationCanvas, seconds_text
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.widgets.axis_text import target_label
from synth_app.ui.widgets.panel import Panel, compact_combo

_SWITCHES = (
    ("playing", "Play", "Play the automation (Ctrl+Shift+L)"),
    ("looping", "Loop", "On: the automation restarts at its end. Off: it stays at its end"),
    ("with_keys", "Sync", "On: the automation starts with the first key of every phrase. Off: it runs freely"),
)
_EMPTY = "Press ● (Ctrl+L), play a key and move any control. The moves are recorded and play with your keys."
_ARMED = "Play a key to start the recording."
_RUNNING = "Recording your moves… press ● again to stop."


class AutomationPanel(Panel):
    """Shows the recorder's state and the store's automation.

    ``edit_requested`` emits the control whose graph should open, "" for the first.
    """

    edit_requested = Signal(str)

    def __init__(self, subscriptions: Subscriptions, control: AutomationControl, parent: QWidget | None = None) -> None:
        super().__init__("Automation", parent)
        self._store, self._control = subscriptions.store, control
        self._targets: tuple[str, ...] = ()
        self.record = QToolButton()
        self.record.setCheckable(True)
        self.record.setProperty("kind", "quiet")
        self.record.setAccessibleName("Record automation")
        self.record.clicked.connect(control.toggle_record)
        self.header.addWidget(self.record)
        self.switches = {field: self._switch(field, text, tip) for field, text, tip in _SWITCHES}
        self.chooser = compact_combo("Automated control", min_width=64)
        self.chooser.activated.connect(lambda _: self.show_state())
        self.header.addWidget(self.chooser, 1)
        self.buttons = {
            "More": self._button("More", "Scale the moves up", lambda: control.scale_up(self.target)),
            "Less": self._button("Less", "Scale the moves down", lambda: control.scale_down(self.target)),
            "Clear": self._button("Clear", "Remove the moves", lambda: control.clear(self.target)),
        }
        self.edit_button = self.add_edit_button(
            "Edit the curves by points in a window", lambda: self.edit_requested.emit(self.target or "")
        )
        self.canvas = AutomationCanvas()
        self.canvas.trim_requested.connect(control.trim)
        self.canvas.scale_requested.connect(
            lambda direction: (control.scale_up if direction > 0 else control.scale_down)(self.target)
        )
        self.canvas.clear_requested.connect(lambda: control.clear(self.target))
        self.box.addWidget(self.canvas, 1)
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        subscriptions.on(PatchChanged, self._patch_changed)
        control.changed.connect(self.show_state)
        control.position_changed.connect(self._show_position)
        self.show_state()

    @property
    def target(self) -> str | None:
        """The control whose curve is selected; None for all."""
        row = self.chooser.currentIndex()
        return self._targets[row - 1] if row > 0 else None

    def show_state(self) -> None:
        """Show the automation, and enable the actions that are possible."""
        recorder, automation = self._control.recorder, self._control.automation
        targets = tuple(curve.target for curve in automation.curves) if automation else ()
        self._fill(targets)
        for field, switch in self.switches.items():
            switch.setEnabled(automation is not None)
            switch.setChecked(automation is not None and getattr(automation, field))
        for widget in (self.chooser, *self.buttons.values()):
            widget.setEnabled(automation is not None)
        self.record.setEnabled(self._store.model is not None)
        self.record.setChecked(recorder.armed)
        self.record.setIcon(icon("stop" if recorder.armed else "record"))
        self.record.setToolTip("Stop recording (Ctrl+L)" if recorder.armed else "Record your moves (Ctrl+L)")
        empty_text = _RUNNING if recorder.recording else _ARMED if recorder.armed else _EMPTY
        self.canvas.show_automation(
            None if recorder.armed and recorder.over is None else automation, self.target, empty_text
        )
        self._show_position()

    def _fill(self, targets: tuple[str, ...]) -> None:
        names = ["All", *(target_label(target, self._store.model, self._store.patch) for target in targets)]
        if targets == self._targets and names == [self.chooser.itemText(i) for i in range(self.chooser.count())]:
            return
        chosen, self._targets = self.target, targets
        self.chooser.clear()
        self.chooser.addItems(names)
        if chosen in targets:
            self.chooser.setCurrentIndex(1 + targets.index(chosen))

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.macro_names != change.after.macro_names:
            self.show_state()

    def _show_position(self) -> None:
        recorder = self._control.recorder
        title = f"Recording  {seconds_text(recorder.elapsed_s)}" if recorder.recording else "Automation"
        if self.title.text() != title:
            self.title.setText(title)
        self.canvas.show_position(recorder.position_s())

    def _switch(self, field: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("kind", "segment")
        button.setAccessibleName(f"Automation: {text.lower()}")
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._control.toggle(field))
        self.header.addWidget(button)
        return button

    def _button(self, text: str, tip: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(f"Automation: {tip.lower()}")
        button.setToolTip(tip)
        button.clicked.connect(action)
        self.header.addWidget(button)
        return button
