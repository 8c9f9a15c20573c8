"""The registry of export formats: a format from outside the package appears in requests, jobs and commands."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from typer.testing import CliRunner

from synth_app.cli.main import app
from synth_app.export import FORMATS, AudioFormat, BitDepth, RenderJob, RenderRequest, format_of, register_format
from synth_app.export.flac import FLAC
from synth_app.export.formats import bits_help, file_filter, filter_of, suggested_format, with_filter_ending
from synth_app.export.render import render_audio, render_file
from synth_app.export.wav import WAV
from synth_app.modelfile import save_model_file
from synth_app.patch import Patch
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model


def write_raw(path: Path, blocks: Iterable[NDArray[np.float32]], rate: int, bits: int) -> None:
    """Write a line with rate and bit depth, then the samples."""
    samples = b"".join(block.astype(f"<f{bits // 8}").tobytes() for block in blocks)
    path.write_bytes(f"{rate} {bits}\n".encode() + samples)


RAW = AudioFormat("Raw", ".raw", (BitDepth(32, "float"), BitDepth(64, "float")), 64, write_raw)


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> AudioFormat:
    """A registered dummy format; the registry is as before afterwards."""
    monkeypatch.setattr("synth_app.export.formats.FORMATS", dict(FORMATS))
    register_format(RAW)
    return RAW


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formats") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    return path


def request(model_path: Path, path: Path) -> RenderRequest:
    return RenderRequest(Patch(str(model_path)), path, seconds=0.1, tail_seconds=0.1, bits=64, format=format_of(path))


def raw_samples(path: Path) -> NDArray[np.float64]:
    first, _, samples = path.read_bytes().partition(b"\n")
    assert first == b"48000 64"
    return np.frombuffer(samples, "<f8").reshape(-1, 2)


def test_the_suffix_chooses_the_format_or_is_refused() -> None:
    for name in ("a.wav", "a.WAV", "a.b.wav"):
        assert format_of(Path(name)) is WAV
    for name, what in (("a.mp3", r"the suffix \.mp3"), ("a", "no suffix"), (".wav", "no suffix"), ("a.wav.", "suffix")):
        with pytest.raises(UserError, match=rf"{what}.*ends with \.wav or \.flac"):
            format_of(Path(name))
    assert suggested_format(Path("a")) is suggested_format(Path("a.mp")) is WAV
    assert file_filter().split(";;")[0] == "WAV files (*.wav)"
    assert bits_help().split("; ")[:2] == ["WAV: 16, 24 or 32 (float)", "FLAC: 16 or 24"]


def test_a_name_takes_the_ending_of_the_chosen_filter() -> None:
    for name, chosen, becomes in (
        ("a", "FLAC files (*.flac)", "a.flac"),
        ("a.b", "WAV files (*.wav)", "a.b.wav"),
        ("a.WAV", "FLAC files (*.flac)", "a.WAV"),
        ("a", "", "a"),
    ):
        assert with_filter_ending(Path(name), chosen) == Path(becomes)
    assert filter_of(Path("a.flac")) in file_filter().split(";;")


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_flac_has_the_samples_of_wav(model_path: Path, tmp_path: Path, bits: int, channels: int) -> None:
    wav = RenderRequest(
        Patch(str(model_path)), tmp_path / "a.wav", seconds=0.3, tail_seconds=0.1, bits=bits, channels=channels
    )
    render_file(wav)
    render_file(replace(wav, path=tmp_path / "a.flac", format=FLAC))
    expected, rate = soundfile.read(tmp_path / "a.wav", dtype="int32", always_2d=True)
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert (file.format, file.subtype, file.samplerate, file.channels) == ("FLAC", f"PCM_{bits}", rate, channels)
        assert file.software.startswith("synth_app")
        assert len(file) == len(expected), "the header has the length"
        found = file.read(dtype="int32", always_2d=True)
    assert np.abs(expected).max() > 2**20
    assert np.array_equal(found, expected)
    if bits == 24:
        assert (expected & 0xFFFF).any(), "the lower bits are in use"


def test_what_flac_cannot_hold_is_refused_in_words(model_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="32 bits; FLAC has 16 or 24: choose one, or WAV for 32 bits"):
        RenderRequest(Patch(str(model_path)), tmp_path / "a.flac", bits=32, format=FLAC)


@pytest.mark.usefixtures("raw")
def test_a_registered_format_writes_a_render(model_path: Path, tmp_path: Path) -> None:
    wanted = request(model_path, tmp_path / "a.raw")
    render_file(wanted)
    np.testing.assert_array_equal(raw_samples(wanted.path), render_audio(wanted))
    with pytest.raises(UserError, match=r"24 bits; Raw has 32 \(float\) or 64 \(float\)"):
        replace(wanted, bits=24)
    with pytest.raises(UserError, match="64 bits; WAV has 16, 24 or 32"):
        replace(wanted, format=WAV)


@pytest.mark.usefixtures("raw")
def test_a_render_process_finds_the_format_without_registering_it(model_path: Path, tmp_path: Path) -> None:
    job = RenderJob(request(model_path, tmp_path / "a.raw"))
    job.start()
    deadline = time.monotonic() + 60
    while not job.done() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.error() is None
    assert len(raw_samples(tmp_path / "a.raw")) >= 9600


@pytest.mark.usefixtures("raw")
def test_the_command_line_chooses_it_by_suffix(model_path: Path, tmp_path: Path) -> None:
    arguments = ["render", "--model", str(model_path), "--seconds", "0.1", "--tail", "0.1"]
    out = tmp_path / "a.raw"
    assert CliRunner().invoke(app, [*arguments, "--out", str(out), "--bits", "64"]).exit_code == 0
    assert len(raw_samples(out)) >= 9600
    refused = CliRunner().invoke(app, [*arguments, "--out", str(out), "--bits", "16"])
    assert "Raw has 32 (float) or 64 (float)" in str(refused.exception)


@pytest.mark.usefixtures("raw")
def test_a_suffix_has_one_format() -> None:
    with pytest.raises(UserError, match=r"\.raw is already used by Raw"):
        register_format(RAW)
    with pytest.raises(UserError, match="8 bits"):
        register_format(replace(RAW, suffix=".new", default_bits=8))
