"""The page "Something like this": an overlay on the workspace, above the piano, which stays playable."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from synth_app.dataset.audio_files import AUDIO_SUFFIXES
from synth_app.session.find.likes import Like, LikeFile
from synth_app.session.find.similar import Similar
from synth_app.ui.find.find_list import FindList
from synth_app.ui.find.find_parts import ALL_KINDS, FindHead, FindSide, FindStatus, kind_choice
from synth_app.ui.find.find_search import FindSearch
from synth_app.ui.find.find_trial import FindTrial
from synth_app.ui.ports.shell import Place
from synth_app.ui.sounds.drop_area import DropArea
from synth_app.ui.sounds.file_target import FileTarget
from synth_app.ui.sounds.record_panel import RecordPanel
from synth_app.ui.theme.theme import GRID, RADIUS, colors, px
from synth_app.ui.widgets.panel import label, tight

DROP_TEXT = "Drop a recording here, or hum"
_DETAIL = "Finds the notes, your sounds and the presets that are most like it, at whatever key it has"
_PRESENT = ("What plays now", "play", "Search for sounds like the one that the window plays")
_WIDTH = 1060
HUM_SECONDS = 10.0  # of a recording to search for
_NONE = {
    "sound": "You have no other sounds: Ctrl+U opens the page where you record or drop them",
    "note": "The model has no other notes",
    "preset": "There are no other presets",
}
_EMPTY = "There is nothing to find: the model has no notes, and there are no sounds of yours and no presets."


class FindPage(FileTarget):
    """Escape closes it and returns to the sound before; Enter takes what is heard.

    Signals:
        present_requested: search for what the window plays.
        opened: the page is shown.

    Args:
        search: finds.
        trial: plays what was found.
        recorder: the panel that records.
        slot_in_focus: returns where a note is taken to by default.
        work: the workspace, which the page covers.
        above, below: widgets of the workspace between which it lies.
    """

    present_requested = Signal()
    opened = Signal()

    def __init__(
        self, search: FindSearch, trial: FindTrial, recorder: RecordPanel, slot_in_focus: Callable[[], Place],
        work: QWidget, above: QWidget, below: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(work)
        self._search, self._trial, self._slot_in_focus = search, trial, slot_in_focus
        self._above, self._below = above, below
        self._found: tuple[Similar, ...] = ()
        self._search_shown, self._active = search.state, False
        self.setObjectName("find")
        look = f"background: {colors().panel}; border: 1px solid {colors().border}; border-radius: {px(RADIUS)}px;"
        self.setStyleSheet(f"#find {{ {look} }}")
        self.setAccessibleName("Something like this")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside the list keeps the keyboard here
        self.recorder = recorder
        self.head, self.side, self.status, self.kinds = FindHead(), FindSide(), FindStatus(), kind_choice()
        self.empty, self.list, self.stack = DropArea(DROP_TEXT, _DETAIL, _PRESENT), FindList(), QStackedWidget()
        self.none = label("", "muted")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._connect()
        for each in (work, recorder):
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

    def open(self, place: Place | None = None) -> None:
        """Show the page.

        Args:
            place: where a note or a sound is taken to; None for the slot that has the focus, or else slot A.
        """
        self._active = True
        self.side.show_place(place or self._slot_in_focus())
        self._place()
        self.show()
        self._place()  # size hints are exact only after the style sheet is applied
        self.raise_()
        self._focus()
        self._search.prepare()
        self.opened.emit()

    def open_for(self, like: Like, title: str, place: Place | None = None) -> None:
        """Show the page, and search for what sounds like something. See ``open`` and ``FindSearch.look``."""
        if not self.isVisible() or place is not None:
            self.open(place)
        self._search.look(like, title)

    def replace(self) -> None:
        """Release the input; another page takes over, so that what is searched and heard stays."""
        self._active = False
        self.recorder.close_source()

    def choose_file(self) -> None:
        """Ask for an audio file and search for it."""
        endings = " ".join(f"*{suffix}" for suffix in AUDIO_SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(self, "Find something like", "", f"Audio ({endings});;All files (*)")
        if name:
            self._look_for(Path(name))

    def show_state(self) -> None:
        """Show what is searched and found."""
        state, before = self._search.state, self._search_shown
        self._search_shown = state
        found = state.result.found if state.result else ()
        if found != self._found or state.result is not before.result:
            self._found = found
            self._fill()
        self.stack.setCurrentIndex(1 if found else 0)
        self.head.show_buttons(visible=bool(found))
        self.head.show_search(state)
        self.status.show_state(state, _EMPTY)
        if found and state.result is not before.result and self.isVisible():
            self.list.setFocus()
        elif before.searching and not state.searching and self.isVisible():
            self._focus()

    # ---- Qt events

    def take_files(self, paths: list[Path]) -> None:
        """Search for the file; for the first one of several."""
        self._look_for(*paths)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the keyboard on to the list, or to the first button without one."""
        super().focusInEvent(event)
        self._focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return to the sound before and close, on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Return to the sound before unless another one was taken; release the input; give the focus back."""
        super().hideEvent(event)
        if self._active and self.isHidden():
            self._active = False
            self._search.cancel()
            self._trial.back()
            self.recorder.close_source()
        work = self.parentWidget()
        if work is not None and self.isAncestorOf(work.focusWidget() or self):
            work.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window; keep the keyboard when the recorder that has it is hidden."""
        hidden = event.type() == QEvent.Type.Hide and watched is self.recorder and self.isVisible()
        if hidden and self.recorder.isAncestorOf(QApplication.focusWidget() or self):
            self._focus()
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        return False

    # ---- internal

    def _focus(self) -> None:
        (self.list if self._found else self.empty.record).setFocus()

    def _connect(self) -> None:
        self._search.changed.connect(self.show_state)
        self._trial.heard.connect(self._show_heard)
        self._trial.taken.connect(self.hide)
        self.list.chosen.connect(self._hear)
        self.list.again.connect(self._hear)
        self.list.confirmed.connect(self._take)
        self.kinds.chosen.connect(lambda _: self._fill())
        self.head.close_button.clicked.connect(self.hide)
        self.side.hear.clicked.connect(lambda: self._hear(self.list.current()))
        self.side.take.clicked.connect(lambda: self._take(self.list.current()))
        self.side.place.activated.connect(lambda _: self._place_chosen())
        for open_file, record, present in (
            (self.head.open_file, self.head.record, self.head.present),
            (self.empty.open, self.empty.record, self.empty.capture),
        ):
            open_file.clicked.connect(lambda _=False: self.choose_file())
            record.clicked.connect(lambda _=False: self.recorder.open())
            present.clicked.connect(lambda _=False: self.present_requested.emit())
        self.recorder.recorded.connect(lambda path: self._search.look(LikeFile(path), "Your recording"))

    def _look_for(self, *paths: Path) -> None:
        """Search for a file; what is no audio file is refused."""
        if not paths:
            return
        path, more = paths[0], len(paths) - 1
        if path.suffix.lower() not in AUDIO_SUFFIXES:
            self._search.refuse(path.name, f"{path.name} is not an audio file; drop a recording of one note")
            return
        self._search.look(LikeFile(path), path.name + (f" (the first of {more + 1} files)" if more else ""))

    def _fill(self) -> None:
        """List the finds of the chosen kind."""
        kind = "" if self.kinds.choice == ALL_KINDS else self.kinds.choice
        self.list.show_found(self._found, kind)
        self.none.setText(_NONE.get(kind, ""))
        self.none.setVisible(not self.list.names())
        self._show_heard()

    def _hear(self, index: int) -> None:
        if 0 <= index < len(self._found):
            self._trial.hear(self._found[index], self.side.chosen_place, self._key())

    def _take(self, index: int) -> None:
        if 0 <= index < len(self._found):
            self._trial.take(self._found[index], self.side.chosen_place, self._key())

    def _place_chosen(self) -> None:
        """Hear a note or a sound from the place that it will be taken to."""
        if self._trial.item is not None:
            self._hear(self.list.current())

    def _key(self) -> int:
        """Return the key at which finds are heard: that of what was looked for."""
        result = self._search.state.result
        return 60 if result is None else round(result.pitch)

    def _show_heard(self) -> None:
        item, preparing = self._trial.item, self._trial.preparing
        heard = self._found.index(item) if item in self._found else -1
        self.list.show_heard(heard, preparing=preparing)
        current = self.list.current()
        self.side.show_item(self._found[current] if current >= 0 else None, heard=heard >= 0, preparing=preparing)

    def _place(self) -> None:
        work = self.parentWidget()
        if work is not None:
            top = self._above.mapTo(work, self._above.rect().bottomLeft()).y() + px(6)
            bottom = self._below.mapTo(work, QPoint(0, 0)).y() - px(6)
            width = min(px(_WIDTH), work.width() - 2 * px(GRID))
            height = max(bottom - top, self.minimumSizeHint().height())
            self.setGeometry(QRect((work.width() - width) // 2, top, width, height))

    def _lay_out(self) -> None:
        full = QWidget()
        listed = QVBoxLayout()
        tight(listed, 0, 4)
        listed.addWidget(self.kinds)
        listed.addWidget(self.list, 1)
        listed.addWidget(self.none)
        row = QHBoxLayout(full)
        tight(row, 0, 12)
        row.addLayout(listed, 1)
        row.addWidget(self.side)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(full)
        column = QVBoxLayout(self)
        tight(column, 12, GRID)
        for widget, stretch in ((self.head, 0), (self.stack, 1), (self.status, 0), (self.recorder, 0)):
            column.addWidget(widget, stretch)
