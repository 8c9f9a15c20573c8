"""The right side of the window: the views of the output, or a page in their place."""

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from synth_app.ui.presets.side_page import SidePage
from synth_app.ui.widgets.panel import tight

VIEWS = ""  # in the place of a page's key


class SidePages(QStackedWidget):
    """Shows the views, or one of the pages.

    Args:
        views: widgets one above the other.
        parent: Qt's parent.
    """

    def __init__(self, views: tuple[QWidget, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[str, SidePage] = {}
        whole = QWidget()
        column = QVBoxLayout(whole)
        tight(column, 0)
        for view in views:
            column.addWidget(view, 1)
        self.addWidget(whole)

    def hasHeightForWidth(self) -> bool:
        """Take the room that the workspace has: no page may make the window scroll because its text wraps."""
        return False

    @property
    def shown(self) -> str:
        """Key of the page that is shown; "" while the views are."""
        return next((key for key, page in self._pages.items() if page is self.currentWidget()), VIEWS)

    def add_page(self, key: str, page: SidePage) -> None:
        """Add a page, which is not shown yet."""
        self._pages[key] = page
        self.addWidget(page)
        page.close_requested.connect(self.close_page)
        page.page_requested.connect(self.show_page)

    def show_page(self, key: str) -> None:
        """Show a page; "" shows the views."""
        before = self._pages.get(self.shown)
        if before is not None and key != self.shown:
            before.leave(key)
        page = self._pages.get(key)
        if page is None:
            self.setCurrentIndex(0)
        else:
            self.setCurrentWidget(page)
            page.enter()

    def close_page(self) -> None:
        """Show the views, and give the keyboard back to the workspace."""
        focused = self.isAncestorOf(self.window().focusWidget() or self)
        self.show_page(VIEWS)
        work = self.parentWidget()
        if focused and work is not None:
            work.setFocus()

    def toggle(self, key: str) -> None:
        """Show a page, or the views if the page is shown."""
        if self.shown == key:
            self.close_page()
        else:
            self.show_page(key)
