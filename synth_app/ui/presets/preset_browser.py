"""The preset browser: search and filters, the list, and what can be done with a preset. The piano stays playable."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
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
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_list import PresetList
from synth_app.ui.presets.preset_tools import PresetTools
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import COLORS, GRID, RADIUS, px
from synth_app.ui.widgets.panel import label, tight

_WIDTH, _SIDE, _TOOLS = 1060, 148, 250
_SHARE = 0.62  # of the window's height, so that the piano and the controls above it stay in sight
_SPECIAL = (("All", Query()), ("Favourites", Query(favourites=True)), ("My presets", Query(own=True)))
_TO_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ANY_TAG = "All tags"


class PresetBrowser(QFrame):
    """Lies over the workspace, below the top bar; Escape or the preset's name closes it."""

    def __init__(self, control: PresetControl, subscriptions: Subscriptions, work: QWidget, below: QWidget) -> None:
        super().__init__(work)
        self._control, self._below = control, below
        self.setObjectName("browser")
        look = f"background: {COLORS.panel}; border: 1px solid {COLORS.border}; border-radius: {px(RADIUS)}px;"
        self.setStyleSheet(f"#browser {{ {look} }}")
        self.setAccessibleName("Preset browser")
        self.search = QLineEdit(control.query.text)
        self.search.setPlaceholderText("Search name, tag, category or model")
        self.search.setAccessibleName("Search presets")
        self.search.setClearButtonEnabled(True)
        self.tag = QComboBox()
        self.tag.setAccessibleName("Tag")
        self.tag.setMinimumWidth(px(110))
        self.categories = QListWidget()
        self.categories.setAccessibleName("Categories")
        self.categories.setFixedWidth(px(_SIDE))
        self.list = PresetList()
        self.empty = label("No preset fits", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.about = label("", "muted")
        self.about.setWordWrap(True)
        self.about.setMinimumHeight(px(34))
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.tools = PresetTools(control, subscriptions)
        self._make_buttons()
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.installEventFilter(self)
        self.tag.activated.connect(lambda _: self._filter())
        self.categories.currentRowChanged.connect(lambda _: self._filter())
        self.list.chosen.connect(control.load)
        self.list.favourite_requested.connect(control.toggle_favourite)
        self.list.taken.connect(self.hide)
        control.listed.connect(self.refill)
        control.changed.connect(self.show_state)
        work.installEventFilter(self)
        self.hide()
        self.refill()

    def toggle(self) -> None:
        """Open, or close."""
        if self.isVisible():
            self.hide()
            return
        self._place()
        self._control.library.refresh()
        self.refill()
        for problem in self._control.library.problems[:1]:
            self.about.setText(problem)
        self.show()
        self._place()  # what the tools need is known once they are dressed
        self.raise_()
        self.search.setFocus()
        self.search.selectAll()

    def refill(self) -> None:
        """Show the library's categories, tags and presets anew; the filters stay."""
        library, query = self._control.library, self._control.query
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
        """Follow the desk: which preset plays, and what can be done with it; asks for nothing."""
        current, entry = self._control.desk.current, self._control.desk.entry()
        self.list.show_current(current.key if current else "")
        own = entry is not None and not entry.factory
        for button in (self.rename, self.describe, self.delete):
            button.setEnabled(own)
            button.setToolTip("" if own else "Only your own presets can be changed; save a copy first")
        self.title.setText(self._control.title())
        if entry is not None:
            made = f"Made for {entry.preset.model.title}." if entry.preset.model else ""
            self.about.setText(" ".join(part for part in (entry.preset.about, made) if part))
        else:
            self.about.setText("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The focus goes back to the instrument."""
        super().hideEvent(event)
        work = self.parentWidget()
        if work is not None and self.isAncestorOf(work.focusWidget() or self):
            work.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window changes size; from the search field, arrows and Enter go to the list."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._search_key(event)
        return False

    # ---- inside

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
        self._control.query = Query(
            self.search.text(), base.category, "" if tag == _ANY_TAG else tag, base.favourites, base.own
        )
        entries = self._control.library.search(self._control.query)
        favourites = frozenset(entry.key for entry in entries if self._control.is_favourite(entry.key))
        current = self._control.desk.current
        self.list.show_entries(entries, favourites, current.key if current else "")
        self.empty.setVisible(not entries)
        self.show_state()

    def _place(self) -> None:
        work = self.parentWidget()
        if work is not None:
            top = self._below.mapTo(work, self._below.rect().bottomLeft()).y() + px(6)
            width = min(px(_WIDTH), work.width() - 2 * px(GRID))
            least = max(px(300), self.minimumSizeHint().height())  # less would squeeze the tools on the right
            height = max(round(_SHARE * work.height()) - top, least)
            self.setGeometry(QRect((work.width() - width) // 2, top, width, height))

    def _make_buttons(self) -> None:
        control = self._control
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
        self.save_as.clicked.connect(control.save_as)
        self.rename.clicked.connect(lambda: control.ask_rename(self._key()))
        self.describe.clicked.connect(lambda: control.ask_describe(self._key()))
        self.delete.clicked.connect(lambda: control.delete(self._key()))

    def _key(self) -> str:
        current = self._control.desk.current
        return current.key if current else ""

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
