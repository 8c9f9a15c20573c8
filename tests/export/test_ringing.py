"""A file lasts until echoes and reverb have died away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.export import RenderRequest
from synth_app.export.performance import render_performance
from synth_app.export.render import render_audio
from synth_app.export.request import PerformanceRequest
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch
from tests.engine.conftest import SPECS, exact_model

SILENT = 10 ** (-96 / 20)


@pytest.fixture(scope="module")
def wet(tmp_path_factory: pytest.TempPathFactory) -> Patch:
    """A short note with sparse echoes and a reverb of a second."""
    path = tmp_path_factory.mktemp("ringing") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    patch = Patch(str(path))
    for name, value in (("reverb_on", 1), ("reverb_decay_s", 1), ("delay_on", 1), ("delay_time_s", 1.5),
                        ("delay_feedback", 0.1), ("release_s", 0.02)):  # fmt: skip
        patch = patch.with_param(name, value)
    return patch


def test_a_note_rings_out(wet: Patch) -> None:
    request = RenderRequest(wet, Path(), seconds=0.2, tail_seconds=0.1)
    whole, cut = render_audio(request), render_audio(replace(request, ring_out=False))
    requested = round(0.3 * ENGINE_RATE)
    assert len(cut) == requested
    assert np.array_equal(whole[:requested], cut)
    assert len(whole) > 3.0 * ENGINE_RATE  # two echoes
    assert np.abs(whole[-1]).max() >= SILENT
    dry = replace(request, patch=wet.with_param("reverb_on", 0).with_param("delay_on", 0))
    assert len(render_audio(dry)) == requested


def test_a_performance_continues_through_the_silence_before_an_echo(wet: Patch) -> None:
    """The silence between the note and its echo is longer than the one that usually ends a file."""
    sparse = wet.with_param("reverb_on", 0).with_param("delay_time_s", 3.5).with_param("delay_feedback", 0)
    events = (Event(0, NoteOn(60)), Event(4800, NoteOff(60)))
    audio = render_performance(PerformanceRequest(sparse, Path(), events, 9600))
    assert 3.5 * ENGINE_RATE < len(audio) < 4.2 * ENGINE_RATE
    assert np.abs(audio[3 * ENGINE_RATE : round(3.4 * ENGINE_RATE)]).max() < SILENT
    assert np.abs(audio[round(3.5 * ENGINE_RATE) :]).max() > 0.01
