"""The gesture of the sound: record, play, loop; a curve per control, trimmed, made larger or smaller, taken out."""

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget

from synth_app.params import param
from synth_app.session import ModelChanged
from synth_app.ui.automation.automation_canvas import AutomationCanvas, seconds_text
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.axis_text import axis_label
from synth_app.ui.widgets.panel import Panel

_SWITCHES = (
    ("playing", "Play", "Play the gesture (Ctrl+Shift+L)"),
    ("looping", "Loop", "Begin again at its end; else it stays there"),
    ("with_keys", "Sync", "Begin with the first key of every phrase; else it runs on by itself"),
)
_EMPTY = "Press ● (Ctrl+L), play a key and move any control: it becomes a gesture that plays with your keys."
_ARMED = "Play a key: recording begins with it."
_RUNNING = "Recording what you move… press ● again to end."


class AutomationPanel(Panel):
    """Shows what the control's recorder and the store hold."""

    def __init__(self, subscriptions: Subscriptions, control: AutomationControl, parent: QWidget | None = None) -> None:
        super().__init__("Gesture", parent)
        self._store, self._control = subscriptions.store, control
        self._targets: tuple[str, ...] = ()
        self.title.setMinimumWidth(px(56))
        self.record = QToolButton()
        self.record.setCheckable(True)
        self.record.setProperty("kind", "quiet")
        self.record.setAccessibleName("Record gesture")
        self.record.clicked.connect(control.toggle_record)
        self.header.addWidget(self.record)
        self.switches = {what: self._switch(what, text, tip) for what, text, tip in _SWITCHES}
        self.chooser = QComboBox()
        self.chooser.setProperty("compact", True)
        self.chooser.setAccessibleName("Control of the gesture")
        self.chooser.setMinimumWidth(px(104))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.activated.connect(lambda _: self.show_state())
        self.header.addWidget(self.chooser, 1)
        self.buttons = {
            "More": self._button("More", "Let it move more", lambda: control.enlarge(self.target)),
            "Less": self._button("Less", "Let it move less", lambda: control.lessen(self.target)),
            "Clear": self._button("Clear", "Take it out of the gesture", lambda: control.clear(self.target)),
        }
        self.canvas = AutomationCanvas()
        self.canvas.trimmed.connect(control.trim)
        self.canvas.amount.connect(lambda way: (control.enlarge if way > 0 else control.lessen)(self.target))
        self.canvas.cleared.connect(lambda: control.clear(self.target))
        self.box.addWidget(self.canvas, 1)
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        control.changed.connect(self.show_state)
        control.moved.connect(self._show_place)
        self.show_state()

    @property
    def target(self) -> str | None:
        """The control whose curve is chosen; None for all."""
        row = self.chooser.currentIndex()
        return self._targets[row - 1] if row > 0 else None

    def show_state(self) -> None:
        """Show the gesture and what can be done with it."""
        recorder, moves = self._control.recorder, self._control.moves
        targets = tuple(curve.target for curve in moves.curves) if moves else ()
        if targets != self._targets or not self.chooser.count():
            self._fill(targets)
        for what, switch in self.switches.items():
            switch.setEnabled(moves is not None)
            switch.setChecked(moves is not None and getattr(moves, what))
        for widget in (self.chooser, *self.buttons.values()):
            widget.setEnabled(moves is not None)
        self.record.setEnabled(self._store.model is not None)
        self.record.setChecked(recorder.armed)
        self.record.setIcon(icon("stop" if recorder.armed else "record"))
        self.record.setToolTip("End the gesture (Ctrl+L)" if recorder.armed else "Record what you move (Ctrl+L)")
        sentence = _RUNNING if recorder.recording else _ARMED if recorder.armed else _EMPTY
        self.canvas.show_moves(None if recorder.armed and recorder.over is None else moves, self.target, sentence)
        self._show_place()

    def _fill(self, targets: tuple[str, ...]) -> None:
        chosen = self.target
        self._targets = targets
        self.chooser.clear()
        self.chooser.addItem("All controls")
        self.chooser.addItems([self._name(target) for target in targets])
        if chosen in targets:
            self.chooser.setCurrentIndex(1 + targets.index(chosen))

    def _name(self, target: str) -> str:
        """What the window calls a control."""
        model, number = self._store.model, target[1:]
        if not (target[:1] == "z" and number.isdigit()):
            return param(target).label
        dim = int(number) - 1
        return axis_label(model.card, dim) if model is not None and dim < len(self._store.ranges) else target

    def _show_place(self) -> None:
        recorder = self._control.recorder
        title = f"Gesture  {seconds_text(recorder.elapsed_s)}" if recorder.recording else "Gesture"
        if self.title.text() != title:
            self.title.setText(title)
        self.canvas.show_place(recorder.place_s())

    def _switch(self, what: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("kind", "segment")
        button.setAccessibleName(f"Gesture: {text.lower()}")
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._control.toggle(what))
        self.header.addWidget(button)
        return button

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(f"Gesture: {tip.lower()}")
        button.setToolTip(tip)
        button.clicked.connect(act)
        self.header.addWidget(button)
        return button
