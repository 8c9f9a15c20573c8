"""The command palette (Ctrl+K), which finds every action by name, and the sheet of all shortcuts (F1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from synth_app.ui.drawing.item_style import item_style
from synth_app.ui.keyboard.key_positions import OCTAVE_KEYS, PLAY_KEYS, VELOCITY_KEYS, KeyLetters
from synth_app.ui.theme.theme import GRID, colors, px, qcolor
from synth_app.ui.widgets.panel import label, tight

_SIZE = (520, 380)
_COMMAND = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex
SEARCH_WORDS = "search_words"  # property of an action: words that find it in addition to its name


@dataclass(frozen=True)
class Command:
    """A command of the palette: its name, its shortcut as text ("" without one), and the function to run.

    ``words`` find the command in addition to its name.
    """

    name: str
    keys: str
    run: Callable[[], object]
    words: str = ""

    def found_by(self, text: str) -> bool:
        """Return whether the typed text matches the name, or its words are in name and ``words`` together."""
        searched = f"{self.name} {self.words}".lower()
        return matches(text, self.name) or all(word in searched for word in text.lower().split())


def window_commands(window: QMainWindow) -> list[Command]:
    """Return all enabled actions of the window and its menus, sorted by name."""
    found: dict[QAction, Command] = {}
    for action in window.actions():
        _collect(action, "", found)
    for menu in window.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        for action in menu.actions():
            _collect(action, f"{menu.title()}: " if menu.title() else "", found)
    return sorted(found.values(), key=lambda command: command.name.lower())


def _collect(action: QAction, prefix: str, found: dict[QAction, Command]) -> None:
    menu = action.menu()
    if isinstance(menu, QMenu):
        for inner in menu.actions():
            _collect(inner, f"{prefix}{menu.title()}: ", found)
    elif action.text() and action.isEnabled() and not action.isSeparator():
        name = prefix + action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        words = str(action.property(SEARCH_WORDS) or "")
        found.setdefault(action, Command(name, keys, action.trigger, words))


def matches(text: str, name: str) -> bool:
    """Return whether the name contains every typed word, or the typed letters in this order.

    ``wav exp`` and ``exwav`` both find "Export WAV".
    """
    name = name.lower()
    if all(word in name for word in text.lower().split()):
        return True
    letters = iter(name)
    return all(letter in letters for letter in text.lower().replace(" ", ""))


def rank(text: str, name: str) -> int:
    """Return how well a matching name fits the typed text: 0 is best, 3 worst.

    0: the name starts with it. 1: every typed word starts a word of the name. 2: the name contains every word.
    3: it contains the letters in this order.
    """
    text, name = text.lower().strip(), name.lower()
    words, parts = text.split(), re.findall(r"\w+", name)
    if name.startswith(text):
        return 0
    if all(any(part.startswith(word) for part in parts) for word in words):
        return 1
    return 2 if all(word in name for word in words) else 3


class _CommandRow(QStyledItemDelegate):
    """Paints the shortcut of a command at the right edge, so that all stand in one column."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the name, and the shortcut beside it."""
        super().paint(painter, option, index)
        command: Command | None = index.data(_COMMAND)
        if command is not None and command.keys:
            row = item_style(self, option, index)
            text = row.widget.style().subElementRect(QStyle.SubElement.SE_ItemViewItemText, row, row.widget)
            place = QRect(row.rect.left(), text.top(), row.rect.width() - px(GRID), text.height())
            painter.setFont(row.font)
            painter.setPen(qcolor("muted"))
            painter.drawText(place, _RIGHT, command.keys)


class CommandPalette(QFrame):
    """A popup with a text field and the list of matching commands.

    ``more`` returns further commands for the typed text.
    """

    def __init__(
        self, window: QMainWindow, commands: list[Command], more: Callable[[str], list[Command]] | None = None
    ) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("panel", True)
        self.setObjectName("palette")
        self.setStyleSheet(f"#palette {{ border: 1px solid {colors().border}; border-radius: 0; }}")
        self._commands, self._more = commands, more
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a command, a note or a model")
        self.field.setAccessibleName("Command")
        self.list = QListWidget()
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_CommandRow(self.list))
        self.list.itemActivated.connect(self._run)
        self.list.itemClicked.connect(self._run)
        box = QVBoxLayout(self)
        tight(box, GRID, GRID)
        box.addWidget(self.field)
        box.addWidget(self.list)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self._fill("")
        self.resize(px(_SIZE[0]), px(_SIZE[1]))
        corner = window.mapToGlobal(QPoint((window.width() - self.width()) // 2, px(72)))
        self.move(corner)

    def names(self) -> list[str]:
        """Return the names of the listed commands."""
        rows = [self.list.item(row) for row in range(self.list.count())]
        return [row.text() for row in rows if row.data(_COMMAND) is not None]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select with the arrow keys while the text field has the focus; run with Enter; close with Escape."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow((self.list.currentRow() + step) % max(self.list.count(), 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None:
                self._run(item)
        else:
            super().keyPressEvent(event)

    def open(self) -> None:
        """Show the palette with the focus in its text field."""
        self.show()
        self.field.setFocus()

    def _fill(self, text: str) -> None:
        self.list.clear()
        shown = [command for command in self._commands if command.found_by(text)]
        shown.sort(key=lambda command: rank(text, command.name))
        if self._more is not None and text.strip():
            shown += self._more(text)
        for command in shown:
            item = QListWidgetItem(command.name)
            item.setData(_COMMAND, command)
            spoken = f"{command.name}, {command.keys}" if command.keys else command.name
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.list.addItem(item)
        if not shown:
            empty = QListWidgetItem("No command matches")
            empty.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(empty)
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem) -> None:
        command: Command | None = item.data(_COMMAND)
        if command is not None:
            self.close()
            command.run()


USAGE = (
    ("Ctrl+Z", "undo"),
    ("Ctrl+Shift+Z", "redo"),
    ("Drag · Shift+drag", "move a control · with fine steps"),
    ("Wheel · arrows · Page keys", "steps"),
    ("Double-click · Delete", "reset to the default"),
    ("Enter", "type a value"),
    ("Space on a latent slider", "lock it against randomizing"),
    ("Map: click · double-click · drag", "play · load (Shift: slot B) · move through the notes"),
    ("Map: wheel, + − · right-drag · 0", "zoom · move the map · show all"),
    ("Morph pad: 1 2 3 4", "choose the note of a corner"),
    ("Scope: + − · up, down", "time · magnification"),
    ("Tab · Shift+Tab", "from control to control"),
)


def play_usage(letters: KeyLetters) -> tuple[tuple[str, str], ...]:
    """Return the keys that play, as the present keyboard layout prints them, and what they do."""
    return (
        (letters.row(PLAY_KEYS), "play"),
        (letters.row(OCTAVE_KEYS), "octave down, up"),
        (letters.row(VELOCITY_KEYS), "softer, harder"),
    )


class ShortcutSheet(QDialog):
    """All shortcuts and mouse actions on one sheet."""

    def __init__(self, window: QMainWindow, letters: KeyLetters) -> None:
        super().__init__(window)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(px(3 * GRID))
        grid.setVerticalSpacing(px(6))
        described = {keys for keys, _ in USAGE}
        commands = window_commands(window)
        with_keys = [(each.keys, each.name) for each in commands if each.keys and each.keys not in described]
        self.rows = (*play_usage(letters), *USAGE, *with_keys)
        half = (len(self.rows) + 1) // 2
        for i, (keys, what) in enumerate(self.rows):
            row, column = i % half, 2 * (i // half)
            grid.addWidget(label(keys, "strong"), row, column)
            grid.addWidget(label(what, "muted"), row, column + 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        box = QVBoxLayout(self)
        tight(box, 2 * GRID, GRID)
        box.addWidget(label("Keys and mouse", "heading"))
        box.addWidget(area)
        self.resize(px(900), px(460))
