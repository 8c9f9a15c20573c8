"""Make the screenshots in docs/images/album: ``python -m tests.ui.album [FOLDER]``. Needs no display and no device.

The pictures show the real window with the default model: pages in both themes, three sizes, twice the pixel density,
and the smallest and largest zoom. The engine renders the displayed sound beforehand. With FOLDER, every page is taken
in every size.
"""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from synth_app.audio.protocol.messages import DeviceSettings, DeviceState
from synth_app.decoder import load_model
from synth_app.modelfile import find_model, list_models
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve, Event, NoteOn, Patch
from synth_app.patch.modulation_matrix import Connection, Lfo, Modulation
from synth_app.session import SessionStore, WindowSettings
from synth_app.session.find.likes import LikeFile
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.state.session_file import ThemeName
from synth_app.session.store.modulation_variation import random_modulation
from synth_app.style import StyleSource
from synth_app.ui.graphs.point_editor import PointEditor
from synth_app.ui.modulation.shapes_page import ShapesPage
from synth_app.ui.window.application import make_application
from synth_app.ui.window.main_window import MainWindow
from tests.session.sounds.recordings import tone, write
from tests.ui.fakes import make_fakes

SIZES = ((1280, 720), (1920, 1080), (2560, 1440))
THEMES: tuple[ThemeName, ThemeName] = ("dark", "light")
_FOLDER = Path(__file__).parents[2] / "docs" / "images" / "album"
_CHORD = (48, 60, 64, 67)
_STEP = 4800  # samples fed at a time
_DENSE = "--dense"
_EXACT = 112  # colours that stay exact


@dataclass(frozen=True)
class Shot:
    """One picture; with zoom None, the zoom follows the window."""

    scene: str
    size: tuple[int, int] = SIZES[0]
    theme: ThemeName = "dark"
    zoom: float | None = None

    def name(self, ratio: float) -> str:
        """Return the file name; ``ratio`` is the device pixel ratio."""
        zoom = f"-{round(100 * self.zoom)}%" if self.zoom else ""
        dense = f"@{ratio:g}x" if ratio != 1 else ""
        return f"{self.scene}-{self.theme}-{self.size[0]}x{self.size[1]}{zoom}{dense}.png"


class Album:
    """Takes the pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = find_model(DEFAULT_MODEL)
        self.model, self.entries = load_model(self.path), list_models()
        c4 = [i for i, note in enumerate(self.model.bank) if note.pitch == 60]
        self.slots = c4[len(c4) // 3], c4[2 * len(c4) // 3]
        self.audio = self._chord()
        self.scenes: dict[str, Callable[[MainWindow, SessionStore], QWidget | None]] = {
            "sound": self._sound,
            "map": self._map,
            "morph": self._morph,
            "style": self._style,
            "mod": self._mod,
            "macros": self._macros,
            "voice": self._voice,
            "filter": self._filter,
            "effects": self._effects,
            "browser": self._browser,
            "find": self._find,
            "breed": self._breed,
            "tour": self._tour,
            "graph-lfo": self._graph_lfo,
            "graph-automation": self._graph_automation,
            "graph-spectrogram": self._graph_spectrogram,
        }

    def take(self, shot: Shot) -> None:
        """Build the window, run the scene and save the picture, of the window that the scene returns if any."""
        with TemporaryDirectory() as scratch:
            fakes, store = make_fakes(Path(scratch)), SessionStore()
            width, height = shot.size
            settings = WindowSettings(width=width, height=height, theme=shot.theme, zoom=shot.zoom)
            window = MainWindow(store, fakes.services, settings)
            window.show()
            store.load_model_data(self.model, self.path)
            window.work.bar.picker.show_entries(self.entries)
            window.work.bar.picker.show_current(self.path, self.model.card)
            window.handle_report(DeviceState(DeviceSettings(), True, "default", 10.7))
            store.slots.choose("a", self.slots[0])
            store.slots.choose("b", self.slots[1])
            shown = self.scenes[shot.scene](window, store) or window
            for start in range(0, len(self.audio) - _STEP, _STEP):
                fakes.audio.telemetry.play(self.audio[start : start + _STEP], voices=4, load=0.3)
                window.feed.tick()
            settle(100)
            picture = shown.grab().toImage()
            name = shot.name(picture.devicePixelRatio())
            plain = picture.convertToFormat(QImage.Format.Format_RGBA8888)
            size = (plain.width(), plain.height())
            image = Image.frombytes("RGBA", size, bytes(plain.constBits())).convert("RGB")
            exact = shown is not window or shot.scene in ("map", "morph")  # these pads blend all hues
            reduced = image if exact else quantized(image)
            reduced.save(self.folder / name, optimize=True)
            print(name, flush=True)
            window.close()

    def _sound(self, window: MainWindow, store: SessionStore) -> None:
        store.set_morph(0.4)
        center = store.latents.center()
        store.latents.set_many([(2, float(center[2]) + 0.5), (5, float(center[5]) - 0.8)])

    def _map(self, window: MainWindow, store: SessionStore) -> None:
        store.pad.set_state(replace(store.state.pad, mode="map", pitch=60))
        window.maps.pad_controller.move_on_map(0.45, 0.55)
        while window.map_extras.marks.busy:
            settle(50)
        time = np.linspace(0, 1, 4 * AUTOMATION_RATE_HZ)
        rise = AutomationCurve.of("z1", 1.2 * time * np.sin(14 * time))
        store.set_automation(Automation((AutomationCurve.of("morph", 0.4 * np.sin(6 * time)), rise)))
        window.work.automation.chooser.setCurrentIndex(2)
        window.work.automation.show_state()
        window.work.deck.show_page("time")

    def _morph(self, window: MainWindow, store: SessionStore) -> None:
        store.pad.set_state(replace(store.state.pad, mode="morph"))
        window.maps.pad_controller.move_between(0.35, 0.6)
        window.work.views[0].show_view("scope")
        window.work.views[1].show_view("level")

    def _voice(self, window: MainWindow, store: SessionStore) -> None:
        window.work.latent.modes.buttons["axes"].click()
        window.work.deck.show_page("voice")

    def _style(self, window: MainWindow, store: SessionStore) -> None:
        window.work.deck.show_page("style")
        window.style_control.choose(StyleSource("rain"))
        while window.style_control.busy:
            settle(50)
        window.notices.show_message("")

    def _mod(self, window: MainWindow, store: SessionStore) -> None:
        store.set_modulation(random_modulation(len(store.ranges), np.random.default_rng(5)))
        window.work.deck.show_page("mod")

    def _macros(self, window: MainWindow, store: SessionStore) -> None:
        links = (
            Connection("macro1", "handle_brightness", 1.5), Connection("macro1", "reverb_mix", 0.4),
            Connection("macro2", "handle_movement", 8.0), Connection("macro3", "delay_mix", 0.5),
            Connection("macro3", "morph", 0.3), Connection("macro3", "attack_s", 0.4),
        )  # fmt: skip
        store.set_modulation(Modulation(connections=links))
        for i, name in enumerate(("Shine", "Life", "Drift away")):
            store.set_macro_name(i, name)
        store.set_param("macro1", 0.6)
        store.set_pins(frozenset({"body"}))
        window.work.deck.show_page("macros")

    def _effects(self, window: MainWindow, store: SessionStore) -> None:
        for name in ("reverb_on", "delay_on"):
            store.set_param(name, 1.0)
        window.work.deck.show_page("effects")

    def _filter(self, window: MainWindow, store: SessionStore) -> None:
        values = {"filter_on": 1.0, "filter_cutoff_hz": 900.0, "filter_resonance_db": 11.0, "filter_poles": 1.0,
                  "filter_env_oct": 2.5, "filter_key": 0.5, "drive_on": 1.0}  # fmt: skip
        for name, value in values.items():
            store.set_param(name, value)
        store.set_modulation(Modulation(connections=(Connection("lfo1", "filter_cutoff_hz", 1.0),)))
        window.work.deck.show_page("filter")

    def _browser(self, window: MainWindow, store: SessionStore) -> None:
        window.pages.toggle_browser()
        window.pages.browser.list.setFocus()
        window.auditions.set_phrases(on=False)
        for _ in range(3):
            QTest.keyClick(window.pages.browser.list, Qt.Key.Key_Down)
        window.auditions.set_phrases(on=True)

    def _breed(self, window: MainWindow, store: SessionStore) -> None:
        window.pages.toggle_breed()
        for pick in (1, None):
            while window.breeding.busy:
                settle(50)
            if pick is not None:
                window.breeding.pick(pick)
        window.breeding.hear(2)
        window.phrases.stop()

    def _find(self, window: MainWindow, store: SessionStore) -> None:
        folder = window.services.music_folder
        for name, key, slope in (("hum", 52.0, 1.6), ("Kazoo", 57.0, 0.9)):
            write(folder / f"{name}.wav", tone(key, 1.2, slope))
        window.sounds.library.add("Kazoo", [NewRecording(folder / "Kazoo.wav", 57.0)])
        window.pages.find.open_for(LikeFile(folder / "hum.wav"), "Your recording")
        while window.search.state.result is None:
            settle(50)
        for _ in range(2):
            QTest.keyClick(window.pages.find.list, Qt.Key.Key_Down)

    def _tour(self, window: MainWindow, store: SessionStore) -> None:
        tour = window.tour.open()
        tour.forward()
        tour.forward()

    def _graph_lfo(self, window: MainWindow, store: SessionStore) -> QWidget:
        points = ((0.0, -0.8), (0.2, 0.9), (0.45, 0.35), (0.45, -0.5), (0.8, 0.4), (1.0, -0.8))
        store.set_modulation(Modulation((Lfo("drawn", 1.5, points=points), Lfo(), Lfo(), Lfo())))
        return self._graph(window, "shapes", "lfo1", 1)

    def _graph_automation(self, window: MainWindow, store: SessionStore) -> QWidget:
        time = np.linspace(0, 1, 4 * AUTOMATION_RATE_HZ)
        store.set_morph(0.5)
        store.set_automation(Automation((AutomationCurve.of("morph", 0.4 * np.sin(6 * time)),)))
        return self._graph(window, "automation", "morph", 2)

    def _graph_spectrogram(self, window: MainWindow, store: SessionStore) -> QWidget:
        shown = self._graph(window, "analyzer", "spectrogram", 0)
        editor = shown.findChild(PointEditor)
        assert editor is not None
        editor.box.setRange(xRange=(-4.0, 0.0), padding=0.0)
        return shown

    def _graph(self, window: MainWindow, kind: str, chosen: str, handle: int) -> QWidget:
        shown = window.graphs.open(kind, chosen)
        shown.resize(860, 480)
        settle(100)
        editor = shown.findChild(PointEditor)
        assert editor is not None
        page = shown.page
        graph = page.graph if isinstance(page, ShapesPage) else editor
        graph.select(handle)
        return shown

    def _chord(self) -> NDArray[np.float32]:
        """Render three seconds of a chord, float32 [n]."""
        from synth_app.engine.engine import Engine, prepare_instrument, render_events

        patch = Patch(str(self.path), slot_a=self.slots[0], slot_b=self.slots[1]).with_param("morph", 0.4)
        engine = Engine()
        engine.install(prepare_instrument(str(self.path)), patch)
        events = [Event(i * 6000, NoteOn(key)) for i, key in enumerate(_CHORD)]
        return render_events(engine, events, 144_000).mean(axis=1)


def documented() -> list[Shot]:
    """Return the pictures of the documentation."""
    shots = [
        Shot(scene, theme=theme) for scene in ("sound", "map", "morph", "browser", "breed", "tour") for theme in THEMES
    ]
    shots += [Shot("map", size, "dark") for size in SIZES[1:]] + [Shot("sound", SIZES[1], "light")]
    graphs = [Shot("graph-lfo"), Shot("graph-automation", theme="light"), Shot("graph-spectrogram")]
    pages = [Shot(scene) for scene in ("find", "style", "mod", "macros", "voice", "filter")]
    return [
        *shots,
        *graphs,
        *pages,
        Shot("effects", theme="light"),
        Shot("sound", zoom=0.75),
        Shot("sound", SIZES[1], "light", zoom=2.0),
    ]


def everything(scenes: tuple[str, ...]) -> list[Shot]:
    """Return every page in every size, and at the smallest and largest zoom."""
    shots = [Shot(scene, size, theme) for scene in scenes for size in SIZES for theme in THEMES]
    return shots + [Shot(scene, SIZES[1], zoom=zoom) for scene in scenes for zoom in (0.75, 2.0)]


def quantized(image: Image.Image) -> Image.Image:
    """Reduce a picture to 256 colours: the most frequent ones exactly, all others to the nearest."""
    counted = sorted(((count, rgb) for count, rgb in image.getcolors(1 << 24) or []), reverse=True)[:_EXACT]
    rest = image.quantize(256 - _EXACT, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, rgb in counted for part in rgb] + rest[: 3 * (256 - _EXACT)])  # type: ignore[union-attr]  # RGB, not L
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def settle(ms: int) -> None:
    """Run the event loop for some milliseconds."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def main() -> None:
    """Make the album in FOLDER or in docs. A second process takes the pictures with twice the pixel density."""
    if {"-h", "--help"} & set(sys.argv):
        print(__doc__)
        return
    folders = [word for word in sys.argv[1:] if word != _DENSE]
    folder, dense = Path(folders[0]) if folders else _FOLDER, _DENSE in sys.argv
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application([])
    album = Album(folder)
    if dense:
        shots = [Shot("morph", theme="light")]
    else:
        shots = everything(tuple(album.scenes)) if folders else documented()
        if not folders:
            for old in folder.glob("*.png"):
                old.unlink()
    for shot in shots:
        album.take(shot)
    app.processEvents()
    if not dense:
        again = [sys.executable, "-m", "tests.ui.album", str(folder), _DENSE]
        subprocess.run(again, env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=True)


if __name__ == "__main__":
    main()
