"""The list of the user's sounds: hear, name, keys, length."""

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidgetItem

from synth_app.session.sounds.sound_edits import used_seconds
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.sounds.user_sound import UserSound
from synth_app.ui.base.plain_text import plain
from synth_app.ui.base.row_list import RowList
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.value_format import note_name

SOUND_MIME = "application/x-synth-app-sound"
_KEY = Qt.ItemDataRole.UserRole
_HEAR, _NAME, _KEYS, _LENGTH = range(4)


class SoundList(RowList):
    """Rows of sounds.

    Signals:
        chosen: the user moved to a row, or there is none: its key or "".
        preview_requested: by a click on its triangle, or Space.
        load_requested: by Enter or a double-click.
        edit_requested: by Ctrl+Enter.
        renamed: key and new name, typed after F2.
        delete_requested: by Delete.
        menu_requested: key and position on the screen.
        drag_started, drag_ended: around the drag of a row to the window.
    """

    chosen = Signal(str)
    preview_requested = Signal(str)
    load_requested = Signal(str)
    edit_requested = Signal(str)
    renamed = Signal(str, str)
    delete_requested = Signal(str)
    menu_requested = Signal(str, QPoint)
    drag_started = Signal()
    drag_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.set_up(["", "Name", "Key", "Length"], "Your sounds")
        self.setIconSize(QSize(px(14), px(14)))
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(px(28))
        header.resizeSection(_HEAR, px(34))
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(_KEYS, px(150))
        header.resizeSection(_LENGTH, px(72))
        self.itemClicked.connect(self._clicked)
        self.itemDoubleClicked.connect(self._double_clicked)
        self.itemChanged.connect(self._changed)
        self.currentItemChanged.connect(lambda *_: self.chosen.emit(self.current_key()))

    def show_entries(self, entries: tuple[SoundEntry, ...], playing: str) -> None:
        """Fill the rows; the current one stays, or its neighbour is chosen if it is gone."""
        key, row = self.current_key(), self.currentIndex().row()
        self.blockSignals(True)
        self.clear()
        for entry in entries:
            self.addTopLevelItem(_row(entry, playing=entry.key == playing))
        keys = [entry.key for entry in entries]
        if entries:
            index = keys.index(key) if key in keys else min(max(row, 0), len(keys) - 1)
            self.setCurrentIndex(self.model().index(index, 0))
        self.blockSignals(False)
        self.chosen.emit(self.current_key())

    def show_playing(self, playing: str) -> None:
        """Mark the sound that is heard."""
        self.blockSignals(True)
        for item in self.rows():
            _mark(item, playing=item.data(_HEAR, _KEY) == playing)
        self.blockSignals(False)

    def select(self, key: str) -> None:
        """Move to the row of a sound."""
        for item in self.rows():
            if item.data(_HEAR, _KEY) == key:
                self.setCurrentItem(item)

    def current_key(self) -> str:
        """Return the key of the current row, "" without one."""
        item = self.currentItem()
        return item.data(_HEAR, _KEY) if item is not None else ""

    def rename_current(self) -> None:
        """Let the user type another name."""
        item = self.currentItem()
        if item is not None:
            self.editItem(item, _NAME)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space hears, Enter loads, Ctrl+Enter edits, F2 renames, Delete deletes. Letters play notes."""
        key, current = event.key(), self.current_key()
        if not current:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self.preview_requested.emit(current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            edits = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.edit_requested if edits else self.load_requested).emit(current)
        elif key == Qt.Key.Key_F2:
            self.rename_current()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit(current)
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row under the mouse, or of the current one."""
        item = self.itemAt(event.pos())
        if item is not None:
            self.menu_requested.emit(item.data(_HEAR, _KEY), event.globalPos())

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the current row to a slot or a corner."""
        mime = sound_mime(self.current_key())
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(icon("waves").pixmap(px(24), px(24)))
        self.drag_started.emit()
        drag.exec(Qt.DropAction.CopyAction)
        self.drag_ended.emit()

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _HEAR:
            self.preview_requested.emit(item.data(_HEAR, _KEY))

    def _changed(self, item: QTreeWidgetItem) -> None:
        """Tell about a new name once the editor is closed, because the list is then filled again."""
        key, name = item.data(_HEAR, _KEY), item.text(_NAME)
        QTimer.singleShot(0, self, lambda: self.renamed.emit(key, name))

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column != _HEAR:
            self.load_requested.emit(item.data(_HEAR, _KEY))


def sound_mime(key: str) -> QMimeData:
    """Return the data of a dragged sound."""
    mime = QMimeData()
    mime.setData(SOUND_MIME, key.encode())
    return mime


def keys_text(sound: UserSound) -> str:
    """Return the keys of a sound in few words."""
    if not sound.pitched:
        return "no pitch"
    names = [note_name(round(pitch)) for pitch in sorted({each.pitch for each in sound.recordings})]
    unique = list(dict.fromkeys(names))
    return ", ".join(unique) if len(unique) <= 4 else f"{unique[0]} – {unique[-1]} ({len(unique)} keys)"


def _row(entry: SoundEntry, *, playing: bool) -> QTreeWidgetItem:
    sound = entry.sound
    item = QTreeWidgetItem(["", sound.name, keys_text(sound), f"{used_seconds(sound):.1f} s"])
    item.setData(_HEAR, _KEY, entry.key)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    sources = ", ".join(dict.fromkeys(each.source for each in sound.recordings))
    item.setToolTip(_NAME, f"<b>{plain(sound.name)}</b><br>{plain(sources)}<br>Drag it onto a slot or a corner")
    _mark(item, playing=playing)
    return item


def _mark(item: QTreeWidgetItem, *, playing: bool) -> None:
    item.setIcon(_HEAR, icon("stop", "accent") if playing else icon("play", "muted"))
    item.setToolTip(_HEAR, "Stop (Space)" if playing else "Hear the recording (Space)")
    item.setData(_HEAR, Qt.ItemDataRole.AccessibleTextRole, "playing" if playing else "")
