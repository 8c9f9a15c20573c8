"""The list of what was found: name, kind, family and key, and how near it is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from synth_app.session.find.similar import Similar
from synth_app.ui.base.plain_text import plain
from synth_app.ui.base.row_list import RowList
from synth_app.ui.drawing.item_style import item_style
from synth_app.ui.theme.family_colors import family_title
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.value_format import note_name

KIND_TITLES = {"note": "Note", "sound": "Your sound", "preset": "Preset"}
_INDEX, _NEARNESS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_HEAR, _NAME, _KIND, _DETAIL, _NEAR = range(5)
_BAR, _BAR_HEIGHT = 56, 6


class FindList(RowList):
    """Rows of finds.

    Signals:
        chosen: number of the row that the user moved to, in the order of ``show_found``.
        again: number of the row that is to be heard again, by Space or a click on its triangle.
        confirmed: number of the row to take, by Enter or a double-click.
    """

    chosen = Signal(int)
    again = Signal(int)
    confirmed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.set_up(["", "Name", "What", "Family, key", "How near"], "What sounds like it")
        self.setIconSize(QSize(px(14), px(14)))
        self.setItemDelegateForColumn(_NEAR, _NearnessDelegate(self))
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(px(28))
        header.resizeSection(_HEAR, px(34))
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(_KIND, px(88))
        header.resizeSection(_DETAIL, px(150))
        header.resizeSection(_NEAR, px(186))
        self.itemClicked.connect(self._clicked)
        self.itemDoubleClicked.connect(lambda item, _: self.confirmed.emit(item.data(_HEAR, _INDEX)))
        self.currentItemChanged.connect(self._moved)

    def show_found(self, found: tuple[Similar, ...], kind: str = "") -> None:
        """Fill the rows with the finds of a kind, or with all of them for ""; no row is current, and nothing is heard.

        Args:
            found: the nearest first.
            kind: of the finds that are listed.
        """
        self.blockSignals(True)
        self.clear()
        for i, each in enumerate(found):
            if kind in ("", each.kind):
                self.addTopLevelItem(_row(i, each))
        self.setCurrentIndex(QModelIndex())
        self.blockSignals(False)

    def show_heard(self, index: int, *, preparing: bool) -> None:
        """Mark the row that is heard; -1 for none."""
        self.blockSignals(True)
        for item in self.rows():
            here = item.data(_HEAR, _INDEX) == index
            item.setIcon(_HEAR, icon("waves" if here else "play", "accent" if here else "muted"))
            item.setData(_HEAR, Qt.ItemDataRole.AccessibleTextRole, _heard_text(here, preparing))
        self.blockSignals(False)

    def start(self) -> None:
        """Move to the first row unless there is a current one."""
        first = self.topLevelItem(0)
        if self.current() < 0 and first is not None:
            self.setCurrentItem(first)

    def current(self) -> int:
        """Return the number of the current row, -1 without one."""
        item = self.currentItem()
        return -1 if item is None else int(item.data(_HEAR, _INDEX))

    def names(self) -> list[str]:
        """Return the names of the rows, from the top."""
        return [item.text(_NAME) for item in self.rows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space hears again, Enter takes. Letters play notes, so Qt's search by letter is off."""
        key = event.key()
        if key == Qt.Key.Key_Space and self.current() >= 0:
            self.again.emit(self.current())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.start()
            if self.current() >= 0:
                self.confirmed.emit(self.current())
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _HEAR:
            self.again.emit(item.data(_HEAR, _INDEX))

    def _moved(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_HEAR, _INDEX))


def detail_text(item: Similar) -> str:
    """Return the family and the key of a note, the key of a sound, the category of a preset."""
    if item.kind == "preset":
        return family_title(item.group)
    key = note_name(round(item.pitch))
    return f"{family_title(item.group)} · {key}" if item.group else key


class _NearnessDelegate(QStyledItemDelegate):
    """Paints how near a find is: a bar, and the words beside it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell."""
        cell = item_style(self, option, index)
        text, cell.text = cell.text, ""
        tree: QTreeWidget = cell.widget
        tree.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, tree)
        whole: QRect = cell.rect
        bar = QRect(whole.left() + px(6), whole.center().y() - px(_BAR_HEIGHT) // 2, px(_BAR), px(_BAR_HEIGHT))
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("line"))
        painter.drawRect(bar)
        painter.setBrush(qcolor("accent"))
        painter.drawRect(bar.adjusted(0, 0, -round((1.0 - float(index.data(_NEARNESS))) * bar.width()), 0))
        painter.setPen(qcolor("text"))
        room = whole.adjusted(px(_BAR + 14), 0, -px(4), 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


def _heard_text(here: bool, preparing: bool) -> str:
    return ("being prepared" if preparing else "playing") if here else ""


def _row(index: int, found: Similar) -> QTreeWidgetItem:
    item = QTreeWidgetItem(["", found.name, KIND_TITLES[found.kind], detail_text(found), found.nearness_text])
    item.setData(_HEAR, _INDEX, index)
    item.setIcon(_HEAR, icon("play", "muted"))
    item.setToolTip(_HEAR, "Hear it (Space)")
    item.setToolTip(_NAME, f"<b>{plain(found.name)}</b><br>Enter takes it")
    item.setToolTip(
        _NEAR, f"Distance {found.distance:.1f}; the same instrument an octave away: about 5, another one: 12"
    )
    item.setData(_NEAR, _NEARNESS, found.nearness)
    return item
