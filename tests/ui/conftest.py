"""Fixtures of the window tests: one loaded model for all, and a window with a fake audio process per test."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synth_app.decoder import Model, load_model
from synth_app.session import Preset, SessionStore
from synth_app.session.presets.library import FACTORY_FOLDER
from synth_app.session.state.preset import read_preset
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.window.main_window import MainWindow
from tests.ui.fakes import FakeAudio, Fakes, make_fakes
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="session", autouse=True)
def themed(qapp: QApplication) -> None:
    """Create the application, which holds the theme. Tests that make no widget need it too."""


@pytest.fixture(autouse=True)
def _delete_closed_windows(qapp: QApplication) -> Iterator[None]:
    """Delete what ``deleteLater`` was called for; without a running event loop Qt waits for ever."""
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="session", autouse=True)
def _factory_presets_are_read_once() -> Iterator[None]:
    """Each window reads 200 files that no test changes."""
    read_once = cache(read_preset)

    def read(path: Path) -> Preset:
        return read_once(path) if path.parent == FACTORY_FOLDER else read_preset(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synth_app.session.presets.library.read_preset", read)
        yield


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a model in a folder that also holds one with 24 latent dimensions and a damaged one."""
    folder = tmp_path_factory.mktemp("models")
    make_model(folder / "wide.safetensors", latent=24, name="wide", title="Wide")
    (folder / "broken.safetensors").write_bytes(b"not a model")
    return make_model(folder / "first.safetensors")


@pytest.fixture(scope="session")
def model(model_path: Path) -> Model:
    """The loaded model."""
    return load_model(model_path)


@pytest.fixture(scope="session")
def measured_points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of what searches measure, instead of the user's cache; the presets are measured once for all tests."""
    return tmp_path_factory.mktemp("points")


@dataclass
class Rig:
    """A window, its session store and its fakes."""

    window: MainWindow
    store: SessionStore
    fakes: Fakes

    @property
    def audio(self) -> FakeAudio:
        """The fake audio process."""
        return self.fakes.audio


@pytest.fixture
def empty_rig(
    qtbot: QtBot, model_path: Path, tmp_path: Path, measured_points: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    """A visible window without a model. Afterwards no thread of the program may be left."""
    monkeypatch.setattr("synth_app.session.find.search.user_folder", lambda _: measured_points)
    monkeypatch.setattr("synth_app.modelfile.catalog.model_folders", lambda: (model_path.parent,))  # not the shipped
    before = set(threading.enumerate())
    fakes, store = make_fakes(tmp_path / "music"), SessionStore()
    window = MainWindow(store, fakes.services)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    yield Rig(window, store, fakes)
    window.close()
    assert set(threading.enumerate()) <= before
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def rig(empty_rig: Rig, model: Model, model_path: Path) -> Rig:
    """A visible window with the model loaded, and an empty list of sent messages."""
    empty_rig.store.load_model_data(model, model_path)
    empty_rig.audio.sent.clear()
    return empty_rig


def param_controls(rig: Rig) -> dict[str, ValueControl]:
    """Return the control of every parameter by name."""
    work = rig.window.work
    return {
        "morph": work.morph.fader,
        "motion": work.morph.motion,
        "detail": work.morph.detail,
        **work.envelope.knobs,
        **work.filter.controls,
        **work.filter_envelope.knobs,
        **work.pitch.knobs,
        **work.output.knobs,
        **{name: knob for panel in work.others for name, knob in panel.knobs.items()},
        **work.macros.knobs,
        "style": work.style_panel.knob,
        **{name: control for card, _ in work.effects for name, control in card.controls.items()},
    }
