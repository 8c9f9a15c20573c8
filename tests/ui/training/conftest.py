"""The small model that trainings begin with, recordings, and a home for what they make."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.ui.training.abx_page import AbxPage
from tests.session.trainings.conftest import pluck
from tests.training.conftest import make_base
from tests.ui.conftest import Rig
from tests.ui.training.blind_test import begin

RATE = 8000


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pitch-conditioned model of one epoch, for 65 bins at 8 kHz."""
    return make_base(tmp_path_factory.mktemp("start"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own; the window's processes get it too."""
    folder = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(folder / "sounds"))
    monkeypatch.setenv("SYNTH_APP_TRAININGS", str(folder / "trainings"))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Twelve good recordings, a silent one, a late one and one without a pitch."""
    folder = tmp_path / "pluck"
    folder.mkdir()
    for key in range(48, 60):
        soundfile.write(folder / f"pluck-{key:03d}-100.wav", pluck(key), RATE)
    soundfile.write(folder / "pluck-060-100.wav", np.zeros(RATE), RATE)
    soundfile.write(folder / "pluck-061-100.wav", np.concatenate([np.zeros(RATE), pluck(61)]), RATE)
    soundfile.write(folder / "hiss.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)
    return folder


@pytest.fixture
def page(rig: Rig, home: Path) -> AbxPage:
    """A blind test of six trials whose sounds are rendered."""
    rig.window.training.open()
    return begin(rig)
