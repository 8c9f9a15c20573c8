"""The searchable list of bank notes, grouped by family, that a slot or a corner opens."""

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from synth_app.modelfile import BankNote
from synth_app.ui.drawing.search_field import SearchField
from synth_app.ui.pad.note_marks import note_title
from synth_app.ui.theme.family_colors import family_look, family_title, shape_path
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, colors, font, px
from synth_app.ui.widgets.panel import label, tight

_INDEX = Qt.ItemDataRole.UserRole  # of a bank note, or the key of an own sound
_SIZE = (320, 380)
_OWN = "Your sounds"


class NotePicker(QFrame):
    """A popup; ``chosen`` emits the bank index, ``sound_chosen`` the key of one of the user's sounds.

    Type to search, move with the arrow keys, choose with Enter. ``similar_requested`` emits the index or the key of the
    row that Enter would choose, by Ctrl+F or the button below the list.

    Args:
        bank: the notes to choose from.
        current: bank index of the note that is selected at first; -1 for none.
        parent: Qt's parent.
        own: names of the user's sounds by key.
        with_similar: whether there is the button that searches for similar sounds.
    """

    chosen = Signal(int)
    sound_chosen = Signal(str)
    similar_requested = Signal(object)

    def __init__(
        self,
        bank: tuple[BankNote, ...],
        current: int,
        parent: QWidget | None = None,
        *,
        own: dict[str, str] | None = None,
        with_similar: bool = False,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bank, self._own = bank, own or {}
        self.search = SearchField()
        self.search.setPlaceholderText("Search name, family or pitch")
        self.search.setAccessibleName("Search notes")
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Notes by family")
        self.tree.setIconSize(QSize(px(14), px(14)))
        self.tree.setIndentation(px(14))
        self.tree.itemClicked.connect(self._choose_item)
        self.tree.itemActivated.connect(self._choose_item)
        self._empty: QLabel = label("No note matches", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.hide()
        box = QVBoxLayout(self)
        tight(box, GRID, GRID)
        self.similar = QPushButton(icon("waves", "muted"), "Find similar")
        self.similar.setToolTip("Notes, your sounds and presets that sound like the current one (Ctrl+F)")
        self.similar.setAutoDefault(False)
        self.similar.setVisible(with_similar)
        self.similar.clicked.connect(self._request_similar)
        for widget in (self.search, self.tree, self._empty, self.similar):
            box.addWidget(widget)
        self._items = self._fill(current)
        self._show_current()
        self.setObjectName("picker")
        self.setStyleSheet(f"#picker {{ border: 1px solid {colors().border}; border-radius: 0; }}")
        self.resize(px(_SIZE[0]), px(_SIZE[1]))

    def open_at(self, anchor: QWidget) -> None:
        """Open above ``anchor``, or below it where there is no room, inside the screen."""
        corner = anchor.mapToGlobal(QPoint(0, -self.height() - px(4)))
        screen = anchor.screen().availableGeometry()
        if corner.y() < screen.top():
            corner = anchor.mapToGlobal(QPoint(0, anchor.height() + px(4)))
        x = min(max(corner.x(), screen.left()), screen.right() - self.width())
        y = min(max(corner.y(), screen.top()), screen.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.search.setFocus()
        self.tree.scrollTo(self.tree.currentIndex(), QTreeWidget.ScrollHint.PositionAtCenter)

    def visible_notes(self) -> list[int | str]:
        """Return bank indices and keys of own sounds that match the search, in the order shown."""
        return [item.data(0, _INDEX) for item in self._shown()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle arrows and Enter on the list while the search field has the focus."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.tree.setFocus()
            if self.tree.currentItem() not in (shown := self._shown()) and shown:
                self.tree.setCurrentItem(shown[0])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            current = self._current()
            if current is not None:
                self._choose(current)
        elif event.matches(QKeySequence.StandardKey.Find) and self.similar.isVisible():
            self._request_similar()
        else:
            super().keyPressEvent(event)

    def _fill(self, current: int) -> list[QTreeWidgetItem]:
        items = self._fill_own()
        order = sorted(range(len(self._bank)), key=self._sort_key)
        groups: dict[str, QTreeWidgetItem] = {}
        for i in order:
            note = self._bank[i]
            if note.family not in groups:
                group = QTreeWidgetItem(self.tree, [family_title(note.family)])
                group.setIcon(0, _family_icon(note.family))
                group.setFont(0, font("strong"))
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setExpanded(True)
                groups[note.family] = group
            item = QTreeWidgetItem(groups[note.family], [note_title(note)])
            item.setData(0, _INDEX, i)
            item.setToolTip(0, f"{note.name}, velocity {note.velocity}")
            items.append(item)
            if i == current:
                self.tree.setCurrentItem(item)
        return items

    def _fill_own(self) -> list[QTreeWidgetItem]:
        """Add the user's sounds as the first group."""
        if not self._own:
            return []
        group = QTreeWidgetItem(self.tree, [_OWN])
        group.setIcon(0, icon("waves"))
        group.setFont(0, font("strong"))
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        group.setExpanded(True)
        items = []
        for key, name in self._own.items():
            item = QTreeWidgetItem(group, [name])
            item.setData(0, _INDEX, key)
            items.append(item)
        return items

    def _searched(self, item: QTreeWidgetItem) -> str:
        """Return the text in which the search looks."""
        index: int | str = item.data(0, _INDEX)
        if isinstance(index, str):
            return f"{self._own[index]} {_OWN}".lower()
        note = self._bank[index]
        return f"{note.name} {note_title(note)} {family_title(note.family)}".lower()

    def _sort_key(self, index: int) -> tuple[str, str, int]:
        note = self._bank[index]
        return note.family, note.instrument.lower(), note.pitch

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for item in self._items:
            searched = self._searched(item)
            item.setHidden(not all(word in searched for word in words))
        for i in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(i)
            if group is not None:
                notes = (group.child(j) for j in range(group.childCount()))
                group.setHidden(all(note is None or note.isHidden() for note in notes))
        empty = not self.visible_notes()
        self._show_current()
        self.tree.setVisible(not empty)
        self._empty.setVisible(empty)

    def _shown(self) -> list[QTreeWidgetItem]:
        return [item for item in self._items if not item.isHidden()]

    def _current(self) -> int | str | None:
        """Return the bank index or the key of the current row, of the first one that matches if that is hidden."""
        shown, item = self._shown(), self.tree.currentItem()
        if not shown:
            return None
        index: int | str = (item if item is not None and item in shown else shown[0]).data(0, _INDEX)
        return index

    def _show_current(self) -> None:
        self.similar.setEnabled(self._current() is not None)

    def _request_similar(self) -> None:
        current = self._current()
        if current is not None:
            self.close()
            self.similar_requested.emit(current)

    def _choose_item(self, item: QTreeWidgetItem) -> None:
        index = item.data(0, _INDEX)
        if index is not None:
            self._choose(index)

    def _choose(self, index: int | str) -> None:
        if isinstance(index, str):
            self.sound_chosen.emit(index)
        else:
            self.chosen.emit(index)
        self.close()


def _family_icon(family: str) -> QIcon:
    side = px(14)
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(family_look(family).color))
    painter.drawPath(shape_path(family_look(family).shape, QPointF(side, side), side * 0.6))
    painter.end()
    return QIcon(pixmap)
