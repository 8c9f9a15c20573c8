"""The preset browser: a page at the side that lets presets be heard, sorted, filtered, chosen and described.

Whoever leaves it without choosing gets the earlier sound back. Keyboard, pad and sliders stay usable meanwhile; a move
of one of them chooses the preset that is heard.
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from synth_app.patch import Patch
from synth_app.session import ModelChanged, PresetEntry, Query
from synth_app.session.presets.preset_service import LoadResult
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.drawing.search_field import SearchField
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.audition_control import AuditionControl
from synth_app.ui.presets.likeness_loader import LikenessLoader
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_list import PresetList
from synth_app.ui.presets.side_page import BREED, PRESETS, SidePage, tool_button
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import compact_combo, label, tight

_SPECIAL = (("All categories", Query()), ("Favourites", Query(favourites=True)), ("My presets", Query(own=True)))
_TO_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ANY_TAG = "All tags"
_ORDERS = ("By category", "Nearest first")
_ORDER_HELP = "Nearest first: what sounds most like the sound that played when the browser was opened"
_ABOUT_HEIGHT = 32  # design px: two lines


@dataclass(frozen=True)
class BrowserParts:
    """What the browser works with.

    Attributes:
        presets: the window's access to presets.
        subscriptions: of the widgets of the window.
        auditions: lets them be heard.
        likeness: measures how near they are.
    """

    presets: PresetControl
    subscriptions: Subscriptions
    auditions: AuditionControl
    likeness: LikenessLoader


class PresetBrowser(SidePage):
    """A page of the window. Escape leaves it, Enter chooses.

    Signals:
        end_chosen: the present preset is one end of the morph between presets: 0 is the first, 1 the second.
    """

    end_chosen = Signal(int)

    def __init__(self, parts: BrowserParts, parent: QWidget | None = None) -> None:
        super().__init__(PRESETS, "Preset browser", parent)
        self._presets, self._state = parts.presets, parts.presets.state
        self._auditions, self._likeness = parts.auditions, parts.likeness
        self._distances: dict[str, float] | None = None
        self._measured: Patch | None = None  # the patch that the distances are asked for
        self._note = ""  # shown until another row is heard
        self._heard: LoadResult | None = None
        self._unheard = False  # the marked row is not the present sound, because a recording must not be disturbed
        self._shown_key = ""
        self._make_fields()
        self._make_buttons()
        self._lay_out()
        self._connect(parts.subscriptions)
        self.refill()

    # ---- opening and leaving

    def enter(self) -> None:
        """Show the present library and filters, and take the focus."""
        self._state.library.refresh()
        self._note = "".join(sentence(problem) for problem in self._state.library.problems[:1])
        self._measured = None
        self._ask_distances()
        self.refill()
        self.search.setFocus()
        self.search.selectAll()

    def leave(self, following: str) -> None:
        """Bring the earlier sound back; the page of variations goes on with the one that is heard."""
        if following == BREED:
            self._auditions.hand_over()
        else:
            self._auditions.leave()

    def take(self) -> None:
        """Choose the marked preset, as one undo step, and close."""
        key = self.list.current_key()
        if key and self._auditions.active and key == self._state.current_key():
            self._auditions.keep()
            self._presets.playback.show_result(self._heard)
        elif key and (key != self._state.current_key() or self._state.service.modified):
            self._presets.playback.load(key)
        self.close_requested.emit()

    # ---- showing

    def refill(self) -> None:
        """Show the categories, tags and presets of the library; the filters stay."""
        library, query = self._state.library, self._state.query
        self.categories.blockSignals(True)
        self.categories.clear()
        for name, each in (*_SPECIAL, *((c, Query(category=c)) for c in library.categories())):
            self.categories.addItem(name[:1].upper() + name[1:], each)
            if (each.category, each.favourites, each.own) == (query.category, query.favourites, query.own):
                self.categories.setCurrentIndex(self.categories.count() - 1)
        self.categories.blockSignals(False)
        self.tag.clear()
        self.tag.addItems([_ANY_TAG, *library.tags()])
        self.tag.setCurrentText(query.tag or _ANY_TAG)
        self._filter()

    def show_state(self) -> None:
        """Show the current preset and enable the actions that apply to it; emits nothing."""
        entry = self._state.service.entry()
        key = self._state.current_key()
        if key != self._shown_key or not self._unheard:
            self._shown_key, self._unheard = key, False
            self.list.show_current(key)
        own = entry is not None and not entry.factory
        for action in (self.rename, self.describe, self.delete):
            action.setEnabled(own)
        self.use.setEnabled(bool(self.list.current_key()))
        self.about.setText(self._note or (_described(entry) if entry is not None else ""))

    # ---- Qt events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and Enter in the search field move to the list."""
        pressed = watched is self.search and event.type() == QEvent.Type.KeyPress
        if not (pressed and isinstance(event, QKeyEvent) and event.key() in _TO_LIST):
            return False
        self.list.setFocus()
        self.list.start()
        return True

    # ---- internal

    def _hear(self, key: str) -> None:
        self._note = ""
        self._heard = self._auditions.hear_preset(key)
        self._unheard = self._heard is None
        if self._heard is not None and self._heard.remark:
            self._note = self._heard.remark
        self.show_state()

    def _show_note(self, text: str) -> None:
        self._note = text
        self.show_state()

    def _filter(self) -> None:
        base: Query = self.categories.currentData() or Query()
        tag = self.tag.currentText()
        self._state.query = Query(
            self.search.text(), base.category, "" if tag == _ANY_TAG else tag, base.favourites, base.own
        )
        entries = self._state.library.search(self._state.query)
        if self._distances is not None:
            far = max(self._distances.values(), default=0.0)
            entries = tuple(sorted(entries, key=lambda entry: (self._distances or {}).get(entry.key, far)))
        favourites = frozenset(entry.key for entry in entries if self._state.is_favourite(entry.key))
        self.list.show_entries(entries, favourites, self._state.current_key(), self._distances)
        self.empty.setVisible(not entries)
        self.show_state()

    def _order_changed(self) -> None:
        self._measured, self._state.nearest_first = None, self.order.currentIndex() == 1
        if not self._state.nearest_first:
            self._distances = None
            self._filter()
        self._ask_distances()

    def _ask_distances(self) -> None:
        """Ask for the distances from the sound that was there before any preset was heard."""
        if self.order.currentIndex() == 1 and self._measured is None:
            self._measured = self._auditions.earlier
            self._likeness.request(self._measured)

    def _follow_model(self) -> None:
        self._measured = None
        if self.isVisible():
            self._ask_distances()

    def _take_distances(self, distances: dict[str, float], patch: Patch) -> None:
        if patch is self._measured:
            self._distances = distances
            self._show_note("")
            self._filter()

    def _show_progress(self, done: int, total: int) -> None:
        if self.order.currentIndex() == 1:
            self._show_note(f"Measuring what is near: {done} of {total}. Later searches need no time")

    def _make_fields(self) -> None:
        self.search = SearchField(self._state.query.text)
        self.search.setPlaceholderText("Search")
        self.search.setToolTip("Words in name, tags, category or model")
        self.search.setAccessibleName("Search presets")
        self.categories = compact_combo("Category", "Show one category, your favourites or your own presets", 90)
        self.tag = compact_combo("Tag", "Show presets with one tag", 80)
        self.order = compact_combo("Order", _ORDER_HELP, 90)
        self.order.addItems(_ORDERS)
        self.order.setCurrentIndex(1 if self._state.nearest_first else 0)
        self.list = PresetList()
        self.empty = label("No preset matches the filters", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.about = label("", "muted")
        self.about.setWordWrap(True)
        self.about.setFixedHeight(px(_ABOUT_HEIGHT))
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _make_buttons(self) -> None:
        dialogs, library = self._presets.dialogs, self._presets.library
        self.phrases = tool_button("play", "Play phrases", "Play a phrase of each preset", checkable=True)
        self.phrases.setChecked(self._auditions.with_phrases)
        self.menu_button = tool_button("menu", "Preset actions", "Save, rename, describe or delete; morph")
        menu = QMenu(self.menu_button)
        menu.addAction("Save as…").triggered.connect(lambda: dialogs.save_as())
        self.rename = menu.addAction("Rename…")
        self.describe = menu.addAction("Category and tags…")
        self.delete = menu.addAction("Delete")
        menu.addSeparator()
        for end, text in enumerate(("Morph from this preset", "Morph to this preset")):
            menu.addAction(text).triggered.connect(lambda _=False, end=end: self.end_chosen.emit(end))
        self.rename.triggered.connect(lambda: dialogs.rename(self._state.current_key()))
        self.describe.triggered.connect(lambda: dialogs.describe(self._state.current_key()))
        self.delete.triggered.connect(lambda: library.delete(self._state.current_key()))
        self.menu_button.setMenu(menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.use, self.back = QPushButton("Use"), QPushButton("Back")
        self.use.setProperty("kind", "primary")
        self.use.setToolTip("Choose the marked preset (Enter)")
        self.back.setToolTip("Return to the earlier sound (Esc)")

    def _connect(self, subscriptions: Subscriptions) -> None:
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.installEventFilter(self)
        self.tag.activated.connect(lambda _: self._filter())
        self.categories.currentIndexChanged.connect(lambda _: self._filter())
        self.order.currentIndexChanged.connect(lambda _: self._order_changed())
        self.list.chosen.connect(self._hear)
        self.list.favourite_requested.connect(self._presets.library.toggle_favourite)
        self.list.confirmed.connect(self.take)
        self.phrases.toggled.connect(lambda on: self._auditions.set_phrases(on=on))
        self.use.clicked.connect(self.take)
        self.back.clicked.connect(self.close_requested.emit)
        self._auditions.phrases_changed.connect(self.phrases.setChecked)
        self._auditions.blocked.connect(self._show_note)
        self._state.library_changed.connect(self.refill)
        self._state.changed.connect(self.show_state)
        queued = Qt.ConnectionType.QueuedConnection  # from the thread that measures
        self._likeness.ready.connect(self._take_distances, queued)
        self._likeness.progress.connect(self._show_progress, queued)
        self._likeness.problem.connect(self._show_note, queued)
        subscriptions.on(ModelChanged, lambda _: self._follow_model())

    def _lay_out(self) -> None:
        for button in (self.phrases, self.menu_button):
            self.header.insertWidget(self.header.count() - 1, button)
        filters, below = QHBoxLayout(), QHBoxLayout()
        for row in (filters, below):
            tight(row, 0, 4)
        filters.addWidget(self.categories, 4)
        filters.addWidget(self.tag, 3)
        filters.addWidget(self.order, 4)
        below.addWidget(self.about, 1)
        below.addWidget(self.back)
        below.addWidget(self.use)
        self.header.insertWidget(1, self.search, 100)
        self.box.setSpacing(px(6))
        self.box.setContentsMargins(px(GRID), px(6), px(GRID), px(GRID))
        self.box.addLayout(filters)
        self.box.addWidget(self.list, 1)
        self.box.addWidget(self.empty)
        self.box.addLayout(below)


def _described(entry: PresetEntry) -> str:
    """Return what the browser says about a preset."""
    made = f"Made for {entry.preset.model.title}." if entry.preset.model else ""
    return " ".join(part for part in (entry.preset.about, made) if part)
