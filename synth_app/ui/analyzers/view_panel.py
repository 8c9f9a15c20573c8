"""A panel that shows one of several views; a view can be popped out and saved as a picture."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, colors, px
from synth_app.ui.widgets.panel import Panel, label, tight
from synth_app.ui.widgets.segments import Segments


class ViewWindow(QWidget):
    """A separate window around a view; closing it returns the view to its panel."""

    closing = Signal()

    def __init__(self, title: str, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)  # the system adds the name of the program
        self.setStyleSheet(f"ViewWindow {{ background: {colors().panel}; }}")
        box = QVBoxLayout(self)
        tight(box, GRID, 0)
        box.addWidget(content)
        content.show()
        self.resize(px(760), px(420))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Emit ``closing`` before the window closes."""
        self.closing.emit()
        super().closeEvent(event)


class ViewPanel(Panel):
    """A panel of views; the header chooses which one is shown.

    ``snapshot_requested`` emits a QPixmap of the view and its title. ``analyzer_requested`` emits the key of a view
    that has an analyzer window; other views pop out themselves.

    Args:
        name: accessible name of the panel.
        views: title and widget by key.
        analyzers: keys of the views that have an analyzer window.
        parent: Qt's parent.
    """

    snapshot_requested = Signal(object, str)
    analyzer_requested = Signal(str)

    def __init__(
        self,
        name: str,
        views: dict[str, tuple[str, QWidget]],
        analyzers: frozenset[str] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", parent)
        self.setAccessibleName(name)
        self._views, self._analyzers = views, analyzers
        self._window: ViewWindow | None = None
        self._tools: list[tuple[str, QToolButton]] = []
        choices = tuple((key, title, f"Show the {title.lower()}") for key, (title, _) in views.items())
        self.modes = Segments(name, choices)
        self.modes.chosen.connect(self.show_view)
        self.replace_title(self.modes)
        self.header.setSpacing(px(4))
        self.stack = QStackedWidget()
        for _, view in views.values():
            self.stack.addWidget(view)
        self.placeholder: QLabel = label("Shown in a separate window.\nClose that window to return it here.", "muted")
        self.placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.placeholder.hide()
        self.box.addWidget(self.stack, 1)
        self.box.addWidget(self.placeholder, 1)
        self.pop = self.add_tool("pop", f"Show the {name.lower()} in a separate window", self.pop_out)
        self.snap = self.add_tool("camera", f"Save a picture of the {name.lower()}", self.snapshot)

    def add_tool(self, symbol: str, text: str, act: object, *, checkable: bool = False, only: str = "") -> QToolButton:
        """Add a small button to the header, shown with the view ``only``, or with all views."""
        button = QToolButton()
        button.setIcon(icon(symbol, "muted"))
        button.setProperty("kind", "quiet")
        button.setCheckable(checkable)
        button.setAccessibleName(text)
        button.setToolTip(text)
        if isinstance(act, QMenu):
            button.setMenu(act)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        else:
            button.clicked.connect(act)
        self.header.addWidget(button)
        self._tools.append((only, button))
        button.setVisible(only in ("", self.modes.choice))
        return button

    @property
    def popped_out(self) -> bool:
        """Whether the views are in a separate window."""
        return self._window is not None

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the views."""
        return tuple(self._views)

    def view(self, key: str) -> QWidget:
        """Return a view by its key."""
        return self._views[key][1]

    def show_view(self, key: str) -> None:
        """Show the view with this key."""
        self.modes.show_choice(key)
        self.stack.setCurrentWidget(self._views[key][1])
        for only, tool in self._tools:
            tool.setVisible(only in ("", key))

    def pop_out(self) -> None:
        """Open the view's analyzer window; or move the views into a separate window, or back."""
        if self.modes.choice in self._analyzers and self._window is None:
            self.analyzer_requested.emit(self.modes.choice)
            return
        if self._window is not None:
            self._window.close()
            return
        self.box.removeWidget(self.stack)
        self._window = ViewWindow(self._views[self.modes.choice][0], self.stack, self)
        self._window.closing.connect(self._restore)
        self.placeholder.show()
        self._window.show()

    def snapshot(self) -> None:
        """Request to save a picture of the view."""
        title, view = self._views[self.modes.choice]
        self.snapshot_requested.emit(view.grab(), title)

    def _restore(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            self.placeholder.hide()
            self.box.insertWidget(1, self.stack, 1)
            self.stack.show()
            window.deleteLater()
