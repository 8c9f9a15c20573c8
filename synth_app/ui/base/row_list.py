"""A list of rows with columns, one of which is chosen."""

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem


class RowList(QTreeWidget):
    """Shows rows of equal height without branches; one is chosen, and none is edited."""

    def set_up(self, titles: list[str], name: str) -> None:
        """Set the titles of the columns and the name for screen readers."""
        self.setColumnCount(len(titles))
        self.setHeaderLabels(titles)
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def rows(self) -> list[QTreeWidgetItem]:
        """Return all rows from the top."""
        found = (self.topLevelItem(i) for i in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose no row: Qt would make the first one current, unmarked, and Tab alone would let it be heard."""
        if self.currentIndex().isValid():
            super().focusInEvent(event)
            return
        blocked = self.blockSignals(True)
        super().focusInEvent(event)
        self.setCurrentIndex(QModelIndex())
        self.blockSignals(blocked)
