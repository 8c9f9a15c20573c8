"""The deck: pages of panels below the pad, selected at its left edge."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from synth_app.params import PARAMS
from synth_app.params.filter import ENVELOPE_GROUP as FILTER_ENVELOPE
from synth_app.params.filter import GROUP as FILTER
from synth_app.params.handles import HANDLES_GROUP
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import Panel, tight
from synth_app.ui.widgets.param_panel import ParamPanel
from synth_app.ui.widgets.segments import Segments

HEIGHT = 132
_GAP = 5  # between panels, so that the widest page fits into 1280 px
DECK_PAGES = {
    "sound": "Sound", "filter": "Filter", "style": "Style", "time": "Time", "mod": "Mod", "macros": "Macro",
    "voice": "Voice", "effects": "Effects",
}  # titles by key  # fmt: skip
Pages = dict[str, tuple[tuple[Panel, int], ...]]  # by key of DECK_PAGES: panels with their stretch factors
# parameter groups with a panel of their own
_OWN_PANEL = ("morph", "envelope", "pitch", "output", "effects", "macros", HANDLES_GROUP, FILTER, FILTER_ENVELOPE)


def other_panels(subscriptions: Subscriptions) -> tuple[ParamPanel, ...]:
    """Create a generic panel for every parameter group without a panel of its own."""
    groups = dict.fromkeys(spec.group for spec in PARAMS if spec.group not in _OWN_PANEL)
    return tuple(ParamPanel(group.replace("_", " ").capitalize(), group, subscriptions) for group in groups)


class Deck(QWidget):
    """Shows one page at a time; a page is a row of panels."""

    def __init__(self, pages: Pages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = tuple((key, DECK_PAGES[key], f"Show the {DECK_PAGES[key].lower()} page") for key in pages)
        self.tabs = Segments("Deck", titles, upright=True)
        self.stack = QStackedWidget()
        self._keys = list(pages)
        for panels in pages.values():
            page = QWidget()
            row = QHBoxLayout(page)
            tight(row, 0, _GAP)
            for panel, stretch in panels:
                row.addWidget(panel, stretch)
            self.stack.addWidget(page)
        self.tabs.chosen.connect(self.show_page)
        row = QHBoxLayout(self)
        tight(row, 0, 6)
        row.addWidget(self.tabs)
        row.addWidget(self.stack, 1)
        self.setFixedHeight(px(HEIGHT))

    @property
    def page(self) -> str:
        """Key of the visible page."""
        return self.tabs.choice

    def show_page(self, key: str) -> None:
        """Show a page by its key."""
        self.tabs.show_choice(key)
        self.stack.setCurrentIndex(self._keys.index(key))
