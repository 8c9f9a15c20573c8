"""The window's actions: what the menu offers, what has a shortcut, and so what the command palette finds."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMessageBox

from synth_app import __version__
from synth_app.session import SessionStore
from synth_app.session.state.session_file import ThemeName
from synth_app.ui.theme.zoom import CHOICES

if TYPE_CHECKING:
    from synth_app.ui.window.main_window import MainWindow

_ABOUT = """<h3>synth_app {version}</h3>
<p>A synthesizer whose oscillator is a learned latent space. MIT licence.</p>
<p>Uses Qt for Python (LGPL 3), NumPy, Numba, PortAudio, safetensors and others under their own
licences; the typeface is Inter (SIL OFL 1.1). The models' cards name their data and its licence.</p>"""
_THEMES: tuple[tuple[str, ThemeName], ...] = (("Dark", "dark"), ("Light", "light"))


def window_actions(window: "MainWindow", store: SessionStore) -> list[QAction | QMenu]:
    """Make every action of the window, in the menu's order; each works by its shortcut too."""
    wanted: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("Command palette…", "Ctrl+K", window.open_palette),
        ("Shortcuts", "F1", window.open_shortcuts),
        ("Tour", "", window.open_guide),
        ("Import model file…", "", window.import_model),
        ("Export WAV…", "Ctrl+E", window.open_export),
        ("Record", "Ctrl+R", lambda: window.record.toggle()),
        ("Record gesture", "Ctrl+L", lambda: window.gestures.toggle_record()),
        ("Panic", "Ctrl+.", window.notes.panic),
        ("Randomise the code", "Ctrl+G", lambda: window.work.latent.randomize()),
        ("Reset sound", "", lambda: _reset(window, store)),
        ("Audio settings…", "Ctrl+,", window.open_audio),
        ("MIDI settings…", "Ctrl+M", window.midi.open),
    )
    actions = window.presets.actions() + [_action(window, *each) for each in wanted]
    about = _action(window, "About synth_app", "", lambda: _about(window))
    leave = _action(window, "Quit", "Ctrl+Q", window.close)
    _hidden_actions(window)
    return [*actions, _zoom_menu(window), _theme_menu(window), about, leave]


def _hidden_actions(window: "MainWindow") -> None:
    """Actions that have no place in the menu, but a name in the palette and keys of their own."""
    for i, (mode, text) in enumerate((("plane", "two dimensions"), ("map", "map"), ("morph", "morph"))):
        _action(window, f"Pad: {text}", f"Ctrl+{1 + i}", partial(_show_mode, window, mode))
    for i, (panel, key) in enumerate(((0, "spectrum"), (0, "scope"), (1, "spectrogram"), (1, "level"))):
        _action(window, f"View: {key}", f"Ctrl+{4 + i}", partial(_show_view, window, panel, key))
    for page in ("sound", "time", "voice"):
        _action(window, f"Deck: {page}", "", partial(_show_page, window, page))
    _action(window, "Play gesture", "Ctrl+Shift+L", lambda: window.gestures.toggle("playing"))
    _action(window, "Clear gesture", "", lambda: window.gestures.clear(None))
    calm = _action(window, "Reduced motion", "", lambda: window.set_reduced_motion(not window.look.calm))
    calm.setCheckable(True)
    calm.setChecked(window.look.calm)


def _show_mode(window: "MainWindow", mode: str) -> None:
    window.work.pad.modes.buttons[mode].click()


def _show_view(window: "MainWindow", panel: int, key: str) -> None:
    window.work.views[panel].show_view(key)


def _show_page(window: "MainWindow", page: str) -> None:
    window.work.deck.show_page(page)


def _action(window: "MainWindow", text: str, keys: str, act: Callable[[], object]) -> QAction:
    action = QAction(text, window)
    if keys:
        action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda _=False: act())
    window.addAction(action)
    return action


def _reset(window: "MainWindow", store: SessionStore) -> None:
    with window.presets.desk.history.step("Reset sound"):
        store.reset()


def _about(window: "MainWindow") -> None:
    QMessageBox.about(window, "About", _ABOUT.format(version=__version__))


def _zoom_menu(window: "MainWindow") -> QMenu:
    menu = QMenu("Zoom", window)
    group = QActionGroup(menu)
    choices: list[tuple[str, float | None]] = [("Follow the window", None)]
    choices += [(f"{round(100 * step)} %", step) for step in CHOICES]
    for text, value in choices:
        _choice(menu, group, text, value == window.look.zoom, partial(window.set_fixed_zoom, value))
    return menu


def _theme_menu(window: "MainWindow") -> QMenu:
    menu = QMenu("Theme", window)
    group = QActionGroup(menu)
    for text, name in _THEMES:
        _choice(menu, group, text, name == window.look.theme, partial(window.set_theme, name))
    return menu


def _choice(menu: QMenu, group: QActionGroup, text: str, chosen: bool, act: Callable[[], None]) -> None:
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(lambda _=False: act())
    group.addAction(action)
    menu.addAction(action)
