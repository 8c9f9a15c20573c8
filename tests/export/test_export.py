"""Renders have the samples of the live engine, are converted to a file, and can be cancelled."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.export import RenderJob, RenderRequest
from synth_app.export.render import render_audio, write_audio
from synth_app.modelfile import save_model_file
from synth_app.patch import NoteOff, NoteOn, Patch
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> RenderRequest:
    folder = tmp_path_factory.mktemp("export")
    save_model_file(folder / "exact.safetensors", exact_model(SPECS[48_000]))
    patch = Patch(str(folder / "exact.safetensors"))
    return RenderRequest(patch, folder / "note.wav", seconds=0.31, tail_seconds=0.2, bits=32)


def test_render_equals_the_engine_played_in_small_blocks(request_: RenderRequest) -> None:
    engine = Engine()
    engine.install(prepare_instrument(request_.patch.model), request_.patch)
    out = np.zeros((round(0.51 * 48_000), 2), np.float32)
    engine.post(NoteOn(60, 100))
    held = round(0.31 * 48_000)
    for start in range(0, held, 96):
        engine.render(out[start : min(start + 96, held)])
    engine.post(NoteOff(60))
    engine.render(out[held:])
    assert np.array_equal(render_audio(request_), out)


def test_float_file_is_bit_identical(request_: RenderRequest) -> None:
    audio = render_audio(request_)
    write_audio(request_, audio)
    assert np.array_equal(soundfile.read(request_.path, dtype="float32")[0], audio)


def test_16_bit_is_dithered_and_close(request_: RenderRequest, tmp_path: Path) -> None:
    audio = render_audio(request_)
    write_audio(replace(request_, path=tmp_path / "x.wav", bits=16), audio)
    error = (soundfile.read(tmp_path / "x.wav")[0] - audio) * 2**15
    assert np.abs(error).max() <= 1.51
    assert 0.3 < error.std() < 0.8  # triangular dither + rounding: sqrt(1/6 + 1/12) = 0.5 LSB


def test_job_renders_in_its_own_process(request_: RenderRequest, tmp_path: Path) -> None:
    job = RenderJob(replace(request_, path=tmp_path / "job.wav"))
    job.start()
    deadline = time.monotonic() + 60
    while not job.done() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.error() is None
    assert job.progress() == 1.0
    assert np.array_equal(soundfile.read(tmp_path / "job.wav", dtype="float32")[0], render_audio(request_))


def test_a_cancelled_job_keeps_an_existing_file(request_: RenderRequest, tmp_path: Path) -> None:
    path = tmp_path / "keep.wav"
    path.write_bytes(b"precious")
    job = RenderJob(replace(request_, path=path, seconds=500.0))
    job.start()
    time.sleep(0.3)
    job.cancel()
    assert job.done()
    assert job.error() is None
    time.sleep(0.3)
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == ["keep.wav"]


def test_job_reports_its_error(request_: RenderRequest, tmp_path: Path) -> None:
    job = RenderJob(replace(request_, patch=Patch(str(tmp_path / "none.safetensors")), path=tmp_path / "x.wav"))
    job.start()
    deadline = time.monotonic() + 60
    while not job.done() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "none.safetensors" in (job.error() or "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda r: replace(r, note=128), "128"),
        (lambda r: replace(r, velocity=0), "1-127"),
        (lambda r: replace(r, seconds=601.0), "601"),
        (lambda r: replace(r, rate=22_050), "22050"),
        (lambda r: replace(r, bits=20), "20 bits"),
        (lambda r: replace(r, channels=3), "3 channels"),
    ],
)
def test_requests_out_of_range_are_refused(
    request_: RenderRequest, wrong: Callable[[RenderRequest], RenderRequest], named: str
) -> None:
    with pytest.raises(UserError, match=named):
        wrong(request_)
