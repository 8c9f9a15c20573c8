"""The page "Something like this", which works without a process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.patch import NoteOn
from synth_app.session import SessionStore
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.ui.find.find_page import FindPage
from tests.session.sounds.recordings import tone, write
from tests.ui.conftest import Rig

NEAR, FAR = 0.7, 2.4  # slopes of a bright and of a dull tone


@dataclass
class Bench:
    """The window with the page open, and recordings to search for."""

    rig: Rig
    qtbot: QtBot
    folder: Path

    @property
    def page(self) -> FindPage:
        """The page."""
        return self.rig.window.pages.find

    @property
    def store(self) -> SessionStore:
        """The session."""
        return self.rig.store

    @property
    def undo_labels(self) -> list[str]:
        """Labels of the steps that can be undone."""
        return [step.label for step in self.rig.window.presets.service.history.steps]

    def file(self, name: str = "hum.wav", key: float = 57.0, slope: float = NEAR) -> Path:
        """A recording of a tone."""
        return write(self.folder / name, tone(key, 0.6, slope))

    def own(self, name: str, samples: NDArray[np.float32] | None = None, key: float = 60.0) -> str:
        """Add a sound to the library; return its key."""
        path = write(self.folder / f"{name}.wav", tone(key, 0.6, NEAR) if samples is None else samples)
        return self.rig.fakes.services.sounds.add(name, [NewRecording(path, key)]).key

    def until(self, fits: Callable[[], object]) -> None:
        """Wait until something is true."""
        self.qtbot.waitUntil(lambda: bool(fits()), timeout=60_000)

    def settle(self) -> None:
        """Wait until the worker has nothing to do."""
        self.until(lambda: not self.rig.fakes.worker.busy)

    def show(self, kind: str) -> None:
        """List one kind of finds, and give the list the keyboard."""
        self.page.kinds.buttons[kind].click()
        self.page.list.setFocus()

    def press(self, *keys: Qt.Key) -> None:
        """Press keys on the list."""
        for key in keys:
            QTest.keyClick(self.page.list, key)

    def played(self) -> list[int]:
        """The notes that began to play."""
        return [each.note for each in self.rig.audio.notes if isinstance(each, NoteOn)]

    def held(self) -> frozenset[int]:
        """The notes that sound."""
        return self.rig.window.notes.held


@pytest.fixture
def bench(rig: Rig, qtbot: QtBot, tmp_path: Path) -> Bench:
    folder = tmp_path / "recordings"
    folder.mkdir()
    rig.window.pages.toggle_find()
    made = Bench(rig, qtbot, folder)
    made.settle()
    return made
