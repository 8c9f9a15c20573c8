"""The preset browser: search and filters, the list, and actions on the current preset.

The computer keyboard and the piano stay playable while it is open.
"""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.session import Query
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_list import PresetList
from synth_app.ui.presets.preset_tools import PresetTools
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, RADIUS, colors, px
from synth_app.ui.widgets.panel import label, tight

_WIDTH, _SIDE, _TOOLS = 1060, 148, 250
_HEIGHT_FRACTION = 0.62  # of the window; the piano and the controls above it stay visible
_SPECIAL = (("All", Query()), ("Favourites", Query(favourites=True)), ("My presets", Query(own=True)))
_TO_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ANY_TAG = "All tags"


class PresetBrowser(QFrame):
    """An overlay on the workspace below the top bar. Escape or a click on the preset name closes it."""

    def __init__(self, presets: PresetControl, subscriptions: Subscriptions, work: QWidget, below: QWidget) -> None:
        super().__init__(work)
        self._presets, self._state, self._below = presets, presets.state, below
        self.setObjectName("browser")
        look = f"background: {colors().panel}; border: 1px solid {colors().border}; border-radius: {px(RADIUS)}px;"
        self.setStyleSheet(f"#browser {{ {look} }}")
        self.setAccessibleName("Preset browser")
        self.search = QLineEdit(self._state.query.text)
        self.search.setPlaceholderText("Search name, tag, category or model")
        self.search.setAccessibleName("Search presets")
        self.search.setClearButtonEnabled(True)
        self.tag = Picker()
        self.tag.setAccessibleName("Tag")
        self.tag.setMinimumWidth(px(110))
        self.categories = QListWidget()
        self.categories.setAccessibleName("Categories")
        self.categories.setFixedWidth(px(_SIDE))
        self.list = PresetList()
        self.empty = label("No preset matches the filters", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.about = label("", "muted")
        self.about.setWordWrap(True)
        self.about.setMinimumHeight(px(34))
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.tools = PresetTools(presets, subscriptions)
        self._make_buttons()
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.installEventFilter(self)
        self.tag.activated.connect(lambda _: self._filter())
        self.categories.currentRowChanged.connect(lambda _: self._filter())
        self.list.chosen.connect(presets.playback.load)
        self.list.favourite_requested.connect(presets.library.toggle_favourite)
        self.list.confirmed.connect(self.hide)
        self._state.library_changed.connect(self.refill)
        self._state.changed.connect(self.show_state)
        work.installEventFilter(self)
        self.hide()
        self.refill()

    def toggle(self) -> None:
        """Open or close the browser."""
        if self.isVisible():
            self.hide()
            return
        self._place()
        self._state.library.refresh()
        self.refill()
        for problem in self._state.library.problems[:1]:
            self.about.setText(sentence(problem))
        self.show()
        self._place()  # the size hint of the tools is exact only after their style sheet is applied
        self.raise_()
        self.search.setFocus()
        self.search.selectAll()

    def refill(self) -> None:
        """Show the categories, tags and presets of the library; the filters stay."""
        library, query = self._state.library, self._state.query
        self.categories.blockSignals(True)
        self.categories.clear()
        wanted = [*_SPECIAL, *((c, Query(category=c)) for c in library.categories())]
        for name, each in wanted:
            item = QListWidgetItem(name[:1].upper() + name[1:])
            item.setData(Qt.ItemDataRole.UserRole, each)
            self.categories.addItem(item)
            if (each.category, each.favourites, each.own) == (query.category, query.favourites, query.own):
                self.categories.setCurrentItem(item)
        self.categories.blockSignals(False)
        self.tag.clear()
        self.tag.addItems([_ANY_TAG, *library.tags()])
        self.tag.setCurrentText(query.tag or _ANY_TAG)
        self._filter()

    def show_state(self) -> None:
        """Show the current preset and enable the actions that apply to it; emits nothing."""
        entry = self._state.service.entry()
        self.list.show_current(self._state.current_key())
        own = entry is not None and not entry.factory
        for button in (self.rename, self.describe, self.delete):
            button.setEnabled(own)
            button.setToolTip("" if own else "A factory preset cannot be changed; save a copy first")
        self.title.setText(self._state.title())
        if entry is not None:
            made = f"Made for {entry.preset.model.title}." if entry.preset.model else ""
            self.about.setText(" ".join(part for part in (entry.preset.about, made) if part))
        else:
            self.about.setText("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the keyboard focus back to the workspace."""
        super().hideEvent(event)
        work = self.parentWidget()
        if work is not None and self.isAncestorOf(work.focusWidget() or self):
            work.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window. Arrow keys and Enter in the search field move to the list."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._search_key(event)
        return False

    # ---- internal

    def _search_key(self, event: QKeyEvent) -> bool:
        if event.key() not in _TO_LIST:
            return False
        self.list.setFocus()
        self.list.start()
        return True

    def _filter(self) -> None:
        item = self.categories.currentItem()
        base: Query = item.data(Qt.ItemDataRole.UserRole) if item is not None else Query()
        tag = self.tag.currentText()
        self._state.query = Query(
            self.search.text(), base.category, "" if tag == _ANY_TAG else tag, base.favourites, base.own
        )
        entries = self._state.library.search(self._state.query)
        favourites = frozenset(entry.key for entry in entries if self._state.is_favourite(entry.key))
        self.list.show_entries(entries, favourites, self._state.current_key())
        self.empty.setVisible(not entries)
        self.show_state()

    def _place(self) -> None:
        work = self.parentWidget()
        if work is not None:
            top = self._below.mapTo(work, self._below.rect().bottomLeft()).y() + px(6)
            width = min(px(_WIDTH), work.width() - 2 * px(GRID))
            least = max(px(300), self.minimumSizeHint().height())  # the tools on the right need this height
            height = max(round(_HEIGHT_FRACTION * work.height()) - top, least)
            self.setGeometry(QRect((work.width() - width) // 2, top, width, height))

    def _make_buttons(self) -> None:
        dialogs, library = self._presets.dialogs, self._presets.library
        self.title = label("", "title")
        self.save_as = QPushButton("Save as…")
        self.rename = QPushButton("Rename…")
        self.describe = QPushButton("Tags…")
        self.delete = QPushButton("Delete")
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("panic"))
        self.close_button.setProperty("kind", "quiet")
        self.close_button.setAccessibleName("Close the preset browser")
        self.close_button.setToolTip("Close (Esc)")
        self.close_button.clicked.connect(self.hide)
        self.save_as.clicked.connect(dialogs.save_as)
        self.rename.clicked.connect(lambda: dialogs.rename(self._state.current_key()))
        self.describe.clicked.connect(lambda: dialogs.describe(self._state.current_key()))
        self.delete.clicked.connect(lambda: library.delete(self._state.current_key()))

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        tight(filters, 0, GRID)
        filters.addWidget(self.search, 1)
        filters.addWidget(self.tag)
        middle = QVBoxLayout()
        tight(middle, 0, GRID)
        middle.addLayout(filters)
        middle.addWidget(self.list, 1)
        middle.addWidget(self.empty)
        head = QHBoxLayout()
        tight(head, 0, 4)
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        rows = QVBoxLayout()
        tight(rows, 0, 4)
        for pair in ((self.save_as, self.rename), (self.describe, self.delete)):
            row = QHBoxLayout()
            row.setSpacing(px(4))
            for button in pair:
                row.addWidget(button, 1)
            rows.addLayout(row)
        right = QVBoxLayout()
        tight(right, 0, 6)
        right.addLayout(head)
        right.addWidget(self.about)
        right.addLayout(rows)
        right.addStretch(1)
        right.addWidget(self.tools)
        side = QWidget()
        side.setFixedWidth(px(_TOOLS))
        side.setLayout(right)
        row = QHBoxLayout(self)
        tight(row, GRID, 12)
        row.addWidget(self.categories)
        row.addLayout(middle, 1)
        row.addWidget(side)
