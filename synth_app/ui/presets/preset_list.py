"""The list of presets: favourite, name, category, and tags or the distance from the present sound."""

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidgetItem, QWidget

from synth_app.session import PresetEntry
from synth_app.ui.base.plain_text import plain
from synth_app.ui.base.row_list import RowList
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px

_KEY = Qt.ItemDataRole.UserRole
_HEART, _NAME, _CATEGORY, _LAST = range(4)
_WIDTHS = {_HEART: 34, _NAME: 156, _CATEGORY: 84}
_TAGS_TITLE, _DISTANCE_TITLE = "Tags", "Distance"
_FACTORY_AUTHOR = "factory"


class PresetList(RowList):
    """Rows of presets.

    ``chosen`` is emitted when the user moves to a row or clicks it again, ``favourite_requested`` by a click on its
    heart or by Space, ``confirmed`` by Enter or a double-click.
    """

    chosen = Signal(str)
    favourite_requested = Signal(str)
    confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_up(["", "Name", "Category", _TAGS_TITLE], "Presets")
        self.setIconSize(QSize(px(14), px(14)))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(px(24))
        for column, width in _WIDTHS.items():
            header.resizeSection(column, px(width))
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_LAST, QHeaderView.ResizeMode.Stretch)
        self._moved_to: QTreeWidgetItem | None = None  # by the press of the mouse that ends with a click
        self.itemClicked.connect(self._clicked)
        self.itemDoubleClicked.connect(self._double_clicked)
        self.currentItemChanged.connect(self._moved)

    def show_entries(
        self,
        entries: tuple[PresetEntry, ...],
        favourites: frozenset[str],
        current: str,
        distances: Mapping[str, float] | None = None,
    ) -> None:
        """Fill the rows; emits nothing.

        Args:
            entries: the presets, from the top.
            favourites: keys of those with a heart.
            current: key of the one to mark, "" for none.
            distances: from the present sound, by key, to show in the place of the tags; None for the tags.
        """
        self.blockSignals(True)
        self._moved_to = None
        self.clear()
        self.headerItem().setText(_LAST, _TAGS_TITLE if distances is None else _DISTANCE_TITLE)
        count = Counter((entry.factory, entry.preset.name) for entry in entries)
        for entry in entries:
            alike = count[entry.factory, entry.preset.name] > 1  # files from elsewhere may have the same name inside
            item = _row(entry, favourite=entry.key in favourites, with_file=alike)
            if distances is not None:
                item.setText(_LAST, f"{distances[entry.key]:.1f}" if entry.key in distances else "")
            self.addTopLevelItem(item)
        self.blockSignals(False)
        self.show_current(current)

    def show_current(self, key: str) -> None:
        """Mark the row of the current preset if the list contains it; emits nothing."""
        item = next((item for item in self.rows() if item.data(0, _KEY) == key), None)
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
        """Move to the first row; choose the marked row again if there is one."""
        first = self.topLevelItem(0)
        if self.current_key():
            self.chosen.emit(self.current_key())
        elif first is not None:
            self.setCurrentItem(first)

    def shown_keys(self) -> list[str]:
        """Return the library keys of the rows, from the top."""
        return [item.data(0, _KEY) for item in self.rows()]

    def current_key(self) -> str:
        """Return the library key of the marked row, "" without one."""
        item = self.currentItem()
        return item.data(0, _KEY) if item is not None else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Notice whether the press moves to another row."""
        self._moved_to = None
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle the favourite by Space, confirm by Enter. Letters play notes, so Qt's search by letter is off."""
        key = event.key()
        if key == Qt.Key.Key_Space and self.current_key():
            self.favourite_requested.emit(self.current_key())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.current_key():
                self.start()
            self.confirmed.emit()
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        moved, self._moved_to = self._moved_to is item, None
        if column == _HEART:
            self.favourite_requested.emit(item.data(0, _KEY))
        elif not moved:  # a click on the marked row: hear it again
            self.chosen.emit(item.data(0, _KEY))

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column != _HEART and item is self.currentItem():
            self.confirmed.emit()

    def _moved(self, item: QTreeWidgetItem | None) -> None:
        self._moved_to = item
        if item is not None:
            self.chosen.emit(item.data(0, _KEY))


def _row(entry: PresetEntry, *, favourite: bool, with_file: bool) -> QTreeWidgetItem:
    preset = entry.preset
    author = _FACTORY_AUTHOR if entry.factory else preset.author or "you"
    name = f"{preset.name} ({entry.path.stem})" if with_file else preset.name
    item = QTreeWidgetItem(["", name, preset.category, ", ".join(preset.tags)])
    item.setData(0, _KEY, entry.key)
    item.setIcon(_HEART, icon("heart_full", "accent") if favourite else icon("heart", "muted"))
    item.setData(_HEART, Qt.ItemDataRole.AccessibleTextRole, "favourite" if favourite else "")
    made_for = f"<br>Made for {plain(preset.model.title)}" if preset.model else ""
    tip = f"<b>{plain(preset.name)}</b>, by {plain(author)}<br>{plain(preset.about)}{made_for}"
    for column in range(4):
        item.setToolTip(column, tip)
    return item
