"""A panel of views on the output, one at a time: chosen in its header, popped out, kept as a picture."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import COLORS, GRID, px
from synth_app.ui.widgets.panel import Panel, label, tight
from synth_app.ui.widgets.segments import Segments


class ViewWindow(QWidget):
    """A window of its own around a view; closing it gives the view back."""

    closing = Signal()

    def __init__(self, title: str, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{title} · synth_app")
        self.setStyleSheet(f"ViewWindow {{ background: {COLORS.panel}; }}")
        box = QVBoxLayout(self)
        tight(box, GRID, 0)
        box.addWidget(content)
        content.show()
        self.resize(px(760), px(420))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell first."""
        self.closing.emit()
        super().closeEvent(event)


class ViewPanel(Panel):
    """``views`` by key: (title, widget)."""

    snapshot_requested = Signal(object, str)  # QPixmap, title

    def __init__(self, name: str, views: dict[str, tuple[str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(name)
        self._views = views
        self._window: ViewWindow | None = None
        self._tools: list[tuple[str, QToolButton]] = []
        choices = tuple((key, title, f"Show the {title.lower()}") for key, (title, _) in views.items())
        self.modes = Segments(name, choices)
        self.modes.chosen.connect(self.show_view)
        self.header.removeWidget(self.title)
        self.title.hide()
        self.header.insertWidget(0, self.modes)
        self.header.setSpacing(px(4))
        self.stack = QStackedWidget()
        for _, view in views.values():
            self.stack.addWidget(view)
        self.away: QLabel = label("Shown in a window of its own.\nClose that window to have it back.", "muted")
        self.away.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.away.hide()
        self.box.addWidget(self.stack, 1)
        self.box.addWidget(self.away, 1)
        self.pop = self.add_tool("pop", f"Show the {name.lower()} in a window of its own", self.pop_out)
        self.snap = self.add_tool("camera", f"Keep a picture of the {name.lower()}", self.snapshot)

    def add_tool(self, symbol: str, text: str, act: object, *, checkable: bool = False, only: str = "") -> QToolButton:
        """A small button in the header, in sight with one view ``only``, or with all."""
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
        """Whether the views are in a window of their own."""
        return self._window is not None

    def show_view(self, key: str) -> None:
        """Show one of the views."""
        self.modes.show_choice(key)
        self.stack.setCurrentWidget(self._views[key][1])
        for only, tool in self._tools:
            tool.setVisible(only in ("", key))

    def pop_out(self) -> None:
        """Move the views into a window of their own, or back."""
        if self._window is not None:
            self._window.close()
            return
        self.box.removeWidget(self.stack)
        self._window = ViewWindow(self._views[self.modes.choice][0], self.stack, self)
        self._window.closing.connect(self._take_back)
        self.away.show()
        self._window.show()

    def snapshot(self) -> None:
        """Ask for a picture of the view to be kept."""
        title, view = self._views[self.modes.choice]
        self.snapshot_requested.emit(view.grab(), title)

    def _take_back(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            self.away.hide()
            self.box.insertWidget(1, self.stack, 1)
            self.stack.show()
            window.deleteLater()
