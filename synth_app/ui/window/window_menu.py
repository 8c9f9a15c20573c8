"""The actions of the window: menu entries and shortcuts, which the command palette finds too."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox

from synth_app import __version__
from synth_app.export.formats import format_names
from synth_app.session import SessionStore
from synth_app.session.state.session_file import ThemeName
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.files.pack_control import PackControl
from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.ports.actions import make_action
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_menu import preset_menu
from synth_app.ui.settings.model_control import ModelControl
from synth_app.ui.theme.zoom import CHOICES
from synth_app.ui.training.training_control import TrainingControl
from synth_app.ui.window.appearance import Appearance
from synth_app.ui.window.command_palette import SEARCH_WORDS
from synth_app.ui.window.deck import DECK_PAGES
from synth_app.ui.window.graph_windows import ANALYZER, TITLES, GraphWindows
from synth_app.ui.window.midi_control import MidiControl
from synth_app.ui.window.onboarding_tour import TourControl
from synth_app.ui.window.window_dialogs import WindowDialogs
from synth_app.ui.window.window_pages import WindowPages
from synth_app.ui.window.workspace import Workspace

_ABOUT = """<h3>synth_app {version}</h3>
<p>A synthesizer whose oscillator is a learned latent space. MIT licence.</p>
<p>Uses Qt for Python (LGPL 3), NumPy, Numba, PortAudio, safetensors and others under their own
licences; the typeface is Inter (SIL OFL 1.1). The models' cards name their data and its licence.</p>"""
_THEMES: tuple[tuple[str, ThemeName], ...] = (("Dark", "dark"), ("Light", "light"))
_EDIT_KEYS = {"shapes": "Ctrl+Shift+E", "path": "Ctrl+Shift+P", "automation": "Ctrl+Shift+A"}
MenuGroups = tuple[tuple[QAction | QMenu, ...], ...]  # of the menu, with a line between any two
_FIRST_VIEW_KEY, _LAST_VIEW_KEY = 4, 9  # Ctrl+4 to Ctrl+9 show views


class MenuHost(Messages, Protocol):
    """The parts of the window that the actions use. ``work`` and ``record`` change when the window is rebuilt."""

    notes: NotePlayer
    presets: PresetControl
    automation: AutomationControl
    graphs: GraphWindows
    appearance: Appearance
    dialogs: WindowDialogs
    tour: TourControl
    models: ModelControl
    packs: PackControl
    training: TrainingControl
    midi: MidiControl
    work: Workspace
    record: RecordButton
    pages: WindowPages

    def close(self) -> bool:
        """Close the window."""
        ...


def window_actions(host: MenuHost, store: SessionStore, view_titles: dict[str, str]) -> MenuGroups:
    """Create every action of the window and return those of the menu, in its groups.

    Args:
        host: the window.
        store: the session.
        view_titles: titles of the output views by key; each gets an action, the first ones a shortcut.
    """
    add, dialogs, pages, undo = partial(_action, host), host.dialogs, host.pages, host.presets.undo
    groups: MenuGroups = (
        (
            undo.undo_action,
            undo.redo_action,
        ),
        (
            _preset_menu(host),
            add("Breed variations…", "Ctrl+Shift+B", pages.toggle_breed),
            add("Randomize the latent vector", "Ctrl+G", lambda: host.work.latent.randomize()),
            add("Reset sound", "", lambda: _reset(host, store)),
        ),
        (
            add("Your sounds…", "Ctrl+U", pages.toggle_sounds),
            add("Something like this…", "Ctrl+F", pages.toggle_find),
            add("More like this…", "Ctrl+Shift+F", pages.find_present),
        ),
        (
            add("Train a model…", "Ctrl+Shift+T", host.training.open),
            add("Compare two models by ear…", "", host.training.compare),
            _import_menu(host),
            add(f"Export {format_names()}…", "Ctrl+E", dialogs.open_export),
        ),
        (
            add("Record", "Ctrl+R", lambda: host.record.toggle()),
            add("Record automation", "Ctrl+L", host.automation.toggle_record),
            add("Panic", "Ctrl+.", host.notes.panic),
        ),
        (
            _graph_menu(host),
            _zoom_menu(host),
            _theme_menu(host),
            add("Audio settings…", "Ctrl+,", dialogs.open_audio),
            add("MIDI settings…", "Ctrl+M", host.midi.open),
        ),
        (
            add("Command palette…", "Ctrl+K", dialogs.open_palette),
            _help_menu(host),
            add("Quit", "Ctrl+Q", host.close),
        ),
    )
    _palette_actions(host, view_titles)
    return groups


def _palette_actions(host: MenuHost, view_titles: dict[str, str]) -> None:
    """Create the actions that are not in the menu, only in the palette and partly with a shortcut."""
    for i, (mode, text) in enumerate((("plane", "two dimensions"), ("map", "map"), ("morph", "morph"))):
        action = _action(host, f"Pad: {text}", f"Ctrl+{1 + i}", partial(_show_mode, host, mode))
        action.setProperty(SEARCH_WORDS, mode)
    for number, (key, title) in enumerate(view_titles.items(), _FIRST_VIEW_KEY):
        shortcut = f"Ctrl+{number}" if number <= _LAST_VIEW_KEY else ""
        action = _action(host, f"View: {title.lower()}", shortcut, partial(_show_view, host, key))
        action.setProperty(SEARCH_WORDS, key)  # "level" finds "View: loudness"
    for page in DECK_PAGES:
        _action(host, f"Deck: {page}", "", partial(_show_page, host, page))
    _action(host, "Play automation", "Ctrl+Shift+L", lambda: host.automation.toggle("playing"))
    _action(host, "Clear automation", "", lambda: host.automation.clear(None))
    for key, title in host.graphs.analyzers.items():
        _action(host, f"Analyze: {title.lower()}", "", partial(host.graphs.open, ANALYZER, key))
    appearance = host.appearance
    reduced = _action(host, "Reduced motion", "", lambda: appearance.set_reduced_motion(not appearance.settings.calm))
    reduced.setCheckable(True)
    reduced.setChecked(appearance.settings.calm)


def _show_mode(host: MenuHost, mode: str) -> None:
    host.work.pad.modes.buttons[mode].click()


def _show_view(host: MenuHost, key: str) -> None:
    host.work.show_view(key)


def _show_page(host: MenuHost, page: str) -> None:
    host.work.deck.show_page(page)
    host.work.deck.tabs.buttons[page].setFocus(Qt.FocusReason.ShortcutFocusReason)  # the next Tab enters the page


def _action(host: MenuHost, text: str, shortcut: str, run: Callable[[], object]) -> QAction:
    return make_action(host.as_widget(), text, (shortcut,) if shortcut else (), run)


def _reset(host: MenuHost, store: SessionStore) -> None:
    with host.presets.service.history.step("Reset sound"):
        store.reset()


def _about(host: MenuHost) -> None:
    QMessageBox.about(host.as_widget(), "About", _ABOUT.format(version=__version__))


def _preset_menu(host: MenuHost) -> QMenu:
    menu = preset_menu(host.as_widget(), host.presets, host.pages.toggle_browser)
    for action in menu.actions():
        if action.text().startswith("Compare versions"):
            action.setProperty(SEARCH_WORDS, "A/B")  # the usual name of such a comparison
    return menu


def _submenu(host: MenuHost, title: str, *actions: QAction) -> QMenu:
    menu = QMenu(title, host.as_widget())
    menu.addActions(actions)
    return menu


def _import_menu(host: MenuHost) -> QMenu:
    return _submenu(
        host, "Import and share",
        _action(host, "Import model file…", "", host.models.ask_import),
        _action(host, "Import pack…", "", host.packs.ask_import),
        _action(host, "Share as one file…", "", host.packs.share),
    )  # fmt: skip


def _help_menu(host: MenuHost) -> QMenu:
    return _submenu(
        host, "Help",
        _action(host, "Tour", "", host.tour.open),
        _action(host, "Shortcuts", "F1", host.dialogs.open_shortcuts),
        _action(host, "Copy diagnostics", "", host.dialogs.copy_diagnostics),
        _action(host, "About synth_app", "", lambda: _about(host)),
    )  # fmt: skip


def _graph_menu(host: MenuHost) -> QMenu:
    menu = QMenu("Graphs", host.as_widget())
    for key, title in TITLES.items():
        text = f"Edit: {title.lower().replace('lfo', 'LFO')}"
        menu.addAction(_action(host, text, _EDIT_KEYS[key], partial(host.graphs.open, key)))
    return menu


def _zoom_menu(host: MenuHost) -> QMenu:
    menu = QMenu("Zoom", host.as_widget())
    group = QActionGroup(menu)
    appearance = host.appearance
    choices: list[tuple[str, float | None]] = [("Follow the window", None)]
    choices += [(f"{round(100 * step)} %", step) for step in CHOICES]
    for text, value in choices:
        selected = value == appearance.settings.zoom
        _choice(menu, group, text, selected, partial(appearance.set_fixed_zoom, value))
    return menu


def _theme_menu(host: MenuHost) -> QMenu:
    menu = QMenu("Theme", host.as_widget())
    group = QActionGroup(menu)
    appearance = host.appearance
    for text, name in _THEMES:
        _choice(menu, group, text, name == appearance.settings.theme, partial(appearance.set_theme, name))
    return menu


def _choice(menu: QMenu, group: QActionGroup, text: str, selected: bool, run: Callable[[], None]) -> None:
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(selected)
    action.triggered.connect(lambda _=False: run())
    group.addAction(action)
    menu.addAction(action)
