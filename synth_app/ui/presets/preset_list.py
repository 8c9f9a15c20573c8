"""The list of presets: favourite, name, category, tags, author."""

from collections import Counter

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from synth_app.session import PresetEntry
from synth_app.ui.base.plain_text import plain
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px

_KEY = Qt.ItemDataRole.UserRole
_HEART, _NAME, _CATEGORY, _TAGS, _AUTHOR = range(5)
_WIDTHS = {_HEART: 34, _NAME: 176, _CATEGORY: 84, _TAGS: 150}
_FACTORY_AUTHOR = "factory"


class PresetList(QTreeWidget):
    """Rows of presets.

    ``chosen`` is emitted when the user moves to a row, ``favourite_requested`` by a click on its heart or by Space,
    ``confirmed`` by Enter.
    """

    chosen = Signal(str)
    favourite_requested = Signal(str)
    confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setColumnCount(5)
        self.setHeaderLabels(["", "Name", "Category", "Tags", "By"])
        self.setAccessibleName("Presets")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIconSize(QSize(px(14), px(14)))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(px(24))
        for column, width in _WIDTHS.items():
            header.resizeSection(column, px(width))
        header.setSectionResizeMode(_TAGS, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.resizeSection(_AUTHOR, px(72))
        self.itemClicked.connect(self._clicked)
        self.currentItemChanged.connect(self._moved)

    def show_entries(self, entries: tuple[PresetEntry, ...], favourites: frozenset[str], current: str) -> None:
        """Fill the rows; emits nothing."""
        self.blockSignals(True)
        self.clear()
        count = Counter((entry.factory, entry.preset.name) for entry in entries)
        for entry in entries:
            alike = count[entry.factory, entry.preset.name] > 1  # files from elsewhere may have the same name inside
            self.addTopLevelItem(_row(entry, favourite=entry.key in favourites, with_file=alike))
        self.blockSignals(False)
        self.show_current(current)

    def show_current(self, key: str) -> None:
        """Mark the row of the current preset if the list contains it; emits nothing."""
        item = next((item for item in self._rows() if item.data(0, _KEY) == key), None)
        if item is self.currentItem():
            return
        self.blockSignals(True)
        if item is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentItem(item)
        self.blockSignals(False)
        if item is not None:
            self.scrollToItem(item)

    def start(self) -> None:
        """Move to the first row unless a row is marked."""
        first = self.topLevelItem(0)
        if not self.current_key() and first is not None:
            self.setCurrentItem(first)

    def shown_keys(self) -> list[str]:
        """Return the library keys of the rows, from the top."""
        return [item.data(0, _KEY) for item in self._rows()]

    def current_key(self) -> str:
        """Return the library key of the marked row, "" without one."""
        item = self.currentItem()
        return item.data(0, _KEY) if item is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle the favourite by Space, confirm by Enter. Letters play notes, so Qt's search by letter is off."""
        key = event.key()
        if key == Qt.Key.Key_Space and self.current_key():
            self.favourite_requested.emit(self.current_key())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.start()
            self.confirmed.emit()
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _rows(self) -> list[QTreeWidgetItem]:
        found = (self.topLevelItem(i) for i in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _HEART:
            self.favourite_requested.emit(item.data(0, _KEY))

    def _moved(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(0, _KEY))


def _row(entry: PresetEntry, *, favourite: bool, with_file: bool) -> QTreeWidgetItem:
    preset = entry.preset
    author = _FACTORY_AUTHOR if entry.factory else preset.author or "you"
    name = f"{preset.name} ({entry.path.stem})" if with_file else preset.name
    item = QTreeWidgetItem(["", name, preset.category, ", ".join(preset.tags), author])
    item.setData(0, _KEY, entry.key)
    item.setIcon(_HEART, icon("heart_full", "accent") if favourite else icon("heart", "muted"))
    item.setData(_HEART, Qt.ItemDataRole.AccessibleTextRole, "favourite" if favourite else "")
    made_for = f"<br>Made for {plain(preset.model.title)}" if preset.model else ""
    for column in range(5):
        item.setToolTip(column, f"<b>{plain(preset.name)}</b><br>{plain(preset.about)}{made_for}")
    return item
