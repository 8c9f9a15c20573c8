"""The pages of the window that take the place of the views or cover them; one is open at a time."""

from typing import Protocol

from synth_app.session import SessionStore
from synth_app.session.find.likes import LikeNote, LikePatch, LikeSound
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.breeding.breed_control import BreedControl
from synth_app.ui.breeding.breed_page import BreedPage
from synth_app.ui.find.find_page import HUM_SECONDS, FindPage
from synth_app.ui.find.find_search import FindSearch
from synth_app.ui.find.find_trial import FindTrial
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.shell import Place
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.audition_control import AuditionControl
from synth_app.ui.presets.likeness_loader import LikenessLoader
from synth_app.ui.presets.preset_browser import BrowserParts, PresetBrowser
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_tools import PresetTools
from synth_app.ui.presets.side_page import BREED, PRESETS
from synth_app.ui.sounds.record_panel import RecordPanel, Takes
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.sounds.sounds_page import SoundsPage
from synth_app.ui.widgets.value_format import note_name
from synth_app.ui.window.graph_windows import SOUND, GraphWindows
from synth_app.ui.window.workspace import Workspace


class PagesHost(Protocol):
    """The parts of the window that the pages use. ``work`` changes when the window is rebuilt."""

    services: Services
    feed: TelemetryFeed
    presets: PresetControl
    auditions: AuditionControl
    likeness: LikenessLoader
    breeding: BreedControl
    search: FindSearch
    trial: FindTrial
    sounds: SoundControl
    graphs: GraphWindows
    work: Workspace


class WindowPages:
    """Opens, closes and rebuilds the pages.

    Attributes:
        browser, breed: beside the pad, in the place of the views.
        sounds, find: over the workspace, above the piano.
        recorder: the panel of the page of the user's sounds that records.
    """

    browser: PresetBrowser
    breed: BreedPage
    sounds: SoundsPage
    find: FindPage
    recorder: RecordPanel

    def __init__(self, host: PagesHost, store: SessionStore) -> None:
        """The pages exist after ``rebuild``."""
        self._host, self._store, self._built = host, store, False

    @property
    def recording(self) -> bool:
        """Whether a recording of a sound or of a hum runs."""
        return self._built and (self.recorder.recording or self.find.recorder.recording)

    def open_pages(self) -> tuple[str, bool, Place | None]:
        """Return what ``reopen`` takes, and end what cannot go on in new pages."""
        if not self._built:
            return "", False, None
        find = self.find.side.chosen_place if self.find.isVisible() else None
        shown = self._host.work.side.shown, self.sounds.isVisible(), find
        self.recorder.close_source()
        self.find.replace()
        return shown

    def rebuild(self, subscriptions: Subscriptions) -> None:
        """Create all pages for the present workspace."""
        host, work = self._host, self._host.work
        bar, below = work.bar, work.play
        self._add_side_pages(subscriptions)
        self.recorder = RecordPanel(host.services, self._store, host.feed)
        self.sounds = SoundsPage(host.sounds, self.recorder, work, bar, below)
        self.sounds.edit_requested.connect(lambda key: host.graphs.open(SOUND, key))
        self.sounds.dragging.connect(lambda: work.deck.show_page("sound"))
        takes = Takes(host.sounds.folder, HUM_SECONDS, "what sounds like it is searched")
        hum = RecordPanel(host.services, self._store, host.feed, takes)
        self.find = FindPage(host.search, host.trial, hum, self._place_in_focus, work, bar, below)
        self.find.present_requested.connect(self.find_present)
        self.find.opened.connect(work.side.close_page)
        self.find.opened.connect(self.sounds.hide)
        self._built = True

    def _add_side_pages(self, subscriptions: Subscriptions) -> None:
        host, side = self._host, self._host.work.side
        self.browser = PresetBrowser(BrowserParts(host.presets, subscriptions, host.auditions, host.likeness))
        self.breed = BreedPage(
            host.breeding,
            host.auditions,
            lambda step: PresetTools(host.presets, subscriptions, step),
            (host.work.pad.morph.pad,),
        )
        self.browser.end_chosen.connect(self.breed.tools.set_end)
        side.add_page(PRESETS, self.browser)
        side.add_page(BREED, self.breed)

    def reopen(self, side: str, sounds: bool, find: Place | None) -> None:
        """Open the pages that were open before the window was rebuilt.

        Args:
            side: key of the page at the side; "" for none.
            sounds: whether the page of the user's sounds was open.
            find: where that page takes what it finds; None if it was not open.
        """
        if side:
            self._host.work.side.show_page(side)
        if sounds:
            self.sounds.open()
        if find is not None:
            self.find.open(find)

    def close(self) -> None:
        """End recordings and searches; the window closes."""
        self.recorder.close_source()
        self.find.hide()

    def toggle_browser(self) -> None:
        """Open or close the preset browser."""
        self._toggle_side(PRESETS)

    def toggle_breed(self) -> None:
        """Open or close the page of variations."""
        self._toggle_side(BREED)

    def _toggle_side(self, key: str) -> None:
        self.sounds.hide()
        self.find.hide()
        self._host.work.side.toggle(key)

    def toggle_sounds(self) -> None:
        """Open or close the page of the user's sounds."""
        self._host.work.side.close_page()
        self.find.hide()
        self.sounds.toggle()

    def toggle_find(self) -> None:
        """Open or close the page "Something like this"."""
        self._host.work.side.close_page()
        self.sounds.hide()
        self.find.toggle()

    def find_present(self) -> None:
        """Search for what sounds like the present patch."""
        presets, current = self._host.presets.state, self._host.presets.state.current
        unchanged = current is not None and not self._host.presets.service.modified
        key = presets.current_key() if unchanged else ""
        title = presets.title() if unchanged else "What plays now"
        self.find.open_for(LikePatch(self._store.patch.settings, key), title)

    def find_similar(self, what: int | str, place: Place | None) -> None:
        """Search for what sounds like a bank note, by its index, or like one of the user's sounds, by its key."""
        if isinstance(what, int):
            note = self._store.bank[what]
            self.find.open_for(LikeNote(what), f"{note.instrument} {note_name(note.pitch)}", place)
        else:
            self.find.open_for(LikeSound(what), self._host.sounds.titles().get(what, what), place)

    def _place_in_focus(self) -> Place:
        """Return the slot whose card has the focus, or else slot A."""
        return Place("b" if self._host.work.morph.cards["b"].hasFocus() else "a")
