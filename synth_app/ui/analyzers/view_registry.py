"""The registry of views on the output. To add a view, write its widget and add one line to ``VIEWS``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from synth_app.ui.analyzers.level_view import LevelView
from synth_app.ui.analyzers.scope_view import ScopeView
from synth_app.ui.analyzers.spectrogram_tools import add_spectrogram_tools
from synth_app.ui.analyzers.spectrogram_view import SpectrogramView
from synth_app.ui.analyzers.spectrum_view import SpectrumView
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.analyzers.view_panel import ViewPanel
from synth_app.ui.ports.subscriptions import Subscriptions

PanelKey = Literal["spectrum", "time"]
PANELS: tuple[tuple[PanelKey, str], ...] = (("spectrum", "Spectrum view"), ("time", "Time view"))
V = TypeVar("V", bound=QWidget)
_PAGES = "synth_app.ui.analyzers.detached"


@dataclass(frozen=True)
class ViewSources:
    """The data sources that a view may read.

    Attributes:
        subscriptions: changes of the session.
        feed: output of the audio process.
        latent_effect: emits the spectral effect of the latent slider under the mouse (float64 [latent], None without).
    """

    subscriptions: Subscriptions
    feed: TelemetryFeed
    latent_effect: SignalInstance


@dataclass(frozen=True)
class ViewSpec(Generic[V]):
    """One view.

    Attributes:
        key: unique name.
        title: name on screen.
        panel: the panel that shows it.
        make: creates the widget; called each time the window is built.
        add_tools: adds buttons to the panel's header; None without buttons.
        analyzer: its analyzer page as ``"module:class"``, imported when it opens; "" for a view that pops out itself.
    """

    key: str
    title: str
    panel: PanelKey
    make: Callable[[ViewSources], V]
    add_tools: Callable[[ViewPanel, V], None] | None = None
    analyzer: str = ""


def _spectrum(sources: ViewSources) -> SpectrumView:
    view = SpectrumView(sources.subscriptions, sources.feed)
    sources.latent_effect.connect(view.show_effect)
    return view


def _add_pencil(panel: ViewPanel, view: SpectrumView) -> None:
    text = "Draw the spectrum: the sound becomes the nearest one that the model can make"
    panel.add_tool("pencil", text, view.set_pencil, checkable=True, only="spectrum")


VIEWS: tuple[ViewSpec[Any], ...] = (
    ViewSpec("spectrum", "Spectrum", "spectrum", _spectrum, _add_pencil, f"{_PAGES}.spectrum_page:SpectrumPage"),
    ViewSpec("scope", "Scope", "spectrum", lambda s: ScopeView(s.feed), analyzer=f"{_PAGES}.wave_page:WavePage"),
    ViewSpec(
        "spectrogram",
        "Spectrogram",
        "time",
        lambda s: SpectrogramView(s.feed),
        add_spectrogram_tools,
        f"{_PAGES}.spectrogram_page:SpectrogramPage",
    ),
    ViewSpec("level", "Loudness", "time", lambda s: LevelView(s.feed), analyzer=f"{_PAGES}.loudness_page:LoudnessPage"),
)


def make_view_panels(views: tuple[ViewSpec[Any], ...], sources: ViewSources) -> tuple[ViewPanel, ...]:
    """Create one panel per entry of ``PANELS`` with its views, in the order of ``views``."""
    panels = []
    for panel_key, name in PANELS:
        specs = [spec for spec in views if spec.panel == panel_key]
        analyzers = frozenset(spec.key for spec in specs if spec.analyzer)
        panel = ViewPanel(name, {spec.key: (spec.title, spec.make(sources)) for spec in specs}, analyzers)
        for spec in specs:
            if spec.add_tools is not None:
                spec.add_tools(panel, panel.view(spec.key))
        panels.append(panel)
    return tuple(panels)
