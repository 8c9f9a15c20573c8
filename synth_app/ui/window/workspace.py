"""The content of the window. It is created again when the zoom or the theme changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from synth_app.engine.spectral.frame_layout import half_change_s
from synth_app.params import MACROS
from synth_app.patch.quality import quality
from synth_app.patch.target import Target
from synth_app.session import ModelChanged, PatchChanged, SessionStore
from synth_app.ui.analyzers.meter import OutputMeter
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.analyzers.view_registry import ViewSources, ViewSpec, make_view_panels
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.automation.automation_panel import AutomationPanel
from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.filter.filter_panel import FilterEnvelopePanel, FilterPanel
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.play_strip import PlayStrip
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.latent.latent_panel import LatentPanel
from synth_app.ui.latent.path_panel import PathPanel
from synth_app.ui.modulation.macro_panel import MacroPanel
from synth_app.ui.modulation.matrix_panel import MatrixPanel
from synth_app.ui.modulation.mod_rings import ModRings, ModulatedControl, PadBoxes, Targets
from synth_app.ui.modulation.mod_source_panel import ModSourcePanel
from synth_app.ui.modulation.source_drag import PageOpener
from synth_app.ui.pad.map_page import MapExtras
from synth_app.ui.pad.morph_panel import MorphPanel
from synth_app.ui.pad.pad_panel import PadPanel
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.shell import OwnSounds
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.style.style_control import StyleControl
from synth_app.ui.style.style_panel import StylePanel
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.busy_line import BusyLine
from synth_app.ui.widgets.panel import tight
from synth_app.ui.widgets.param_panel import ParamPanel
from synth_app.ui.window.deck import Deck, other_panels
from synth_app.ui.window.effect_cards import EffectCard, effect_cards
from synth_app.ui.window.side_pages import SidePages
from synth_app.ui.window.status_line import StatusLine
from synth_app.ui.window.top_bar import TopBar

_PIANO_ROW = 100
_WITH_FILTER = "drive"  # the effect whose card stands beside the filter
W = TypeVar("W", bound=QWidget)


def scrolled(work: QWidget, size: QSize) -> QScrollArea:
    """Put ``work`` into an area of a size, which scrolls if this is too small, as happens at a high zoom."""
    area = QScrollArea()
    area.resize(size)  # in Qt's default size it would show scroll bars, and keep them until something else moves
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(work)
    area.setMinimumSize(px(320), px(240))
    return area


@dataclass(frozen=True)
class WorkspaceParts:
    """The objects that a workspace connects its widgets to.

    All parts except ``subscriptions`` and ``record`` live as long as the window.
    """

    subscriptions: Subscriptions
    maps: TimbreMapLoader
    notes: NotePlayer
    qwerty: QwertyKeys
    feed: TelemetryFeed
    record: RecordButton
    automation: AutomationControl
    style: StyleControl
    sounds: OwnSounds
    map_extras: MapExtras
    show_problem: Callable[[str], None]
    views: tuple[ViewSpec[Any], ...]
    menu_groups: tuple[tuple[QAction | QMenu, ...], ...]


@dataclass(frozen=True)
class ChosenPages:
    """The page of the deck, the mode of the latent panel and the view of each view panel, by key."""

    deck: str
    latent: str
    views: tuple[str, ...]


class Workspace(QWidget):
    """From top to bottom: top bar; latent sliders, pad, views or a page; deck of panels; piano; status line.

    ``editor_requested`` emits the kind of a graph window to open, and what it should show.
    """

    editor_requested = Signal(str, str)

    def __init__(self, parts: WorkspaceParts) -> None:
        super().__init__()
        subscriptions, feed = parts.subscriptions, parts.feed
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click outside a text field ends typing
        self.bar = TopBar(parts.record, parts.menu_groups)
        self.busy = BusyLine()
        self.latent = LatentPanel(subscriptions)
        self.pad = PadPanel(subscriptions, parts.maps, parts.notes, parts.sounds, parts.map_extras)
        self.views = make_view_panels(parts.views, ViewSources(subscriptions, feed, self.latent.preview_changed))
        self.side = SidePages(self.views)
        self.morph = MorphPanel(subscriptions, parts.sounds)
        self.style_panel = StylePanel(subscriptions, parts.style)
        self.envelope = ParamPanel("Envelope", "envelope", subscriptions)
        self.pitch = ParamPanel("Pitch", "pitch", subscriptions)
        self.output = ParamPanel("Output", "output", subscriptions)
        self.others, self.macros = other_panels(subscriptions), MacroPanel(subscriptions)
        self.meter = OutputMeter()
        self.output.row.addWidget(self.meter)
        self.path, self.automation = PathPanel(subscriptions), AutomationPanel(subscriptions, parts.automation)
        self.filter, self.filter_envelope = FilterPanel(subscriptions), FilterEnvelopePanel(subscriptions)
        self.effects = effect_cards(subscriptions)
        with_filter = tuple(each for each in self.effects if each[0].effect.name == _WITH_FILTER)
        self.mod_sources, self.matrix = ModSourcePanel(subscriptions), MatrixPanel(subscriptions)
        self.deck = Deck(
            {
                "sound": ((self.morph, 40), (self.envelope, 24), (self.output, 36)),
                "filter": ((self.filter, 62), (self.filter_envelope, 24), *((card, 14) for card, _ in with_filter)),
                "style": ((self.style_panel, 1),),
                "time": ((self.path, 47), (self.automation, 53)),
                "mod": ((self.mod_sources, 46), (self.matrix, 54)),
                "macros": ((self.macros, 1),),
                "voice": ((self.pitch, 1), *((panel, 1) for panel in self.others)),
                "effects": tuple(each for each in self.effects if each not in with_filter),
            }
        )
        self.play = PlayStrip(parts.notes, parts.qwerty)
        self.status = StatusLine()
        self.rings = ModRings(subscriptions, self._mod_targets, parts.show_problem)
        pads = (self.pad.pad, self.pad.map.canvas, self.pad.morph.pad)
        self.pad_boxes = PadBoxes(subscriptions, pads, parts.show_problem)
        PageOpener([*self.deck.tabs.buttons.values(), *self.latent.modes.buttons.values()], self)
        self._connect_editors()
        feed.meters.connect(self.meter.show_meters)
        feed.meters.connect(self.status.show_meters)
        self._half_change_of: tuple[str, str] | None = None  # model and quality whose half-change time is shown
        subscriptions.on(PatchChanged, lambda _: self._show_half_change(subscriptions.store))
        subscriptions.on(ModelChanged, lambda _: self._show_half_change(subscriptions.store))
        self._show_half_change(subscriptions.store)
        self._lay_out()

    def view_of(self, kind: type[W]) -> W:
        """Return the view of a class."""
        found = (panel.view(key) for panel in self.views for key in panel.keys)
        return next(view for view in found if isinstance(view, kind))

    def show_view(self, key: str) -> None:
        """Show a view in its panel."""
        for panel in self.views:
            if key in panel.keys:
                panel.show_view(key)

    def chosen_pages(self) -> ChosenPages:
        """Return which pages are shown."""
        return ChosenPages(self.deck.page, self.latent.modes.choice, tuple(panel.modes.choice for panel in self.views))

    def show_pages(self, chosen: ChosenPages) -> None:
        """Show the pages that another workspace showed; a key that this one lacks, as in a damaged file, is ignored."""
        if chosen.deck in self.deck.tabs.buttons:
            self.deck.show_page(chosen.deck)
        if chosen.latent in self.latent.modes.buttons:
            self.latent.show_mode(chosen.latent)
        for key in chosen.views:
            self.show_view(key)

    def show_busy(self, what: str) -> None:
        """Show what is being loaded, "" when done."""
        self.busy.set_busy(bool(what))
        self.bar.picker.show_busy(what)

    def _show_half_change(self, store: SessionStore) -> None:
        """Show in the status line how fast sliders respond in the loaded model and quality."""
        model, quality_name = store.model, store.patch.quality
        key = (store.patch.model, quality_name) if model else None
        if key != self._half_change_of:
            self._half_change_of = key
            spec = model.file.card.frame_spec if model else None
            self.status.show_half_change(half_change_s(spec, quality(quality_name)) if spec else None)

    def _connect_editors(self) -> None:
        """Let panels open the graphs of what they show."""
        ask = self.editor_requested.emit
        self.envelope.add_edit_button("Edit the envelope as a graph", lambda: ask("shapes", "amplitude"))
        self.filter_envelope.add_edit_button("Edit the filter's envelope as a graph", lambda: ask("shapes", "filter"))
        self.mod_sources.edit_requested.connect(lambda shape: ask("shapes", shape))
        self.path.edit_requested.connect(lambda chosen: ask("path", chosen))
        for panel in self.views:
            panel.analyzer_requested.connect(lambda key: ask("analyzer", key))
        self.automation.edit_requested.connect(lambda target: ask("automation", target))

    def _mod_targets(self) -> Targets:
        """Return the controls that show their modulation range."""
        model = self.latent.model
        std = model.stats.std if model else ()
        sliders = self.latent.sliders
        latents = {str(Target.latent(d)): ModulatedControl(each, float(std[d])) for d, each in enumerate(sliders)}
        panels: list[ParamPanel | EffectCard | FilterPanel] = [self.envelope, self.pitch, self.output, *self.others]
        panels += [self.filter, self.filter_envelope]
        panels += [card for card, _ in self.effects]
        shared = {
            name: ModulatedControl(control, normalized=True)
            for panel in panels
            for name, control in panel.controls.items()
            if name not in MACROS
        }
        handles = {name: ModulatedControl(*each) for name, each in self.latent.handles.modulation_scales().items()}
        filters = {name: ModulatedControl(*each) for name, each in self.filter.modulation_scales().items()}
        return {
            **shared, **latents, **handles, "morph": ModulatedControl(self.morph.fader),
            "formant": ModulatedControl(self.pitch.knobs["formant"]), "style": ModulatedControl(self.style_panel.knob),
            **filters,
        }  # fmt: skip

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        tight(top, 0)
        top.addWidget(self.latent, 30)
        top.addWidget(self.pad, 38)
        top.addWidget(self.side, 38)
        self.play.setMinimumHeight(px(_PIANO_ROW - 2 * GRID))
        self.play.setMaximumHeight(px(_PIANO_ROW + 2 * GRID))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(GRID), px(6), px(GRID), px(2))
        column.setSpacing(px(6))
        column.addWidget(self.bar)
        column.addWidget(self.busy)
        column.addLayout(top, 1)
        column.addWidget(self.deck)
        column.addWidget(self.play)
        column.addWidget(self.status)
