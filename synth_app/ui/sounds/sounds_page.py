"""The page of the user's sounds: an overlay on the workspace, above the piano, which stays playable."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.dataset.audio_files import AUDIO_SUFFIXES
from synth_app.session.sounds.sound_edits import used_seconds
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.ports.shell import Place
from synth_app.ui.sounds.drop_area import DROP_TEXT, DropArea
from synth_app.ui.sounds.file_target import FileTarget
from synth_app.ui.sounds.history_keys import history_key
from synth_app.ui.sounds.queue_view import QueueView
from synth_app.ui.sounds.record_panel import RecordPanel
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.sounds.sound_list import SoundList, keys_text
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, RADIUS, colors, px
from synth_app.ui.widgets.panel import label, tight

_WIDTH, _SIDE = 1060, 236
PLACES = (Place("a"), Place("b"), *(Place("a", corner) for corner in range(4)))


class SoundsPage(FileTarget):
    """Escape or Ctrl+U closes it. While a sound is dragged, the page makes room for slots and corners.

    Signals:
        edit_requested: open the editor for the sound of a key.
        dragging: a sound is dragged to the window.

    Args:
        control: of the sounds.
        recorder: the panel that records.
        work: the workspace, which the page covers.
        above, below: widgets of the workspace between which it lies.
    """

    edit_requested = Signal(str)
    dragging = Signal()

    def __init__(
        self, control: SoundControl, recorder: RecordPanel, work: QWidget, above: QWidget, below: QWidget
    ) -> None:
        super().__init__(work)
        self._control, self._above, self._below = control, above, below
        self._dragging = False
        self.setObjectName("sounds")
        look = f"background: {colors().panel}; border: 1px solid {colors().border}; border-radius: {px(RADIUS)}px;"
        self.setStyleSheet(f"#sounds {{ {look} }}")
        self.setAccessibleName("Your sounds")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside the list keeps the keyboard here
        self.list, self.empty, self.queue = SoundList(), DropArea(), QueueView(control.queue)
        self.recorder = recorder
        self._make_buttons()
        self._lay_out()
        self._connect()
        for each in (work, self.queue, self.recorder):
            each.installEventFilter(self)
        self.hide()
        self.show_state()

    # ---- opening

    def toggle(self) -> None:
        """Open or close the page."""
        if self.isVisible():
            self.hide()
        else:
            self.open()

    def open(self) -> None:
        """Show the page."""
        self._control.jobs.prepare()
        self._control.refresh()
        self._place()
        self.show()
        self._place()  # size hints are exact only after the style sheet is applied
        self.raise_()
        self._focus()

    def choose_files(self) -> None:
        """Ask for audio files and add them."""
        endings = " ".join(f"*{suffix}" for suffix in AUDIO_SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(self, "Add recordings", "", f"Audio ({endings});;All files (*)")
        if names:
            self._control.import_files([Path(name) for name in names])

    def show_state(self) -> None:
        """Show the library."""
        entries = self._control.entries
        self.stack.setCurrentIndex(1 if entries else 0)
        self.list.show_entries(entries, self._control.playing)
        self._show_chosen()
        for button in (self.open_files, self.record, self.capture):
            button.setVisible(bool(entries))
        problems = self._control.library.problems
        self.hint.setText(sentence(problems[0]) if problems else f"{DROP_TEXT}. Drag a sound onto a slot or a corner.")

    # ---- Qt events

    def take_files(self, paths: list[Path]) -> None:
        """Add files and folders."""
        self._control.import_files(paths)

    def event(self, event: QEvent) -> bool:
        """Claim undo and redo, which are those of the sounds here, and the search for the current sound."""
        claims = isinstance(event, QKeyEvent) and (history_key(event) or self._finds(event))
        if event.type() == QEvent.Type.ShortcutOverride and claims:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the keyboard on to the list, or to the first button without one."""
        super().focusInEvent(event)
        self._focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo changes of the library; find what is similar to the current sound; close on Escape."""
        way = history_key(event)
        if way:
            (self._control.undo if way == "undo" else self._control.redo)()
        elif self._finds(event):
            self._control.find_similar(self.list.current_key(), None)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop what is heard; release the input; give the focus back to the workspace."""
        super().hideEvent(event)
        if not self._dragging and self.isHidden():
            self._control.stop()
            self.recorder.close_source()
        work = self.parentWidget()
        if work is not None and self.isAncestorOf(work.focusWidget() or self):
            work.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window; keep the keyboard when a part that has it is hidden."""
        if event.type() == QEvent.Type.Hide and watched in (self.recorder, self.queue) and self.isVisible():
            assert isinstance(watched, QWidget)
            if watched.isAncestorOf(QApplication.focusWidget() or self):
                self._focus()
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        return False

    # ---- internal

    def _finds(self, event: QKeyEvent) -> bool:
        """Return whether a key searches for what is similar to the current sound."""
        return event.matches(QKeySequence.StandardKey.Find) and bool(self.list.current_key())

    def _focus(self) -> None:
        (self.list if self._control.entries else self.empty.open).setFocus()

    def _make_buttons(self) -> None:
        self.open_files = _quiet("Open…", "plus", "Add audio files")
        self.record = _quiet("Record", "record", "Record from a microphone or another input")
        self.capture = _quiet("Capture output", "waves", "Record what this program plays")
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setProperty("kind", "quiet")
        self.close_button.setAccessibleName("Close your sounds")
        self.close_button.setToolTip("Close (Esc)")
        self.name, self.about = label("", "title"), label("", "muted")
        self.about.setWordWrap(True)
        self.play = QPushButton(icon("play"), "Hear")
        self.slots = {slot: QPushButton(f"Slot {slot.upper()}") for slot in ("a", "b")}
        self.corner = QPushButton("Corner…")
        self.edit = QPushButton("Edit…")
        self.similar = QPushButton("Find similar")
        self.rename, self.delete = QPushButton("Rename"), QPushButton("Delete")
        tips = {
            self.play: "Hear the recording as it is (Space)",
            self.slots["a"]: "Play it from slot A (Enter)",
            self.slots["b"]: "Play it from slot B",
            self.corner: "Put it into a corner of the morph pad",
            self.edit: "Trim, loop, slice and tune the recording, and compare it with the model (Ctrl+Enter)",
            self.similar: "Notes, your sounds and presets that sound like it (Ctrl+F)",
            self.rename: "Type another name (F2)",
            self.delete: "Move it to the trash; Ctrl+Z brings it back (Delete)",
        }
        for button, tip in tips.items():
            button.setToolTip(tip)
            button.setAutoDefault(False)
        menu = QMenu(self.corner)
        for place in PLACES[2:]:
            menu.addAction(f"Corner {place.text()[-1]}").triggered.connect(
                lambda _=False, place=place: self._load(place)
            )
        self.corner.setMenu(menu)

    def _connect(self) -> None:
        control = self._control
        control.changed.connect(self.show_state)
        control.added.connect(self.list.select)
        control.playing_changed.connect(self._show_playing)
        self.list.chosen.connect(lambda _: self._show_chosen())
        self.list.preview_requested.connect(control.preview)
        self.list.load_requested.connect(lambda key: control.load(key, PLACES[0]))
        self.list.edit_requested.connect(self.edit_requested)
        self.list.renamed.connect(control.rename)
        self.list.delete_requested.connect(control.delete)
        self.list.menu_requested.connect(self._open_menu)
        self.list.drag_started.connect(self._make_room)
        self.list.drag_ended.connect(self._come_back)
        self.play.clicked.connect(lambda: control.preview(self.list.current_key()))
        for slot, button in self.slots.items():
            place = PLACES["ab".index(slot)]
            button.clicked.connect(lambda _=False, place=place: self._load(place))
        self.edit.clicked.connect(lambda: self.edit_requested.emit(self.list.current_key()))
        self.similar.clicked.connect(lambda: control.find_similar(self.list.current_key(), None))
        self.rename.clicked.connect(self.list.rename_current)
        self.delete.clicked.connect(lambda: control.delete(self.list.current_key()))
        self.close_button.clicked.connect(self.hide)
        for button, empty in ((self.open_files, self.empty.open), (self.record, self.empty.record)):
            act = self.choose_files if button is self.open_files else self.recorder.open
            button.clicked.connect(lambda _=False, act=act: act())
            empty.clicked.connect(lambda _=False, act=act: act())
        for each in (self.capture, self.empty.capture):
            each.clicked.connect(lambda _=False: self.recorder.open(own_output=True))
        self.recorder.recorded.connect(lambda path: control.import_files([path]))

    def _load(self, place: Place) -> None:
        if key := self.list.current_key():  # the menu's actions stay when the list is empty
            self._control.load(key, place)

    def _show_chosen(self) -> None:
        entry = self._control.entry(self.list.current_key())
        slots = self.slots.values()
        for button in (self.play, *slots, self.corner, self.edit, self.similar, self.rename, self.delete):
            button.setEnabled(entry is not None)
        if entry is None:
            return
        count = len(entry.sound.recordings)
        self.name.setText(entry.sound.name)
        self.about.setText(
            f"{keys_text(entry.sound)} · {used_seconds(entry.sound):.1f} s" + (f" · {count} recordings" * (count > 1))
        )

    def _show_playing(self) -> None:
        playing = self._control.playing
        self.list.show_playing(playing)
        self.play.setText("Stop" if playing else "Hear")
        self.play.setIcon(icon("stop" if playing else "play"))

    def _open_menu(self, key: str, at: QPoint) -> None:
        self.menu(key).popup(at)

    def menu(self, key: str) -> QMenu:
        """Return the actions on a sound."""
        menu = QMenu(self)
        menu.addAction("Hear\tSpace").triggered.connect(lambda: self._control.preview(key))
        for place in PLACES:
            text = f"Load into {place.text()}" + ("\tEnter" if place == PLACES[0] else "")
            menu.addAction(text).triggered.connect(lambda _=False, place=place: self._control.load(key, place))
        menu.addSeparator()
        menu.addAction("Edit…\tCtrl+Enter").triggered.connect(lambda: self.edit_requested.emit(key))
        menu.addAction("Find similar\tCtrl+F").triggered.connect(lambda: self._control.find_similar(key, None))
        menu.addAction("Rename\tF2").triggered.connect(self.list.rename_current)
        menu.addAction("Delete\tDelete").triggered.connect(lambda: self._control.delete(key))
        return menu

    def _make_room(self) -> None:
        self._dragging = True
        self.dragging.emit()
        self.hide()

    def _come_back(self) -> None:
        self.show()
        self.raise_()
        self.list.setFocus()
        self._dragging = False

    def _place(self) -> None:
        work = self.parentWidget()
        if work is not None:
            top = self._above.mapTo(work, self._above.rect().bottomLeft()).y() + px(6)
            bottom = self._below.mapTo(work, QPoint(0, 0)).y() - px(6)
            width = min(px(_WIDTH), work.width() - 2 * px(GRID))
            height = max(bottom - top, self.minimumSizeHint().height())
            self.setGeometry(QRect((work.width() - width) // 2, top, width, height))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        tight(head, 0, 4)
        head.addWidget(label("Your sounds", "title"))
        head.addStretch(1)
        for button in (self.open_files, self.record, self.capture, self.close_button):
            head.addWidget(button)
        self.hint = label("", "caption")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        full = QWidget()
        row = QHBoxLayout(full)
        tight(row, 0, 12)
        listed = QVBoxLayout()
        tight(listed, 0, 4)
        listed.addWidget(self.list, 1)
        listed.addWidget(self.hint)
        row.addLayout(listed, 1)
        row.addWidget(self._side())
        self.stack.addWidget(full)
        column = QVBoxLayout(self)
        tight(column, 12, GRID)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.queue)
        column.addWidget(self.recorder)

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(px(_SIDE))
        column = QVBoxLayout(side)
        tight(column, 0, 6)
        column.addWidget(self.name)
        column.addWidget(self.about)
        for buttons in (
            (self.play, self.edit),
            (self.slots["a"], self.slots["b"]),
            (self.corner, self.similar),
            (self.rename, self.delete),
        ):
            row = QHBoxLayout()
            tight(row, 0, 4)
            for button in buttons:
                row.addWidget(button, 1)
            column.addLayout(row)
        column.addStretch(1)
        return side


def _quiet(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(icon(name, "muted"), text)
    button.setProperty("kind", "quiet")
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
