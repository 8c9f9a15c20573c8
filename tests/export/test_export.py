"""Renders have the samples of the live engine, are converted to a file, and can be cancelled."""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.export import RenderJob, RenderRequest
from synth_app.export.render import render_audio, render_file, write_audio
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
    write_audio(request_, (audio,))
    assert np.array_equal(soundfile.read(request_.path, dtype="float32")[0], audio)


def test_16_bit_is_dithered_and_close(request_: RenderRequest, tmp_path: Path) -> None:
    audio = render_audio(request_)
    write_audio(replace(request_, path=tmp_path / "x.wav", bits=16), (audio,))
    error = (soundfile.read(tmp_path / "x.wav")[0] - audio) * 2**15
    assert np.abs(error).max() <= 1.51
    assert 0.3 < error.std() < 0.8  # triangular dither + rounding: sqrt(1/6 + 1/12) = 0.5 LSB


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_blocks_are_resampled_as_one_signal(request_: RenderRequest, tmp_path: Path, rate: int) -> None:
    time_s = np.arange(48_000) / 48_000
    tone = np.repeat((0.5 * np.sin(2 * np.pi * 1000 * time_s)).astype(np.float32)[:, None], 2, axis=1)
    wanted = replace(request_, path=tmp_path / "x.wav", rate=rate, channels=1)
    assert write_audio(wanted, np.array_split(tone, 37)) == 1.0
    samples, found = soundfile.read(wanted.path)
    assert (found, len(samples)) == (rate, rate)
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    np.testing.assert_allclose(samples[rate // 10 : -rate // 10], expected[rate // 10 : -rate // 10], atol=1e-4)


def test_memory_does_not_grow_with_the_length(request_: RenderRequest, tmp_path: Path) -> None:
    """Ten minutes of stereo would take 230 MB."""
    block = np.zeros((48_000, 2), np.float32)
    write_audio(replace(request_, path=tmp_path / "warm.wav", rate=44_100, bits=24), [block])
    tracemalloc.start()
    try:
        write_audio(replace(request_, path=tmp_path / "x.wav", rate=44_100, bits=24), (block for _ in range(600)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert soundfile.info(tmp_path / "x.wav").frames == 600 * 44_100
    assert peak < 20e6


def test_a_name_that_is_not_utf8_is_written(request_: RenderRequest, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    render_file(replace(request_, path=path))
    with path.open("rb") as stream:
        assert np.array_equal(soundfile.read(stream, dtype="float32")[0], render_audio(request_))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_told_in_one_line_and_leaves_no_file(request_: RenderRequest, tmp_path: Path) -> None:
    import resource

    path = tmp_path / "x.wav"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))  # a longer file fails as on a full disk
    try:
        with pytest.raises(UserError, match=r"cannot write .*x\.wav: .*nothing there was changed"):
            write_audio(replace(request_, path=path), (np.zeros((48_000, 2), np.float32) for _ in range(3)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


def test_a_target_that_cannot_be_written_is_refused_before_the_render(request_: RenderRequest, tmp_path: Path) -> None:
    (tmp_path / "dir.wav").mkdir()
    rendered: list[float] = []
    for path, said in ((tmp_path / "no" / "x.wav", "there is no folder"), (tmp_path / "dir.wav", "is a folder")):
        with pytest.raises(UserError, match=said):
            render_file(replace(request_, path=path), rendered.append)
    assert not rendered


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
