"""Programs of plug-ins rendered as notes, with a plug-in whose sound is known in closed form."""

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from synth_app.cli.main import app
from synth_app.dataset.dssi import HIGHEST_KEY, LOUDEST, LOWEST_KEY, SOFTEST, keys_of, render_dssi
from synth_app.dataset.dssi_voice import DssiVoice
from synth_app.dataset.nsynth import read_notes
from synth_app.dataset.render_folder import RenderedFolder
from synth_app.support.errors import UserError

RATE = 48_000
SOURCE = Path(__file__).with_name("tone_plugin.c")
Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("plugins")

    def compiled(name: str = "tone", *defines: str) -> Path:
        made = folder / f"{name}.so"
        if not made.exists():
            options = ["-shared", "-fPIC", "-O1", *(f"-D{define}" for define in defines)]
            subprocess.run(["cc", *options, "-o", str(made), str(SOURCE), "-lm", "-lpthread"], check=True)
        return made

    return compiled


def tone(key: int, velocity: int, frames: int, ratio: float = 1.0) -> np.ndarray:
    """Gain 0.5 and factor 1 by the ports' hints, mean of a whole and a half output."""
    hz = ratio * 440.0 * 2.0 ** ((key - 69) / 12.0)
    return np.asarray(0.75 * 0.5 * velocity / 127.0 * np.sin(2.0 * np.pi * hz * np.arange(frames) / RATE))


@pytest.mark.parametrize("defines", [(), ("MANY",)])
def test_a_note_sounds_as_long_as_it_is_held(build: Build, defines: tuple[str, ...]) -> None:
    voice = DssiVoice(build("".join(("tone", *defines)), *defines), RATE)
    assert (voice.label, voice.title, voice.copyright) == ("tone", "Test tone", "(c) nobody")
    voice.select(voice.programs()[0])
    heard = voice.render(57, 100, 0.1, 0.05)
    assert heard.shape == (7200,)
    assert heard.dtype == np.float32
    np.testing.assert_allclose(heard[:4800], tone(57, 100, 4800), atol=1e-5)
    assert not heard[4800:].any()


def test_programs_without_a_name_are_left_out(build: Build) -> None:
    programs = DssiVoice(build(), RATE).programs()
    assert [(p.bank, p.program, p.name) for p in programs] == [
        (0, 0, "Sine"), (0, 2, "Nothing"), (3, 7, "Fifth, loaded late"),
    ]  # fmt: skip


def test_the_voice_waits_for_a_program_that_loads_in_another_thread(build: Build) -> None:
    voice = DssiVoice(build(), RATE)
    first, _, late = voice.programs()
    voice.select(first)
    voice.select(late)
    np.testing.assert_allclose(voice.render(60, 127, 0.1, 0.0), tone(60, 127, 4800, ratio=1.5), atol=1e-5)


def test_a_program_that_never_finishes_loading_is_reported(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.dataset.dssi_voice._LOADING_LONGEST_S", 0.05)
    voice = DssiVoice(build(), RATE)
    with pytest.raises(UserError, match=r"Test tone still loads 'Fifth, loaded late' after 0\.05 s"):
        voice.select(voice.programs()[-1])


def test_a_rendered_data_set_contains_each_program_at_its_keys(build: Build, tmp_path: Path) -> None:
    made = render_dssi([build()], tmp_path / "set", rate=16_000, keys_per_program=3, seed=4, jobs=1, command="typed")
    notes = read_notes(made.folder)
    source = json.loads((made.folder / "source.json").read_text())
    assert (made.notes, made.dropped_silent) == (len(notes), 3) == (6, 3)
    assert [p["name"] for p in source["plugins"]] == ["Test tone"]
    assert [i["preset"] for i in source["instruments"]] == ["Sine", "Nothing", "Fifth, loaded late"]
    for note in notes:
        number = note.instrument - 200_000
        assert (note.pitch, note.velocity) in keys_of(4, number, 3)
        sound, rate = soundfile.read(made.folder / "audio" / f"{note.note_str}.wav")
        assert (rate, len(sound)) == (16_000, 64_000)
        spectrum = np.abs(np.fft.rfft(sound[:32_000] * np.hanning(32_000)))
        wanted = 440.0 * 2.0 ** ((note.pitch - 69) / 12.0) * (1.5 if number == 2 else 1.0)
        assert abs(spectrum.argmax() / 2.0 - wanted) < 0.6
        loudest = max(velocity for _, velocity in keys_of(4, number, 3))
        held = sound[1000:40_000]  # the rate conversion rings where the tone stops
        assert np.abs(held).max() == pytest.approx(10.0 ** (-3.0 / 20.0) * note.velocity / loudest, rel=0.02)


def test_a_repeated_command_continues_to_the_same_result(build: Build, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    whole = render_dssi([build()], tmp_path / "whole", keys_per_program=2, jobs=1)
    with pytest.raises(KeyboardInterrupt):
        render_dssi([build()], tmp_path / "cut", keys_per_program=2, jobs=1, progress=stop)
    done = {path: path.stat().st_mtime_ns for path in (tmp_path / "cut" / "audio").glob("*000*.wav")}
    assert done
    cut = render_dssi([build()], tmp_path / "cut", keys_per_program=2, jobs=1)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert read_notes(cut.folder) == read_notes(whole.folder)
    for note in read_notes(whole.folder):
        name = Path("audio") / f"{note.note_str}.wav"
        assert (cut.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_a_crashed_plug_in_is_reported_and_finished_programs_are_kept(build: Build, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(UserError, match="a plug-in crashed"):
            render_dssi([build("crash", "CRASH")], tmp_path / "set", keys_per_program=1, jobs=1)
    assert [path.name for path in (tmp_path / "set" / "parts").iterdir()] == ["program-000.json"]


def test_every_program_has_a_key_in_each_part_of_the_range() -> None:
    drawn = [keys_of(0, number, 8) for number in range(200)]
    edges = np.linspace(LOWEST_KEY, HIGHEST_KEY + 1, 9)
    for keys in drawn:
        assert np.array_equal(np.digitize([key for key, _ in keys], edges), np.arange(1, 9))
    assert {key for keys in drawn for key, _ in keys} == set(range(LOWEST_KEY, HIGHEST_KEY + 1))
    velocities = {velocity for keys in drawn for _, velocity in keys}
    assert (min(velocities), max(velocities)) == (SOFTEST, LOUDEST)
    assert keys_of(1, 0, 8) != drawn[0] != drawn[1]


def test_a_file_that_is_not_a_plug_in_is_refused(build: Build, tmp_path: Path) -> None:
    other = tmp_path / "notes.so"
    other.write_bytes(b"no library")
    with pytest.raises(UserError, match="cannot be used as a DSSI plug-in"):
        render_dssi([other], tmp_path / "out")
    with pytest.raises(UserError, match="has no plug-in that plays notes"):
        render_dssi([build("mute", "MUTE")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("render", "message"),
    [
        (partial(render_dssi, rate=96_000), "sample rate 96000 Hz"),
        (partial(render_dssi, keys_per_program=0), "0 keys"),
        (partial(render_dssi, seed=-1), "seed -1"),
        (partial(render_dssi, jobs=0), "jobs is 0"),
    ],
)
def test_settings_out_of_range_are_refused(
    build: Build, tmp_path: Path, render: Callable[..., RenderedFolder], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        render([build()], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_reports_its_output(build: Build, tmp_path: Path) -> None:
    out = tmp_path / "set"
    told = CliRunner().invoke(app, ["dataset", "dssi", str(build()), "--out", str(out), "--keys", "1", "--jobs", "1"])
    assert told.exit_code == 0, told.output
    assert "2 notes at 48000 Hz, 1 silent notes dropped" in told.output
