"""MIDI learn on the controls: menu entries, a mark on controls with a learned controller, and Escape to cancel."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from synth_app.patch.target import PAD_X, PAD_Y
from synth_app.session.edit.midi_learn import LinkedControl, MidiLearn
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.control import ValueControl

_PAD_NAMES = {PAD_X: "horizontal", PAD_Y: "vertical"}


class ControllerMark(QLabel):
    """A mark in the corner of a widget: the controller's number, or that MIDI learn waits for one."""

    def __init__(self, owner: QWidget, corner: Callable[[], QPoint]) -> None:
        super().__init__(owner)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._owner, self._corner = owner, corner
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str, *, waiting: bool) -> None:
        """Show the text; "" hides the mark."""
        front, back = ("on_accent", "accent") if waiting else ("muted", "raised")
        self.setStyleSheet(
            f"background: {qcolor(back).name()}; color: {qcolor(front).name()}; border-radius: {px(3)}px;"
            f"font-size: {px(10)}px; padding: 0 {px(2)}px;"
        )
        self.setText(text)
        self._owner.removeEventFilter(self)
        if text:  # most marks are hidden and need no events
            self._owner.installEventFilter(self)
        self.adjustSize()
        self._move()
        self.setVisible(bool(text))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the widget is resized."""
        if event.type() == QEvent.Type.Resize:
            self._move()
        return False

    def _move(self) -> None:
        self.move(self._corner() - QPoint(self.width(), 0))


class MidiLinks(QObject):
    """Connects the controls of a window to MIDI learn, as long as they live."""

    def __init__(self, learn: MidiLearn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._learn = learn
        self._marks: dict[QWidget, tuple[ControllerMark, tuple[str, ...]]] = {}
        self._offered: set[str] = set()  # controls that MIDI learn can only move through the widget
        self._filtering = False
        self._end = learn.subscribe(self._show)

    def attach(self, root: QWidget) -> None:
        """Connect every control and pad below ``root`` that is not connected yet."""
        for control in root.findChildren(ValueControl):
            self._attach_control(control)
        pads: tuple[Pad | Canvas, ...] = (
            *root.findChildren(Pad),
            *root.findChildren(MapCanvas),
            *root.findChildren(MorphPad),
        )
        for pad in pads:
            self._connect(pad, (PAD_X, PAD_Y), partial(_pad_corner, pad))
        self._show()

    def end(self) -> None:
        """End the subscription."""
        self._end()
        self._listen(on=False)
        self._marks.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cancel MIDI learn by Escape while it waits for a controller; the key has no other effect then."""
        pressed = event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if not (pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape):
            return False
        self._learn.cancel()
        event.accept()
        return True

    def _attach_control(self, control: ValueControl) -> None:
        name = control.spec.name
        if control in self._marks:
            return
        if self._learn.control(name) is None or name in self._offered:
            self._offered.add(name)
            withdraw = self._learn.register(name, _linked(control))
            control.destroyed.connect(lambda *_: withdraw())
        self._connect(control, (name,), control.mark_position)

    def _connect(
        self, widget: ValueControl | Pad | Canvas, targets: tuple[str, ...], corner: Callable[[], QPoint]
    ) -> None:
        if widget in self._marks:
            return
        self._marks[widget] = (ControllerMark(widget, corner), targets)
        widget.menu_extras.append(partial(self._extend, targets))
        widget.destroyed.connect(lambda *_: self._marks.pop(widget, None))

    def _extend(self, targets: Iterable[str], menu: QMenu) -> None:
        menu.addSeparator()
        learned = self._learn.learned
        for target in targets:
            which = f" ({_PAD_NAMES[target]})" if target in _PAD_NAMES else ""
            menu.addAction(f"Learn MIDI{which}").triggered.connect(partial(self._arm, target))
            if target in learned:
                title = f"Forget {learned[target].title}{which}"
                menu.addAction(title).triggered.connect(partial(self._forget, target))

    def _arm(self, target: str, _checked: bool = False) -> None:
        self._learn.arm(target)

    def _forget(self, target: str, _checked: bool = False) -> None:
        self._learn.forget(target)

    def _show(self) -> None:
        learned, armed = self._learn.learned, self._learn.armed
        self._listen(on=armed is not None)
        for widget, (mark, targets) in self._marks.items():
            waiting = armed in targets
            numbers = " · ".join(str(learned[target].number) for target in targets if target in learned)
            short = isinstance(widget, ValueControl) and widget.short_mark
            mark.show_text(
                "MIDI…" if waiting else numbers if short or not numbers else f"CC {numbers}", waiting=waiting
            )
            titles = [f"{learned[target].title}" for target in targets if target in learned]
            mark.setAccessibleName("Waiting for a MIDI controller" if waiting else ", ".join(titles))

    def _listen(self, *, on: bool) -> None:
        app = QApplication.instance()
        if app is not None and on != self._filtering:
            self._filtering = on
            (app.installEventFilter if on else app.removeEventFilter)(self)


def _pad_corner(pad: QWidget) -> QPoint:
    """Return the position of the mark: top right, or between the upper cards of the morph pad."""
    right = pad.width() // 2 + px(30) if isinstance(pad, MorphPad) else pad.width() - px(6)
    return QPoint(right, px(6))


def _linked(control: ValueControl) -> LinkedControl:
    """Return how MIDI learn reads and moves a control."""
    spec = control.spec
    return LinkedControl(
        spec.label, control.normalized, lambda normalized: control.change(spec.from_normalized(normalized))
    )
