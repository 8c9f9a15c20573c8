"""A short notice over the window with at most one action; it disappears by itself."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDrag, QHideEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from synth_app.ui.base.plain_text import without_mnemonic
from synth_app.ui.theme.theme import GRID, RADIUS, colors, px
from synth_app.ui.widgets.panel import label, tight

_SHOWN_MS = 8000


class Toast(QFrame):
    """The notice of a window, above its lower edge.

    Attributes:
        ended: signal; the notice has disappeared.
        lasting: whether the notice stays until its button is pressed.
        file: the file that can be dragged from the notice; None for a text.
    """

    ended = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("toast")
        self.text = label("")
        self.file: Path | None = None
        self.lasting = False
        self.action = QPushButton()
        self.action.setProperty("kind", "quiet")
        self._act: Callable[[], object] | None = None
        self._below: QWidget | None = None
        self.action.clicked.connect(self._run_action)
        row = QHBoxLayout(self)
        tight(row, 12, 2 * GRID)
        row.addWidget(self.text)
        row.addWidget(self.action)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def stay_above(self, widget: QWidget) -> None:
        """Appear above a widget of the window that the user needs meanwhile."""
        self._below = widget
        widget.installEventFilter(self)  # it moves when the window is laid out

    def offer_file(self, text: str, path: Path, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Show a notice that can be dragged into a folder or another program, as the file at ``path``."""
        self.show_text(f"{text}  ⠿ drag me", action, act)
        self.file = path
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag this into a folder or another program")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the file."""
        if self.file is not None and event.buttons() & Qt.MouseButton.LeftButton:
            drag = QDrag(self)
            drag.setMimeData(file_mime(self.file))
            drag.exec(Qt.DropAction.CopyAction)

    def show_text(
        self, text: str, action: str = "", act: Callable[[], object] | None = None, *, lasting: bool = False
    ) -> None:
        """Show ``text``; call ``act`` when the button with the text ``action`` is clicked.

        It disappears by itself unless it is ``lasting``.
        """
        look = f"background: {colors().raised}; border: 1px solid {colors().border}; border-radius: {px(RADIUS)}px;"
        self.setStyleSheet(f"#toast {{ {look} }}")  # each time: windows beside the main one outlive a change of theme
        self.file, self.lasting = None, lasting
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.unsetCursor()
        self.setToolTip("")
        self.text.setText(text)
        self.setAccessibleName(text)
        self.action.setText(without_mnemonic(action))
        self.action.setVisible(bool(action))
        self._act = act
        self.show()
        self._reposition()
        self.raise_()
        if lasting:
            self._timer.stop()
        else:
            self._timer.start(_SHOWN_MS)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the notice is gone, unless the whole window is."""
        super().hideEvent(event)
        if self.isHidden():
            self.lasting = False
            self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window when it changes size, and the widget to stay above when it moves."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._reposition()
        return False

    def _reposition(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self._wrap_text(window.width() - px(4 * GRID))
            self.adjustSize()
            x = (window.width() - self.width()) // 2
            self.move(max(x, 0), self._floor(window) - self.height())

    def _floor(self, window: QWidget) -> int:
        """Return where the notice ends: above the widget to keep free, or near the window's edge without room there."""
        edge = window.height() - px(40)
        if self._below is None:
            return edge
        top = self._below.mapTo(window, QPoint(0, 0)).y() - px(GRID)
        return min(top, edge) if top > window.height() // 2 else edge

    def _wrap_text(self, width: int) -> None:
        """Wrap the text if the notice would be wider than ``width`` px."""
        self.text.setWordWrap(False)
        self.text.setMinimumWidth(0)
        excess = self.sizeHint().width() - width
        if excess > 0:
            wrapped = max(self.text.sizeHint().width() - excess, px(80))
            self.text.setWordWrap(True)
            self.text.setMinimumWidth(wrapped)

    def _run_action(self) -> None:
        act, self._act = self._act, None
        self.hide()
        if act is not None:
            act()


def toast_of(window: QWidget) -> Toast:
    """Return the notice of a window; it is made at the first call."""
    found = window.findChild(Toast, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found or Toast(window)


def file_mime(path: Path) -> QMimeData:
    """Return the MIME data of a file, for other programs."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime
