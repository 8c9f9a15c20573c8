"""The order in which Tab goes through a window: as its layouts place the widgets, not as the program made them."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def focus_next(window: QWidget, *, forward: bool) -> bool:
    """Give the focus to the next widget that Tab reaches; after the last one to the first.

    Args:
        window: whose widgets are meant.
        forward: Tab; False for Shift+Tab.

    Returns:
        False if the system lets Tab reach only some kinds of widgets (macOS), or if there is none: Qt's own order is
        then the right one.
    """
    if QGuiApplication.styleHints().tabFocusBehavior() != Qt.TabFocusBehavior.TabFocusAllControls:
        return False
    widgets = list(_placed(window))
    if not forward:
        widgets.reverse()
    present = window.focusWidget()
    start = widgets.index(present) + 1 if present in widgets else 0
    found = next((widget for widget in widgets[start:] + widgets[:start] if _takes_tab(widget)), None)
    if found is None:
        return False
    found.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    _scroll_to(found)
    return True


def _placed(widget: QWidget) -> Iterator[QWidget]:
    """Yield all widgets below one: first what its layout places, each followed by what is below it."""
    layout = widget.layout()
    children = dict.fromkeys(_laid_out(layout) if layout is not None else ())
    children.update(dict.fromkeys(child for child in widget.children() if isinstance(child, QWidget)))
    for child in children:
        if not child.isWindow():
            yield child
            yield from _placed(child)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for i in range(layout.count()):
        item = layout.itemAt(i)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def _takes_tab(widget: QWidget) -> bool:
    reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    return bool(reached and widget.isVisible() and widget.isEnabled())


def _scroll_to(widget: QWidget) -> None:
    area = widget.parentWidget()
    while area is not None:
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(widget)
        area = area.parentWidget()
