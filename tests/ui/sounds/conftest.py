"""Recordings on disk, and a page that works without a process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.sounds.sounds_page import SoundsPage
from tests.session.sounds.recordings import noise, tone, write
from tests.ui.conftest import Rig


@dataclass
class Bench:
    """The window with the page open, and recordings to add."""

    rig: Rig
    qtbot: QtBot
    folder: Path

    @property
    def page(self) -> SoundsPage:
        """The page."""
        return self.rig.window.pages.sounds

    @property
    def control(self) -> SoundControl:
        """The control behind it."""
        return self.rig.window.sounds

    def file(self, name: str, key: float = 60.0) -> Path:
        """A recording of a tone."""
        return write(self.folder / name, tone(key, 0.4))

    def hit(self) -> Path:
        """A recording without a pitch."""
        return write(self.folder / "hit.wav", noise())

    def until(self, fits: Callable[[], object]) -> None:
        """Wait until something is true."""
        self.qtbot.waitUntil(lambda: bool(fits()), timeout=60_000)

    def add(self, *paths: Path) -> list[SoundEntry]:
        """Add files, and wait until nothing is left to do."""
        self.control.import_files(list(paths))
        self.settle()
        return list(self.control.entries)

    def settle(self) -> None:
        """Wait until the worker has nothing to do."""
        self.until(lambda: not self.rig.fakes.worker.busy and not self.control.queue.running)

    def text(self) -> str:
        """The problems and the toast that are shown."""
        return " ".join((*self.rig.window.notices.problems, self.rig.window.toast.text.text()))


@pytest.fixture
def bench(rig: Rig, qtbot: QtBot, tmp_path: Path) -> Bench:
    folder = tmp_path / "recordings"
    folder.mkdir()
    rig.window.pages.toggle_sounds()
    return Bench(rig, qtbot, folder)
