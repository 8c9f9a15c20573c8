"""MIDI learn on the controls: the menu's entries, a mark on what has a controller, Escape to leave it."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from synth_app.patch.target import PAD_X, PAD_Y
from synth_app.session.edit.midi_learn import Handle, MidiLearn
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from synth_app.ui.theme.theme import COLORS, px
from synth_app.ui.widgets.control import ValueControl

_PAD_NAMES = {PAD_X: "horizontal", PAD_Y: "vertical"}


class Mark(QLabel):
    """A small sign in a corner of a widget: the controller's number, or that one is waited for."""

    def __init__(self, owner: QWidget, place: Callable[[], QPoint]) -> None:
        super().__init__(owner)
        self._owner, self._place = owner, place
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str, *, waiting: bool) -> None:
        """Show it; "" hides the mark."""
        front, back = ("on_accent", "accent") if waiting else ("muted", "raised")
        self.setStyleSheet(
            f"background: {getattr(COLORS, back)}; color: {getattr(COLORS, front)}; border-radius: {px(3)}px;"
            f"font-size: {px(10)}px; padding: 0 {px(2)}px;"
        )
        self.setText(text)
        self._owner.removeEventFilter(self)
        if text:  # hidden marks are most: they needn't see every event of their controls go by
            self._owner.installEventFilter(self)
        self.adjustSize()
        self._move()
        self.setVisible(bool(text))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize:
            self._move()
        return False

    def _move(self) -> None:
        self.move(self._place() - QPoint(self.width(), 0))


class MidiLinks(QObject):
    """Ties the controls of a window to the desk, as long as they live."""

    def __init__(self, desk: MidiLearn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._marks: dict[QWidget, tuple[Mark, tuple[str, ...]]] = {}
        self._offered: set[str] = set()  # names of such controls
        self._filtering = False
        self._end = desk.subscribe(self._show)

    def attach(self, root: QWidget) -> None:
        """Tie every control and pad below ``root`` that is not tied yet."""
        for control in root.findChildren(ValueControl):
            self._attach_control(control)
        pads: tuple[Pad | Canvas, ...] = (
            *root.findChildren(Pad),
            *root.findChildren(MapCanvas),
            *root.findChildren(MorphPad),
        )
        for pad in pads:
            self._tie(pad, (PAD_X, PAD_Y), partial(_pad_corner, pad))
        self._show()

    def end(self) -> None:
        """Let go of the desk."""
        self._end()
        self._listen(on=False)
        self._marks.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While a controller is waited for, Escape ends that and does nothing else."""
        pressed = event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if not (pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape):
            return False
        self._desk.cancel()
        event.accept()
        return True

    def _attach_control(self, control: ValueControl) -> None:
        name = control.spec.name
        if control in self._marks:
            return
        if self._desk.handle(name) is None or name in self._offered:  # of a kind that the desk does not know
            self._offered.add(name)
            withdraw = self._desk.register(name, _handle_of(control))
            control.destroyed.connect(lambda *_: withdraw())
        self._tie(control, (name,), control.mark_position)

    def _tie(self, widget: ValueControl | Pad | Canvas, targets: tuple[str, ...], place: Callable[[], QPoint]) -> None:
        if widget in self._marks:
            return
        self._marks[widget] = (Mark(widget, place), targets)
        widget.menu_extras.append(partial(self._extend, targets))
        widget.destroyed.connect(lambda *_: self._marks.pop(widget, None))

    def _extend(self, targets: Iterable[str], menu: QMenu) -> None:
        menu.addSeparator()
        learned = self._desk.learned
        for target in targets:
            which = f" ({_PAD_NAMES[target]})" if target in _PAD_NAMES else ""
            menu.addAction(f"Learn MIDI{which}").triggered.connect(partial(self._arm, target))
            if target in learned:
                title = f"Forget {learned[target].title}{which}"
                menu.addAction(title).triggered.connect(partial(self._forget, target))

    def _arm(self, target: str, _checked: bool = False) -> None:
        self._desk.arm(target)

    def _forget(self, target: str, _checked: bool = False) -> None:
        self._desk.forget(target)

    def _show(self) -> None:
        learned, armed = self._desk.learned, self._desk.armed
        self._listen(on=armed is not None)
        for widget, (mark, targets) in self._marks.items():
            waiting = armed in targets
            numbers = " · ".join(str(learned[target].number) for target in targets if target in learned)
            short = isinstance(widget, ValueControl) and widget.short_mark
            mark.show_text(
                "MIDI…" if waiting else numbers if short or not numbers else f"CC {numbers}", waiting=waiting
            )
            titles = [f"{learned[target].title}" for target in targets if target in learned]
            mark.setAccessibleName("Waits for a MIDI controller" if waiting else ", ".join(titles))

    def _listen(self, *, on: bool) -> None:
        app = QApplication.instance()
        if app is not None and on != self._filtering:
            self._filtering = on
            (app.installEventFilter if on else app.removeEventFilter)(self)


def _pad_corner(pad: QWidget) -> QPoint:
    """Right above, or between the cards of the upper corners."""
    right = pad.width() // 2 + px(30) if isinstance(pad, MorphPad) else pad.width() - px(6)
    return QPoint(right, px(6))


def _handle_of(control: ValueControl) -> Handle:
    """Move the control as a hand would."""
    spec = control.spec
    return Handle(spec.label, control.normalized, lambda normalized: control.change(spec.from_normalized(normalized)))
