"""What a delegate needs to know of a list's item before it paints it."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem


def item_style(
    delegate: QStyledItemDelegate, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
) -> Any:  # PySide's stubs of QStyleOptionViewItem lack ``text``, ``font``, ``rect`` and ``widget``
    """Return a copy of an item's option with what its model says; an owner may change it."""
    found = QStyleOptionViewItem(option)
    delegate.initStyleOption(found, index)
    return found
