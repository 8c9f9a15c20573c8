"""The command line: rendered files equal the engine's output."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.main import get_command

from synth_app.cli.main import app
from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import make_note, write_notes
from synth_app.decoder import load_model
from synth_app.export.request import RenderRequest
from synth_app.modelfile import save_model_file
from synth_app.patch import NoteOff, NoteOn, Patch
from synth_app.session.store.store import SessionStore
from tests.cli.conftest import Command
from tests.engine.conftest import SPECS, harmonic_tone, pitched_model
from tests.engine.helpers import cents, key_hz, partial_hz, play

COMMANDS = ("demo", "models", "render", "encode", "resynth", "train", "score", "ablation", "grid", "adopt",
            "evaluate", "report",
            "pitch-report", "psm-report", "fidelity-report", "sound-report", "find", "find-report",
            "style", "style-report", "devices", "bench", "phase-report",
            "presets list", "presets export",
            "presets import", "presets sheet", "describe", "dataset soundfont", "dataset synthesize", "dataset check",
            "dataset folder", "pack export", "pack import", "pack info", "train-folder", "abx")  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(synth: Command, command: str) -> None:
    done = synth(*command.split(), "--help")
    assert done.status == 0
    assert command.split()[-1] in done.out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_names_no_type_of_python(synth: Command, command: str) -> None:
    out = synth(*command.split(), "--help").out
    names = [line.split("  ")[1] for line in out.splitlines() if line.startswith("  ") and line.strip()]
    assert not [name for name in names if "<" in name]
    assert "list[" not in out


def test_every_command_and_option_is_walked_for_its_help() -> None:
    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for word, child in getattr(command, "commands", {}).items():
            yield from walk(f"{name} {word}", child)

    for name, command in walk("synth-app", get_command(app)):
        for param in command.params:
            assert param.help, f"{name}: {param.name} has no help"
            if param.param_type_name == "option" and not param.is_flag:
                assert param.metavar, f"{name}: {param.name} has no metavar"
                assert "<" not in param.metavar


def test_render_equals_the_output_of_the_engine(synth: Command, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "note.wav"
    done = synth(
        "render", "--model", "exact", "--bank", "dull", "--to", "bright", "--morph", "0.3", "--note", 64,
        "--velocity", 90, "--seconds", 0.5, "--tail", 0.3, "--bits", 32, "--out", out,
    )  # fmt: skip
    assert (done.status, done.err) == (0, "")
    written, rate = soundfile.read(out, dtype="float32", always_2d=True)
    patch = Patch(str(model_folder / "exact.safetensors"), 0, 1).with_param("morph", 0.3)
    played = play(patch, (0.0, NoteOn(64, 90)), (0.5, NoteOff(64)), seconds=0.8)
    # another seed in the helper's engine: the same sound, other phases
    assert rate == 48_000
    assert written.shape == played.shape
    difference = np.abs(np.abs(np.fft.rfft(written[:, 0])) ** 2).sum() / (np.abs(np.fft.rfft(played[:, 0])) ** 2).sum()
    assert difference == pytest.approx(1.0, abs=0.1)


def test_render_plays_the_sound_that_the_window_starts_with(
    synth: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "exact-pitched.safetensors"
    save_model_file(path, pitched_model(SPECS[48_000]))
    model = load_model(path)
    store = SessionStore()
    store.load_model_data(model, path)
    rendered: list[RenderRequest] = []

    def capture(request: RenderRequest, progress: object) -> float:
        rendered.append(request)
        return 1.0

    monkeypatch.setattr("synth_app.export.render.render_file", capture)
    assert synth("render", "--model", path, "--out", tmp_path / "note.wav").status == 0
    assert rendered[0].patch.value("lock") == 1.0
    assert rendered[0].patch.params == store.patch.params
    assert rendered[0].patch.slot_a == store.patch.slot_a
    assert store.patch.value("morph") == 0.0  # so that another note in slot B is not heard


@pytest.mark.parametrize(("rate", "bits", "mono"), [(44_100, 16, True), (96_000, 24, False), (48_000, 32, True)])
def test_render_formats(synth: Command, tmp_path: Path, rate: int, bits: int, mono: bool) -> None:
    out = tmp_path / "note.wav"
    options = ["--rate", rate, "--bits", bits, "--seconds", 0.6, "--tail", 0.2, "--bank", "dull", "--out", out]
    assert synth("render", "--model", "exact", *options, *(["--mono"] if mono else [])).status == 0
    info = soundfile.info(out)
    assert info.samplerate == rate
    assert info.channels == (1 if mono else 2)
    assert info.subtype == {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}[bits]
    assert info.frames == pytest.approx(0.8 * rate, abs=2)
    audio = soundfile.read(out, always_2d=True)[0][:, 0]
    held = np.interp(np.arange(24_000) / 48_000, np.arange(len(audio)) / rate, audio)[4800:]
    assert abs(cents(partial_hz(np.asarray(held, np.float32), key_hz(60)), key_hz(60))) < 2


def test_latent_holds_a_point(synth: Command, tmp_path: Path) -> None:
    """(1, 0) is the latent vector of the bright note, for any bank note."""
    for name, options in {"point": ["--latent", "1,0"], "note": ["--bank", "bright"]}.items():
        options = [*options, *(["--bank", "dull"] if name == "point" else [])]
        done = synth("render", "--model", "exact", "--bits", 32, "--out", tmp_path / f"{name}.wav", *options)
        assert done.status == 0, done.err
    point, note = (soundfile.read(tmp_path / f"{n}.wav")[0][4800:90_000, 0] for n in ("point", "note"))
    assert np.abs(point - note).max() < 0.01 * np.abs(note).max()


def test_models_json_has_its_keys(synth: Command, model_folder: Path) -> None:
    listed = {entry["name"]: entry for entry in json.loads(synth("models", "--json").out)}
    entry = listed["exact"]
    assert {"name", "family", "latent_size", "sample_rate", "n_fft", "hop_length", "file", "scores"} <= set(entry)
    assert entry["file"] == str(model_folder / "exact.safetensors")
    assert (entry["latent_size"], entry["sample_rate"], entry["n_fft"]) == (2, 48_000, 2048)


def test_encode_finds_the_latent_vector_of_the_sound(synth: Command, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "bright.wav", harmonic_tone(SPECS[48_000], key_hz(60), 0.5), 48_000, subtype="FLOAT")
    done = synth("encode", tmp_path / "bright.wav", "--model", "exact", "--out", tmp_path / "z.npz")
    assert done.status == 0, done.err
    codes = np.load(tmp_path / "z.npz", allow_pickle=False)
    assert codes["z"].shape == (94, 2)
    assert codes["z"][30:60, 0] == pytest.approx(np.ones(30), abs=0.02)
    assert codes["hop_seconds"] == pytest.approx(512 / 48_000)


@pytest.mark.parametrize("phase", ["live", "original", "griffinlim"])
def test_resynth_keeps_pitch_and_length(synth: Command, tmp_path: Path, phase: str) -> None:
    tone = harmonic_tone(SPECS[48_000], key_hz(60), 1.5, seconds=0.5)
    soundfile.write(tmp_path / "in.wav", tone, 48_000, subtype="FLOAT")
    done = synth("resynth", tmp_path / "in.wav", "--model", "exact", "--out", tmp_path / "out.wav", "--phase", phase)
    assert done.status == 0, done.err
    audio, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert (len(audio), rate) == (24_000, 48_000)
    # Griffin-Lim from random phases settles some cents off: it knows magnitudes only, and half a second is short
    limit = 30 if phase == "griffinlim" else 2
    assert abs(cents(partial_hz(audio[4000:20_000], key_hz(60)), key_hz(60))) < limit
    if phase == "original":
        assert np.corrcoef(audio[4000:20_000], tone[4000:20_000])[0, 1] > 0.99


@pytest.mark.parametrize("peak", [1.5, 12.7])
def test_resynth_of_a_loud_float_file_keeps_its_shape(synth: Command, tmp_path: Path, peak: float) -> None:
    tone = harmonic_tone(SPECS[48_000], key_hz(60), 1.5, seconds=0.5)
    tone *= np.float32(peak) / np.abs(tone).max()
    soundfile.write(tmp_path / "in.wav", tone, 48_000, subtype="FLOAT")
    out = tmp_path / "out.wav"
    done = synth("resynth", tmp_path / "in.wav", "--model", "exact", "--out", out, "--phase", "original")
    assert done.status == 0, done.err
    assert "lower" in done.err
    audio, _rate = soundfile.read(out, dtype="float32")
    assert np.abs(audio).max() == pytest.approx(1.0, abs=1e-3)
    assert (np.abs(audio) > 0.999).sum() < 20  # peaks that touch full scale, not flattened ones
    assert np.corrcoef(audio[4000:20_000], tone[4000:20_000])[0, 1] > 0.99


def test_names_that_are_not_utf8_pass_through_every_command(synth: Command, tmp_path: Path) -> None:
    def named(name: bytes) -> Path:
        return Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))

    tone = harmonic_tone(SPECS[48_000], key_hz(60), 1.5, seconds=0.5)
    with named(b"in-\xe9.wav").open("w+b") as stream:
        soundfile.write(stream, tone, 48_000, format="WAV")
    midi = b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\x0c\0\x90\x3c\x40\x30\x80\x3c\x40\0\xff\x2f\0"
    named(b"song-\xe9.mid").write_bytes(midi)
    for command in (
        ("encode", named(b"in-\xe9.wav"), "--out", named(b"z-\xe9.npz")),
        ("resynth", named(b"in-\xe9.wav"), "--out", named(b"through-\xe9.wav")),
        ("render", "--seconds", 0.1, "--tail", 0.1, "--out", named(b"note-\xe9.wav")),
        ("render", "--midi", named(b"song-\xe9.mid"), "--out", named(b"song-\xe9.wav")),
    ):
        done = synth(*command, "--model", "exact")
        assert done.status == 0, done.err
        assert command[-1].exists()
        assert "-?" in done.out


def test_a_midi_file_with_more_tracks_than_it_counts_is_told(synth: Command, tmp_path: Path) -> None:
    track = b"MTrk\0\0\0\x0c\0\x90\x3c\x40\x30\x80\x3c\x40\0\xff\x2f\0"
    (tmp_path / "song.mid").write_bytes(b"MThd\0\0\0\6\0\1\0\1\0\x60" + track + track)
    done = synth("render", "--model", "exact", "--midi", tmp_path / "song.mid", "--out", tmp_path / "song.wav")
    assert done.status == 0, done.err
    assert "the header counts 1 tracks, the file has 2: all of them are played" in done.err


def test_a_folder_of_recordings_becomes_a_data_set(synth: Command, tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in-\xe9"))
    folder.mkdir()
    for name in ("C3", "D3", "tuba_060"):
        with (folder / f"{name}.wav").open("w+b") as stream:
            soundfile.write(stream, harmonic_tone(SPECS[48_000], key_hz(60), 1.5, seconds=0.2), 48_000, format="WAV")
    (folder / "bad.mp3").write_text("no audio")
    out = tmp_path / "set"
    done = synth("dataset", "folder", folder, "--out", out, "--rate", 16_000, "--family", "brass",
                 "--source", "acoustic", "--middle-c", 3, "--jobs", 1)  # fmt: skip
    assert done.status == 0, done.err
    assert "3 notes of 2 instruments, 1 files skipped" in done.out
    assert "bad.mp3" in done.err
    notes = json.loads((out / "examples.json").read_text())
    assert sorted(note["pitch"] for note in notes.values()) == [60, 60, 62]
    assert {note["instrument_family_str"] for note in notes.values()} == {"brass"}
    refused = synth("dataset", "folder", folder, "--out", tmp_path / "other", "--family", "drums")
    assert refused.status == 2
    assert "use one of bass, brass" in refused.err


def test_phase_report_ranks_the_methods(synth: Command, tmp_path: Path) -> None:
    """On a steady harmonic tone, peak-locked phases are better than random ones."""
    note = make_note(
        note=1, instrument=0, family="string", source="acoustic", index=0, pitch=60, velocity=100, sample_rate=48_000
    )
    (tmp_path / "audio").mkdir()
    write_notes(tmp_path, [note])
    write_wav16(tmp_path / "audio" / f"{note.note_str}.wav", harmonic_tone(SPECS[48_000], 261.6, 1.0), 48_000)
    done = synth(
        "phase-report", tmp_path, "--method", "live", "--method", "griffinlim", "--visqol-notes", "0", "--json"
    )
    assert done.status == 0, done.err
    figures = {(f["method"], f["hop_length"]): f for f in json.loads(done.out)["figures"]}
    assert set(figures) == {(m, h) for m in ("live", "griffinlim") for h in (256, 128)}
    for hop in (256, 128):
        assert figures["live", hop]["convergence_db"] < figures["griffinlim", hop]["convergence_db"] - 3


@pytest.mark.parametrize(("rate", "subtype", "channels"), [(192_000, "PCM_24", 1), (8_000, "PCM_U8", 2)])
def test_unusual_audio_is_accepted(synth: Command, tmp_path: Path, rate: int, subtype: str, channels: int) -> None:
    t = np.arange(rate) / rate
    tone = 0.5 * np.sin(2 * np.pi * 440 * t)
    soundfile.write(tmp_path / "in.wav", np.stack([tone] * channels, axis=1), rate, subtype=subtype)
    done = synth("encode", tmp_path / "in.wav", "--model", "exact", "--out", tmp_path / "z.npz")
    assert done.status == 0, done.err
    gain = np.load(tmp_path / "z.npz")["gain_db"][20:70]
    assert gain == pytest.approx(np.full(50, -6.0), abs=1.5)  # scalloping of the Hann window
