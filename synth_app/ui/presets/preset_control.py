"""Joins the preset desk to the window: tells what came of it, asks for models, knows gestures, offers undo."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QEvent, QObject, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence, QWindow
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu

from synth_app.modelfile import ModelEntry
from synth_app.session import (
    LocksChanged,
    ModelChanged,
    PatchChanged,
    PresetChanged,
    PresetLibrary,
    PresetService,
    Query,
)
from synth_app.session.presets.preset_service import LoadResult
from synth_app.session.state.preset import write_preset
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.preset_save import SaveDialog

if TYPE_CHECKING:
    from synth_app.session import SessionStore


class ModelSource(Protocol):
    """What loads models in the background."""

    failed: SignalInstance

    def load(self, path: Path) -> None:
        """Load a model file."""


T = TypeVar("T")
_PRESS = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_FILES = "Presets (*.json)"


class PresetControl(QObject):
    """One for the window's life. Every method tells the user what went wrong; none raises UserError.

    ``changed``: another preset, or it was modified, saved, renamed, favoured; versions; locks.
    ``listed``: the library has other presets. ``browse_requested``: the browser is wanted.
    """

    changed = Signal()
    listed = Signal()
    browse_requested = Signal()

    def __init__(
        self,
        window: Messages,
        store: "SessionStore",
        library: PresetLibrary,
        loader: ModelSource,
        models: Callable[[], tuple[ModelEntry, ...]],
    ) -> None:
        self._messages, self._window = window, window.as_widget()
        super().__init__(self._window)
        self.store = store
        self.desk = PresetService(store, library, loader.load, models)
        self.library = library
        self.query = Query()  # what the browser shows is what previous and next go through
        self._favourites: frozenset[str] = frozenset()
        self._shown: tuple[object, ...] = ()
        self.undo_action = self._action("Undo", ("Ctrl+Z",), self.undo)
        self.redo_action = self._action("Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), self.redo)
        self._menu: QMenu | None = None
        self.desk.history.watch(self._show_history)
        self._ends = [
            store.subscribe(PatchChanged, lambda _: self._tell()),
            store.subscribe(PresetChanged, lambda _: self._tell()),
            store.subscribe(ModelChanged, lambda _: self._tell()),
            store.subscribe(LocksChanged, lambda _: self.changed.emit()),
        ]
        loader.failed.connect(lambda _: self.desk.model_failed())
        self._read_favourites()
        self._show_history()

    # ---- for the window

    def actions(self) -> list[QAction | QMenu]:
        """Undo, redo and the presets' menu, made once."""
        if self._menu is None:
            self._menu = self._make_menu()
        return [self.undo_action, self.redo_action, self._menu]

    def listen(self, handle: QWindow) -> None:
        """Tell gestures apart by the native window's mouse buttons; it sees them before any widget does."""
        handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press begins a gesture, its release ends it."""
        kind = event.type()
        if kind in _PRESS:
            self.desk.history.press()
        elif kind == QEvent.Type.MouseButtonRelease:
            self.desk.history.release()
        return False

    def close(self) -> None:
        """Listen to the store no more."""
        for end in self._ends:
            end()
        self.desk.close()

    # ---- reading

    def title(self) -> str:
        """Name of the present preset."""
        return self.desk.current.name if self.desk.current else "Init"

    def is_favourite(self, key: str) -> bool:
        """Whether a preset is one of the user's favourites."""
        return key in self._favourites

    def toured(self) -> bool:
        """Whether the tour was seen or left once; also where the settings cannot be read."""
        settings = self._try(self.library.settings)
        return settings is None or settings.toured

    # ---- doing

    def set_toured(self) -> None:
        """Offer the tour no more."""
        self._try(lambda: self.library.change_settings(toured=True))

    def undo(self) -> None:
        """Take the last step back."""
        self._try(self.desk.history.undo)

    def redo(self) -> None:
        """Bring it again."""
        self._try(self.desk.history.redo)

    def load(self, key: str) -> None:
        """Play a preset; offer a nearer model where there is one."""
        loaded = self._try(lambda: self.desk.load(key))
        if loaded is not None:
            self._say_loaded(loaded)

    def step(self, by: int) -> None:
        """Previous or next of those that the browser shows."""
        loaded = self._try(lambda: self.desk.step(by, self.query))
        if loaded is not None:
            self._say_loaded(loaded)

    def init(self) -> None:
        """The plainest sound."""
        self._try(self.desk.init)

    def save(self) -> None:
        """Save over the user's own preset, or ask for a name."""
        if not self.desk.can_save():
            self.save_as()
        elif entry := self._try(self.desk.save):
            self._messages.say(f"{entry.preset.name} saved")
            self.listed.emit()

    def save_as(self) -> SaveDialog:
        """Ask for name, category and tags, then save."""
        entry = self.desk.entry()
        dialog = SaveDialog(entry.preset if entry else None, self.library.categories(), self._window)
        dialog.taken.connect(self.save_new)
        dialog.open()
        return dialog

    def save_new(self, name: str, category: str, tags: Iterable[str]) -> None:
        """Save as a new preset."""
        if entry := self._try(lambda: self.desk.save_as(name, category, tags)):
            self._messages.say(f"{entry.preset.name} saved")
            self.listed.emit()

    def rename(self, key: str, name: str) -> None:
        """Give a preset of the user's another name."""
        if self._try(lambda: self.desk.rename(key, name)):
            self._read_favourites()
            self.listed.emit()

    def ask_rename(self, key: str) -> None:
        """Ask for the name, then rename."""
        entry = self.library.find(key)
        if entry is not None:
            name, taken = QInputDialog.getText(self._window, "Rename preset", "Name", text=entry.preset.name)
            if taken:
                self.rename(key, name)

    def describe(self, key: str, category: str, tags: Iterable[str]) -> None:
        """Put a preset of the user's into a category, with tags."""
        if self._try(lambda: self.library.describe(key, category, tags)):
            self.listed.emit()

    def ask_describe(self, key: str) -> None:
        """Ask for category and tags."""
        entry = self.library.find(key)
        if entry is not None:
            dialog = SaveDialog(entry.preset, self.library.categories(), self._window, renaming=False)
            dialog.taken.connect(lambda _, category, tags: self.describe(key, category, tags))
            dialog.open()

    def delete(self, key: str) -> None:
        """Move a preset of the user's to the trash; the toast can take it back."""
        entry = self.library.find(key)
        deleted = self._try(lambda: self.desk.delete(key))
        if entry is not None and deleted is not None:
            self._messages.offer(f"{entry.preset.name} deleted", "Undo", lambda: self._restore(deleted))
            self.listed.emit()

    def toggle_favourite(self, key: str = "") -> None:
        """Make a favourite of a preset, the present one if none is named, or no longer."""
        key = key or (self.desk.current.key if self.desk.current else "")
        if key:
            self._try(lambda: self.library.set_favourite(key, wanted=not self.is_favourite(key)))
            self._read_favourites()
            self.listed.emit()

    def switch_version(self) -> None:
        """Hear the other version of the sound."""
        self._try(self.desk.versions.switch)
        self._tell()

    def copy_version(self) -> None:
        """Let the other version become a copy of this one."""
        self.desk.versions.copy()
        other = "B" if self.desk.versions.name == "A" else "A"
        self._messages.say(f"Version {self.desk.versions.name} copied to {other}")

    def randomize(self, amount: float) -> None:
        """A random sound, as far as ``amount`` goes."""
        self._try(lambda: self.desk.variations.randomize(amount))

    def mutate(self, amount: float) -> None:
        """A close relative of the sound."""
        self._try(lambda: self.desk.variations.mutate(amount))

    def set_lock(self, names: Iterable[str], *, locked: bool) -> None:
        """Keep parts of the sound from chance, or no longer."""
        self._try(lambda: self.desk.variations.set_lock(names, locked=locked))

    def begin_morph(self, start: str, end: str) -> bool:
        """Choose what to morph between; whether that worked."""
        self._try(lambda: self.desk.morph.begin(start, end))
        return self.desk.morph.active

    def set_morph(self, share: float) -> None:
        """Go between the two presets."""
        self._try(lambda: self.desk.morph.set(share))

    def ask_import(self) -> None:
        """Ask for preset files and take them in."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Import presets", "", _FILES)
        self.take_files(names)

    def take_files(self, names: list[str]) -> None:
        """Take preset files into the user's presets."""
        for name in names:
            if entry := self._try(lambda name=name: self.desk.import_file(Path(name))):  # type: ignore[misc]  # mypy sees no default
                self._messages.say(f"{entry.preset.name} imported")
        self.listed.emit()

    def ask_export(self) -> None:
        """Ask where to, and write the present preset as it was saved."""
        entry = self.desk.entry()
        if entry is None:
            self._messages.say_problem("this sound is no preset yet: save it first, then export it")
            return
        name, _ = QFileDialog.getSaveFileName(self._window, "Export preset", entry.path.name, _FILES)
        if name:
            self._try(lambda: write_preset(Path(name).with_suffix(".json"), entry.preset))

    # ---- inside

    def _try(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except UserError as error:
            self._messages.say_problem(str(error))
            return None

    def _say_loaded(self, loaded: LoadResult) -> None:
        better = loaded.better
        current = self.desk.current
        if better is not None and better.card is not None and current is not None:
            self._messages.offer(
                loaded.remark, f"Load {better.card.title}",
                lambda: self._try(lambda: self.desk.load_with_model(current.key, better.path)),
            )  # fmt: skip
        if loaded.remark:
            self._messages.say(loaded.remark)

    def _restore(self, deleted: Path) -> None:
        self._try(lambda: self.library.restore(deleted))
        self.listed.emit()

    def _read_favourites(self) -> None:
        self._favourites = self._try(self.library.favourites) or frozenset()
        self.changed.emit()

    def _tell(self) -> None:
        shown = (self.desk.current, self.desk.modified, self.desk.versions.name, self.store.model is None)
        if shown != self._shown:
            self._shown = shown
            self.changed.emit()

    def _show_history(self) -> None:
        history = self.desk.history
        for action, word, label in (
            (self.undo_action, "Undo", history.undo_label),
            (self.redo_action, "Redo", history.redo_label),
        ):
            text = f"{word} {label}".rstrip()
            if action.text() != text:
                action.setText(text)
            action.setEnabled(bool(label))

    def _make_menu(self) -> QMenu:
        menu = QMenu("Presets", self._window)
        menu.setToolTipsVisible(True)
        wanted: tuple[tuple[str, tuple[str, ...], Callable[[], object]], ...] = (
            ("Browse…", ("Ctrl+B",), self.browse_requested.emit),
            ("Previous", ("Alt+Left",), lambda: self.step(-1)),
            ("Next", ("Alt+Right",), lambda: self.step(1)),
            ("Save", ("Ctrl+S",), self.save),
            ("Save as…", ("Ctrl+Shift+S",), self.save_as),
            ("Favourite", ("Ctrl+D",), self.toggle_favourite),
            ("Compare versions A and B", ("Ctrl+T",), self.switch_version),
            ("Copy this version to the other", (), self.copy_version),
            ("Randomise", ("Ctrl+Shift+R",), lambda: self.randomize(0.5)),
            ("Mutate", ("Ctrl+Shift+M",), lambda: self.mutate(0.5)),
            ("Init", (), self.init),
            ("Import…", (), self.ask_import),
            ("Export…", (), self.ask_export),
        )
        for text, keys, act in wanted:
            menu.addAction(self._action(text, keys, act))
        return menu

    def _action(self, text: str, keys: tuple[str, ...], act: Callable[[], object]) -> QAction:
        action = QAction(text, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda _=False: act())
        self._window.addAction(action)
        return action
