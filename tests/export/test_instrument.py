"""The instrument for scripts: recordings in, a performance out; and nothing is imported before it is used."""

import operator
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import synth_app
from synth_app.evaluation.metrics.pitch import estimate_pitch
from synth_app.export.instrument import Instrument, PlayedNote
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model, pitched_model
from tests.session.sounds.recordings import noise, tone, write


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("instrument") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    return path


def test_notes_sound_at_their_times_and_keys(model: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "x.wav", tone(60.0))
    played = [PlayedNote(67, 1.0, 0.6), PlayedNote(64, 0.2, 0.5)]
    audio = synth_app.Instrument(model).add(source).render(played).mean(axis=1)
    assert np.abs(audio[: round(0.19 * ENGINE_RATE)]).max() < 1e-4
    for note in played:
        part = audio[round((note.start_s + 0.05) * ENGINE_RATE) : round((note.start_s + note.seconds) * ENGINE_RATE)]
        assert estimate_pitch(part, ENGINE_RATE) == pytest.approx(note.key, abs=0.1)


def test_recordings_are_added_one_by_one(model: Path, tmp_path: Path) -> None:
    instrument = Instrument(model).add(write(tmp_path / "a-048-100.wav", tone(48.0)))
    instrument.add(write(tmp_path / "b.wav", tone(60.0)), key=60.0, velocity=50)
    found = [(round(each.pitch), each.velocity) for each in instrument.note.recordings]
    assert found == [(48, 100), (60, 50)]
    with pytest.raises(UserError, match="no clear pitch"):
        instrument.add(write(tmp_path / "n.wav", noise()))
    assert len(instrument.note.recordings) == 2, "as it was"


def test_keys_between_two_recordings_have_a_timbre_between_them(tmp_path: Path) -> None:
    """The higher recording is brighter, so the level of the upper partials rises from key to key."""
    save_model_file(tmp_path / "pitched.safetensors", pitched_model(SPECS[48_000]))
    instrument = Instrument(tmp_path / "pitched.safetensors")
    for key, slope in ((55, 1.5), (67, 0.5)):
        instrument.add(write(tmp_path / f"x-{key:03d}-100.wav", tone(key, slope=slope)))
    audio = instrument.render([PlayedNote(key, i, 0.8) for i, key in enumerate((55, 58, 61, 64, 67))]).mean(axis=1)
    brightness = []
    for i in range(5):
        power = np.abs(np.fft.rfft(audio[round((i + 0.2) * ENGINE_RATE) : round((i + 0.7) * ENGINE_RATE)])) ** 2
        hz = np.fft.rfftfreq(round(0.5 * ENGINE_RATE), 1.0 / ENGINE_RATE)
        brightness.append(10.0 * np.log10(power[(hz > 2000) & (hz < 5000)].sum() / power.sum()))
    assert np.all(np.diff(brightness) > 1.0), brightness
    assert np.abs(audio).max() <= 1.0


def test_misuse_is_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="call add"):
        Instrument(model).render([PlayedNote(60)])
    with pytest.raises(UserError, match="at least one PlayedNote"):
        Instrument(model).add(write(tmp_path / "x.wav", tone(60.0))).render([])
    with pytest.raises(UserError, match="no quality"):
        Instrument(model, quality="best")
    for wrong in ({"key": 128}, {"key": 60, "velocity": 0}, {"key": 60, "seconds": 0.0}, {"key": 60, "start_s": -1.0}):
        with pytest.raises(UserError):
            PlayedNote(**wrong)


def test_the_package_stays_light() -> None:
    code = "import synth_app, sys; print('numpy' in sys.modules); print(synth_app.Instrument.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "Instrument"]
    with pytest.raises(AttributeError, match="Unknown"):
        operator.attrgetter("Unknown")(synth_app)
