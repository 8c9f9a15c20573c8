"""A page at the side of the window: it takes the place of the views, so that everything one plays stays usable."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import Panel
from synth_app.ui.widgets.segments import Segments

PRESETS, BREED = "presets", "breed"
_CHOICES = (
    (PRESETS, "Presets", "Browse presets (Ctrl+B)"),
    (BREED, "Breed", "Variations of the present sound (Ctrl+Shift+B)"),
)
_LEAST_WIDTH = 300  # design px


class SidePage(Panel):
    """The base class of the pages. Subclasses fill ``box``.

    Signals:
        close_requested: by Escape or the close button.
        page_requested: another page was chosen, by its key.
    """

    close_requested = Signal()
    page_requested = Signal(str)

    def __init__(self, key: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Escape closes it after a click beside its controls
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumWidth(px(_LEAST_WIDTH))
        self._key = key
        self.tabs = Segments("Side page", _CHOICES)
        self.tabs.show_choice(key)
        self.tabs.chosen.connect(self._choose)
        self.replace_title(self.tabs)
        self.header.setSpacing(px(4))
        self.close_button = tool_button("close", "Close this page", "Close (Esc)")
        self.close_button.clicked.connect(self.close_requested.emit)
        self.header.addWidget(self.close_button)

    def enter(self) -> None:
        """Prepare the page and take the focus: it is shown now."""

    def leave(self, following: str) -> None:
        """End what the page has begun: it is hidden now, for the page ``following``, or for the views if that is ""."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def _choose(self, key: str) -> None:
        self.tabs.show_choice(self._key)  # each page shows itself as the choice
        if key != self._key:
            self.page_requested.emit(key)


def tool_button(symbol: str, name: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """Return a small button with an icon for the header of a page."""
    button = QToolButton()
    button.setIcon(icon(symbol, "muted"))
    button.setProperty("kind", "quiet")
    button.setCheckable(checkable)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button
