"""The windows with graphs: envelopes and LFOs, latent paths, automation, analyzers. One window of each kind."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from synth_app.session import SessionStore
from synth_app.ui.analyzers.capture import Capture
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.analyzers.view_registry import ViewSpec
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.files.snapshot import save_named
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.shell import Messages
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.sounds.sound_control import SoundControl

if TYPE_CHECKING:  # pyqtgraph is imported when the first of these windows opens
    from synth_app.ui.graphs.graph_page import GraphPage
    from synth_app.ui.graphs.graph_window import GraphWindow

SHAPES, PATH, AUTOMATION, ANALYZER, SOUND = "shapes", "path", "automation", "analyzer", "sound"
TITLES = {SHAPES: "Envelopes and LFOs", PATH: "Latent path", AUTOMATION: "Automation"}
_SOUND_TITLE = "Sound"
Kind = tuple[str, str]  # one of the above, and the key of the view for ANALYZER


class GraphHost(Messages, Protocol):
    """The parts of the main window that graph windows use."""

    services: Services
    qwerty: QwertyKeys
    feed: TelemetryFeed
    presets: PresetControl
    automation: AutomationControl
    sounds: SoundControl

    def as_widget(self) -> QMainWindow:
        """Return the window itself."""
        ...


class GraphWindows(QObject):
    """Opens graph windows and makes their pages again when the theme or the zoom changes.

    Args:
        host: the main window.
        store: the session.
        views: of the output; those with an analyzer page can be opened.
    """

    def __init__(self, host: GraphHost, store: SessionStore, views: tuple[ViewSpec[Any], ...]) -> None:
        super().__init__(host.as_widget())
        self._host, self._store = host, store
        self._views = {spec.key: spec for spec in views}
        self._open: dict[Kind, tuple[GraphWindow, Subscriptions]] = {}
        self._capture: Capture | None = None  # while an analyzer is open
        self._makers: dict[str, Callable[[Subscriptions, str], GraphPage]] = {
            SHAPES: self._shapes,
            PATH: self._path,
            AUTOMATION: self._automation,
            SOUND: self._sound,
        }

    @property
    def analyzers(self) -> dict[str, str]:
        """Titles of the views that have an analyzer, by key."""
        return {key: spec.title for key, spec in self._views.items() if spec.analyzer}

    def window_of(self, kind: str, view: str = "") -> "GraphWindow | None":
        """Return the open window of a kind, of a view for ANALYZER; None if it is closed."""
        found = self._open.get((kind, view))
        return found[0] if found is not None else None

    def open(self, kind: str, chosen: str = "") -> "GraphWindow":
        """Open the window of a kind, or raise it.

        Args:
            kind: SHAPES, PATH, AUTOMATION, ANALYZER or SOUND.
            chosen: for ANALYZER the key of the view; else what it shows, as the page's ``chosen`` returns it, "" for
                the first, or what is shown.
        """
        key, chosen = ((kind, chosen), "") if kind == ANALYZER else ((kind, ""), chosen)
        if key not in self._open:
            self._make_window(key, chosen)
        elif chosen:
            self._show_page(key, chosen)
        window = self._open[key][0]
        window.raise_()
        window.activateWindow()
        return window

    def rebuild(self) -> None:
        """Make all pages again in the present theme and zoom."""
        for key, (window, _) in self._open.items():
            self._show_page(key, window.page.chosen() if window.page is not None else "")

    def close(self) -> None:
        """Close all windows."""
        for window, _ in list(self._open.values()):
            window.close()

    # ---- internal

    def _make_window(self, key: Kind, chosen: str) -> None:
        from synth_app.ui.graphs.graph_window import GraphWindow

        kind, view = key
        undo = self._host.presets.undo
        title = self._views[view].title if kind == ANALYZER else TITLES.get(kind, _SOUND_TITLE)
        window = GraphWindow(title, self._host.as_widget())
        self._open[key] = window, Subscriptions(self._store)
        window.closed.connect(lambda: self._closed(key))
        window.addActions([undo.undo_action, undo.redo_action])
        self._show_page(key, chosen)
        window.show()
        window.focus_graph()
        self._host.qwerty.listen(window.windowHandle())  # keys play here too
        undo.listen(window.windowHandle())  # one drag is one undo step

    def _show_page(self, key: Kind, chosen: str) -> None:
        window, subscriptions = self._open[key]
        subscriptions.end()
        make = self._makers[key[0]] if key[0] != ANALYZER else partial(self._analyzer, key[1])
        window.show_page(make(subscriptions, chosen))

    def _closed(self, key: Kind) -> None:
        window, subscriptions = self._open.pop(key)
        subscriptions.end()
        window.deleteLater()
        if self._capture is not None and not any(kind == ANALYZER for kind, _ in self._open):
            self._capture.deleteLater()
            self._capture = None

    def _shapes(self, subscriptions: Subscriptions, chosen: str) -> "GraphPage":
        from synth_app.ui.modulation.shapes_page import AMPLITUDE, ShapesPage

        return ShapesPage(subscriptions, chosen or AMPLITUDE)

    def _path(self, subscriptions: Subscriptions, chosen: str) -> "GraphPage":
        from synth_app.ui.latent.path_page import PathPage

        page = PathPage(subscriptions, self._host.presets.service.history.step)
        if chosen:
            page.show_chosen(chosen)
        return page

    def _automation(self, subscriptions: Subscriptions, chosen: str) -> "GraphPage":
        from synth_app.ui.automation.automation_page import AutomationPage

        return AutomationPage(subscriptions, self._host.automation, chosen)

    def _sound(self, subscriptions: Subscriptions, chosen: str) -> "GraphPage":
        from synth_app.ui.sounds.editor.editor_page import SoundEditorPage

        return SoundEditorPage(self._host.sounds, subscriptions, chosen)

    def _analyzer(self, view: str, subscriptions: Subscriptions, chosen: str) -> "GraphPage":
        from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerPage, AnalyzerSources

        if self._capture is None:
            self._capture = Capture(self._host.feed, self._host.services.audio.telemetry, self)
        module, _, name = self._views[view].analyzer.partition(":")
        page: AnalyzerPage = getattr(import_module(module), name)(
            AnalyzerSources(subscriptions, self._capture, self._save)
        )
        if chosen:
            page.show_chosen(chosen)
        return page

    def _save(self, title: str, suffix: str, write: Callable[[Path], object]) -> None:
        save_named(self._host, self._host.services.music_folder, title, suffix, write)
