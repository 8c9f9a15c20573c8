"""Makes the album of screenshots in docs/images/album: ``python -m tests.ui.album [FOLDER]``; no display, no device.

The real window with the default model, in both themes and three sizes; its sound is rendered by the engine beforehand.
"""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage

from synth_app.audio.messages import DeviceSettings, DeviceState
from synth_app.decoder import load_model
from synth_app.engine import Event, NoteOn, Sound
from synth_app.modelfile import find_model, list_models
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session import SessionStore, WindowSettings
from synth_app.session.saved import ThemeName
from synth_app.ui.application import make_application
from synth_app.ui.main_window import MainWindow
from tests.ui.fakes import make_fakes

SIZES = ((1280, 720), (1920, 1080), (2560, 1440))
THEMES: tuple[ThemeName, ThemeName] = ("dark", "light")
_FOLDER = Path(__file__).parents[2] / "docs" / "images" / "album"
_CHORD = (48, 60, 64, 67)
_STEP = 4800  # samples fed at a time


class Album:
    """Takes the pictures one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = find_model(DEFAULT_MODEL)
        self.model, self.entries = load_model(self.path), list_models()
        c4 = [i for i, note in enumerate(self.model.bank) if note.pitch == 60]
        self.slots = c4[len(c4) // 3], c4[2 * len(c4) // 3]
        self.sound = self._chord()

    def show(self, size: tuple[int, int], theme: ThemeName, scene: str) -> None:
        """One picture: the window as it is left by ``scene``."""
        with TemporaryDirectory() as scratch:
            fakes, store = make_fakes(Path(scratch)), SessionStore()
            window = MainWindow(store, fakes.services, WindowSettings(width=size[0], height=size[1], theme=theme))
            window.show()
            store.load_model_data(self.model, self.path)
            window.work.bar.picker.show_entries(self.entries)
            window.work.bar.picker.show_current(self.path, self.model.card)
            window.take_report(DeviceState(DeviceSettings(), True, "default", 10.7))
            store.choose_slot("a", self.slots[0])
            store.choose_slot("b", self.slots[1])
            (self._map if scene == "map" else self._morph)(window, store)
            for start in range(0, len(self.sound) - _STEP, _STEP):
                fakes.audio.telemetry.play(self.sound[start : start + _STEP], voices=4, load=0.3)
                window.feed.tick()
            settle(100)
            picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
            name = f"{scene}-{theme}-{size[0]}x{size[1]}.png"
            if not picture.save(str(self.folder / name)):
                raise OSError(f"cannot write {self.folder / name}")
            print(name, flush=True)
            window.close()

    def _map(self, window: MainWindow, store: SessionStore) -> None:
        store.set_field(replace(store.state.field, mode="map", pitch=60))
        window.maps.timbre.move_on_map(0.45, 0.55)
        window.work.deck.show_page("time")

    def _morph(self, window: MainWindow, store: SessionStore) -> None:
        store.set_field(replace(store.state.field, mode="morph"))
        window.maps.timbre.move_between(0.35, 0.6)
        window.work.views[0].show_view("scope")
        window.work.views[1].show_view("level")

    def _chord(self) -> NDArray[np.float32]:
        """Three seconds of the engine's own sound, float32 [n]."""
        from synth_app.engine.engine import Engine, prepare_rig, render_events

        sound = Sound(str(self.path), slot_a=self.slots[0], slot_b=self.slots[1]).with_param("morph", 0.4)
        engine = Engine()
        engine.install(prepare_rig(str(self.path)), sound)
        events = [Event(i * 6000, NoteOn(key)) for i, key in enumerate(_CHORD)]
        return render_events(engine, events, 144_000).mean(axis=1)


def settle(ms: int) -> None:
    """Let Qt work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def main() -> None:
    """Make the album where told, or in docs."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application([])
    album = Album(folder)
    for theme in THEMES:
        for size in SIZES:
            album.show(size, theme, "map")
        album.show(SIZES[0], theme, "morph")
    app.processEvents()


if __name__ == "__main__":
    main()
