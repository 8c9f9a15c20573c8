"""The page of macros: eight knobs with names, which move what the matrix connects them to."""

from functools import partial

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionFrame,
    QVBoxLayout,
    QWidget,
)

from synth_app.params import MACROS, param
from synth_app.params.macros import MAX_MACRO_NAME
from synth_app.patch.modulation_matrix import mod_target
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.store.param_title import param_title
from synth_app.session.store.store import SessionStore
from synth_app.ui.drawing.elided_label import ElidedLabel
from synth_app.ui.modulation.source_drag import SourceDrag
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.axis_text import target_label
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel, label, tight

_NAME_HELP = "Drag onto a control to connect the macro. Double-click, or press Enter, to rename it"
_TEXT_MARGIN = 2  # px, that QLineEdit leaves beside its text


class MacroName(QLineEdit):
    """The name of a macro: a line of text that is edited in place and dragged onto a control."""

    def __init__(self, store: SessionStore, macro: int) -> None:
        super().__init__()
        self._store, self._macro = store, macro
        self.setProperty("kind", "inline")
        self.setMaxLength(MAX_MACRO_NAME)
        self.setMinimumWidth(px(40))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setReadOnly(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(f"Name of macro {macro + 1}")
        self.editingFinished.connect(self._finish)
        SourceDrag(self, MACROS[macro])

    def show_name(self, name: str) -> None:
        """Show another name, unless the user types one."""
        if self.isReadOnly():
            self.setText(name)
            self.setCursorPosition(0)
            self.updateGeometry()
            self.setToolTip(f"{name}. {_NAME_HELP}")

    def shown(self) -> str:
        """Return the text that is painted: while nobody types, in two lines if one is too narrow.

        An ellipsis stands for what does not fit into the second line either.
        """
        text, metrics, width = self.text(), self.fontMetrics(), self._text_area().width()
        if not self.isReadOnly() or metrics.horizontalAdvance(text) <= width:
            return text
        fits = next((n for n in range(len(text), 0, -1) if metrics.horizontalAdvance(text[:n].rstrip()) <= width), 1)
        space = text.rfind(" ", 1, fits + 1)
        first, rest = text[: space if space > 0 else fits].rstrip(), text[space if space > 0 else fits :].lstrip()
        return f"{first}\n{metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)}"

    def sizeHint(self) -> QSize:
        """Prefer the height of the lines that are shown."""
        hint = super().sizeHint()
        return hint + QSize(0, self.fontMetrics().lineSpacing()) if "\n" in self.shown() else hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the name anew, which may need another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def text_inset(self) -> int:
        """Return by how many pixels the text is right of the left edge."""
        return self._text_area().left()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, and the name as far as it fits."""
        shown = self.shown()
        if shown == self.text():
            super().paintEvent(event)
            return
        option, painter = QStyleOptionFrame(), QPainter(self)
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        painter.setPen(self.palette().text().color())
        painter.drawText(self.rect().adjusted(self.text_inset(), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)

    def _text_area(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        area = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return area.adjusted(_TEXT_MARGIN, 0, -_TEXT_MARGIN, 0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Begin to rename."""
        self.begin()

    def begin(self) -> None:
        """Let the user type a name."""
        self.setReadOnly(False)
        self.updateGeometry()
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin to rename by Enter; Escape keeps the name."""
        if self.isReadOnly() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.begin()
        elif not self.isReadOnly() and event.key() == Qt.Key.Key_Escape:
            self.setReadOnly(True)
            self.show_name(param_title(MACROS[self._macro], self._store.patch.macro_names))
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        if not self.isReadOnly():
            self.setReadOnly(True)
            self.deselect()
            given = self.text().strip()
            self._store.set_macro_name(self._macro, "" if given == param(MACROS[self._macro]).label else given)


class MacroPanel(Panel):
    """Eight knobs with their names and targets, bound to the store both ways."""

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("Macros", parent)
        self._store = subscriptions.store
        hint = label("Drag a name onto a control, or right-click the control and choose Modulate with", "muted")
        self.header.insertWidget(1, hint)
        self.knobs = {name: Knob(param(name), caption=False) for name in MACROS}
        self.names = [MacroName(self._store, i) for i in range(len(MACROS))]
        self.targets = [ElidedLabel() for _ in MACROS]
        row = QHBoxLayout()
        row.setSpacing(px(4))
        for knob, name, targets in zip(self.knobs.values(), self.names, self.targets, strict=True):
            knob.moved.connect(partial(self._store.set_param, knob.spec.name))
            knob.menu_extras.append(partial(self._extend_menu, name))
            words = QVBoxLayout()
            tight(words, 0, 0)
            name.ensurePolished()
            targets.setContentsMargins(name.text_inset(), 0, 0, 0)  # below the text of the name
            words.addWidget(name)
            words.addWidget(targets)
            words.addStretch(1)
            one = QHBoxLayout()
            tight(one, 0, 2)
            one.addWidget(knob, 0, Qt.AlignmentFlag.AlignTop)
            one.addLayout(words, 1)
            row.addLayout(one, 1)
        self.box.addLayout(row)
        self.box.addStretch(1)
        subscriptions.on(PatchChanged, self._patch_changed)
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        self.show_state()

    def show_state(self) -> None:
        """Show the store's values, names and connections."""
        patch = self._store.patch
        for i, macro in enumerate(MACROS):
            self.knobs[macro].set_value(patch.value(macro))
            title = param_title(macro, patch.macro_names)
            self.knobs[macro].set_label(title)
            self.names[i].show_name(title)
            moved = dict.fromkeys(
                each.target for each in patch.modulation.connections if macro in (each.source, each.via) and each.on
            )
            labels = [self._label(target) for target in moved]
            self.targets[i].show_text(", ".join(labels) or "no target")
            self.knobs[macro].set_effective(bool(labels))

    def _label(self, target: str) -> str:
        found = mod_target(target)
        return found.label if found.label != target else target_label(target, self._store.model, self._store.patch)

    def _extend_menu(self, name: MacroName, menu: QMenu) -> None:
        menu.addAction("Rename").triggered.connect(lambda _=False: name.begin())

    def _patch_changed(self, change: PatchChanged) -> None:
        before, after = change.before, change.after
        same = before.modulation.connections == after.modulation.connections and before.macro_names == after.macro_names
        if not same or not change.params.isdisjoint(MACROS):
            self.show_state()
