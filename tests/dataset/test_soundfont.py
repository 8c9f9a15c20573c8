"""The SoundFont renderer against a SoundFont whose every sample is known in closed form."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth_app.dataset.general_midi import GM_PROGRAMS, pitches_of
from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import SOURCES, read_audio, read_notes
from synth_app.dataset.render_folder import RenderedFolder
from synth_app.dataset.soundfont import NoteSelection, render_soundfont
from synth_app.dataset.soundfont_info import read_soundfont_info
from synth_app.dataset.soundfont_voice import SoundFontVoice
from synth_app.support.errors import UserError

SAMPLE_HZ = 440.0  # the tiny font's sine, at MIDI key 69
RELEASE_SECONDS = 0.2  # of the tiny font

RENDER_SCRIPT = """
import sys
from synth_app.dataset.soundfont import NoteSelection, render_soundfont
if __name__ == "__main__":
    selection = NoteSelection(rates=(48000, 16000), pitches_per_program=3, velocities=(50, 127))
    render_soundfont(sys.argv[1], sys.argv[2], selection, jobs=1, progress=lambda done, total: print(done, flush=True))
"""


def render_few(
    sf2: Path, out: Path, *, jobs: int = 1, progress: Callable[[int, int], None] | None = None, **selection: Any
) -> tuple[RenderedFolder, ...]:
    """Render three keys at two velocities, or what ``selection`` says."""
    chosen = NoteSelection(**{"pitches_per_program": 3, "velocities": (50, 127), **selection})
    return render_soundfont(sf2, out, chosen, jobs=jobs, progress=progress)


@pytest.fixture(scope="module")
def rendered(tiny_sf2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted render at two rates; the folders are notes-48k and notes-16k in the path returned."""
    parent = tmp_path_factory.mktemp("rendered")
    render_few(tiny_sf2, parent / "notes", rates=(48_000, 16_000))
    return parent


def frequency_hz(samples: np.ndarray, rate: int) -> float:
    """Frequency of a steady sine by the phase advance between two windowed DFTs a tenth of a second apart."""
    size = round(0.5 * rate)
    step = round(0.1 * rate)
    window = np.hanning(size)
    first, second = np.fft.rfft(samples[:size] * window), np.fft.rfft(samples[step : step + size] * window)
    peak = int(np.abs(first).argmax())
    advance = np.angle(second[peak] / first[peak]) / (2 * np.pi)
    coarse = peak / size * step
    return float((advance + round(coarse - advance)) / step * rate)


@pytest.mark.parametrize("rate", [48_000, 16_000])
def test_every_note_sounds_at_its_pitch(rendered: Path, rate: int) -> None:
    folder = rendered / f"notes-{rate // 1000}k"
    notes = read_notes(folder)
    for gm in (gm for gm in GM_PROGRAMS if gm.program in (0, 40)):
        played = {note.pitch for note in notes if note.instrument == gm.program}
        assert played == set(pitches_of(gm, 3))
    for note in notes:
        samples, file_rate = read_audio(folder, note)
        assert file_rate == note.sample_rate == rate
        assert samples.shape == (4 * rate,)
        expected = SAMPLE_HZ * 2.0 ** ((note.pitch - 69) / 12)
        cents = 1200 * np.log2(frequency_hz(samples[rate : 2 * rate], rate) / expected)
        assert abs(cents) < 1.0, note.note_str


def test_chosen_pitches_are_limited_to_the_range_of_a_program(tiny_sf2: Path, tmp_path: Path) -> None:
    """The violin of the tiny font begins at its General MIDI range's lowest key, so a bass key moves there."""
    render_few(tiny_sf2, tmp_path / "bank", pitches=(21, 60), velocities=(100,))
    played: dict[int, set[int]] = {}
    for note in read_notes(tmp_path / "bank"):
        played.setdefault(note.instrument, set()).add(note.pitch)
    assert played == {0: {21, 60}, 40: {60}}
    render_few(tiny_sf2, tmp_path / "low", pitches=(21,), velocities=(100,))
    lowest = next(gm.low for gm in GM_PROGRAMS if gm.program == 40)
    assert {note.pitch for note in read_notes(tmp_path / "low") if note.instrument == 40} == {lowest}


def test_chosen_programs_keep_their_names(rendered: Path, tiny_sf2: Path, tmp_path: Path) -> None:
    render_few(tiny_sf2, tmp_path / "out", programs=(40,), rates=(16_000,))
    notes = read_notes(tmp_path / "out")
    assert notes == tuple(note for note in read_notes(rendered / "notes-16k") if note.instrument == 40)
    with pytest.raises(UserError, match=r"no melodic General MIDI program 56; it has \[0, 40\]"):
        render_few(tiny_sf2, tmp_path / "none", programs=(40, 56))


def test_three_seconds_are_held_and_one_is_released(rendered: Path) -> None:
    folder = rendered / "notes-48k"
    note = next(note for note in read_notes(folder) if note.velocity == 127 and note.pitch > 50)
    samples, rate = read_audio(folder, note)
    half = rate // 20

    def level_db(at_s: float) -> float:
        part = samples[round(at_s * rate) : round(at_s * rate) + half // 5].astype(np.float64)
        return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9))

    held = level_db(1.0)
    assert level_db(2.985) == pytest.approx(held, abs=0.1)
    # a release falls by 100 dB, straight in dB, in the time the font gives (SoundFont 2.04, section 8.1.2, 38)
    for after_s in (0.05, 0.1):
        fall = 100.0 * (after_s + 0.005) / RELEASE_SECONDS
        assert held - level_db(3.0 + after_s) == pytest.approx(fall, rel=0.15)
    assert not samples[round(3.3 * rate) :].any()


def test_one_gain_for_a_program_keeps_its_dynamics(rendered: Path) -> None:
    folder = rendered / "notes-48k"
    by_instrument: dict[int, dict[tuple[int, int], float]] = {}
    for note in read_notes(folder):
        peak = float(np.abs(read_audio(folder, note)[0]).max())
        by_instrument.setdefault(note.instrument, {})[note.pitch, note.velocity] = 20 * np.log10(peak)
    assert set(by_instrument) == {0, 40}
    for peaks in by_instrument.values():
        assert max(peaks.values()) == pytest.approx(-3.0, abs=0.01)
        for pitch, velocity in peaks:
            if velocity == 50:  # the default velocity curve: attenuation 40 log10(127 / velocity)
                expected = 40 * np.log10(127 / 50)
                assert peaks[pitch, 127] - peaks[pitch, 50] == pytest.approx(expected, abs=0.3)


def test_names_and_metadata_follow_nsynth_and_the_soundfont(rendered: Path) -> None:
    notes = read_notes(rendered / "notes-16k")
    assert {note.instrument_str for note in notes} == {"keyboard_acoustic_000", "string_acoustic_000"}
    assert "keyboard_acoustic_000-021-050" in {note.note_str for note in notes}
    assert len({note.note for note in notes}) == len(notes) == 12
    source = json.loads((rendered / "notes-16k" / "source.json").read_text())
    assert source["soundfont"]["name"] == "Tiny sine"
    assert source["soundfont"]["copyright"] == "(c) nobody"
    assert source["settings"]["sample_rate"] == 16_000
    assert source["complete"] is True
    assert (source["notes"], source["dropped_silent"]) == (12, 0)
    assert [item["preset"] for item in source["instruments"]] == ["Grand", "Violin"]
    assert not (rendered / "notes-16k" / "parts").exists()


def test_silent_notes_are_dropped_and_counted(tmp_path: Path, sine_soundfont: Callable[..., bytes]) -> None:
    font = tmp_path / "narrow.sf2"
    font.write_bytes(sine_soundfont([(0, 0, "Grand")], key_range=(60, 127)))
    (result,) = render_few(font, tmp_path / "out", rates=(16_000,))
    wanted = pitches_of(GM_PROGRAMS[0], 3)
    kept = [pitch for pitch in wanted if pitch >= 60]
    assert 0 < len(kept) < len(wanted)
    assert {note.pitch for note in read_notes(result.folder)} == set(kept)
    assert (result.notes, result.dropped_silent) == (2 * len(kept), 2 * (len(wanted) - len(kept)))
    assert len(list((result.folder / "audio").iterdir())) == result.notes


def test_a_font_that_renders_nothing_is_refused_and_leaves_nothing(
    tmp_path: Path, sine_soundfont: Callable[..., bytes]
) -> None:
    font = tmp_path / "silent.sf2"
    font.write_bytes(sine_soundfont([(0, 0, "Grand"), (0, 40, "Violin")], key_range=(126, 127)))
    with pytest.raises(UserError, match="none of the 12 notes sounds"):
        render_few(font, tmp_path / "out", rates=(48_000, 16_000))
    assert [path.name for path in tmp_path.iterdir()] == ["silent.sf2"]
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match="none of the 2 notes sounds"):
        render_few(font, tmp_path / "mine", programs=(0,), pitches=(60,))
    assert not (tmp_path / "mine").exists()


def files_of(parent: Path) -> dict[str, bytes]:
    return {path.relative_to(parent).as_posix(): path.read_bytes() for path in parent.rglob("*") if path.is_file()}


def process_ended(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker processes in /proc")
def test_a_killed_render_leaves_no_process_and_continues_to_the_same_files(
    rendered: Path, tiny_sf2: Path, tmp_path: Path
) -> None:
    script = tmp_path / "render.py"
    script.write_text(RENDER_SCRIPT)
    parent = tmp_path / "killed"
    parent.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script), str(tiny_sf2), str(parent / "notes")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "1":
        assert process.poll() is None
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while not all(process_ended(int(child)) for child in children):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.02)
    assert not (parent / "notes-48k" / "examples.json").exists()
    (parent / "notes-48k" / "audio" / ".half-written.wav").write_bytes(b"RIFF")
    grand = parent / "notes-48k" / "audio" / "keyboard_acoustic_000-021-127.wav"
    before = grand.stat().st_mtime_ns
    seen: list[tuple[int, int]] = []
    render_few(
        tiny_sf2,
        parent / "notes",
        rates=(48_000, 16_000),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[0][0] >= 1, "the finished program was forgotten"
    assert seen[-1] == (2, 2)
    assert grand.stat().st_mtime_ns == before
    assert files_of(parent) == files_of(rendered)


def test_a_finished_render_is_recognised_and_left_alone(rendered: Path, tiny_sf2: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in rendered.rglob("*") if path.is_file()}
    results = render_few(tiny_sf2, rendered / "notes", rates=(48_000, 16_000))
    assert [(result.sample_rate, result.notes) for result in results] == [(48_000, 12), (16_000, 12)]
    assert {path: path.stat().st_mtime_ns for path in rendered.rglob("*") if path.is_file()} == before


def test_a_progress_callback_may_stop_the_render(tiny_sf2: Path, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_few(tiny_sf2, tmp_path / "out", rates=(16_000,), progress=stop)
    assert not (tmp_path / "out" / "examples.json").exists()


def test_a_foreign_folder_or_other_settings_are_refused(rendered: Path, tiny_sf2: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(UserError, match="contains other files"):
        render_few(tiny_sf2, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]
    with pytest.raises(UserError, match="other settings"):
        render_few(tiny_sf2, rendered / "notes-16k", rates=(16_000,), velocities=(1,))


def test_not_a_soundfont_is_refused_by_name(tmp_path: Path, sine_soundfont: Callable[..., bytes]) -> None:
    good = sine_soundfont([(0, 0, "Grand")])
    cases = {
        "missing.sf2": (None, "does not exist"),
        "empty.sf2": (b"", "not a SoundFont"),
        "song.sf2": (b"RIFF\x24\0\0\0WAVEfmt ", "not a SoundFont"),
        "short.sf2": (good[: len(good) // 2], "truncated"),
        "drums.sf2": (sine_soundfont([(128, 0, "Drums"), (0, 120, "Noise")]), "no melodic General MIDI preset"),
    }
    for name, (content, message) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=message) as caught:
            render_few(tmp_path / name, tmp_path / "out")
        assert name in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rates": (4_000,)}, "4000 Hz"),
        ({"rates": ()}, "at least one"),
        ({"velocities": (0,)}, "velocities"),
        ({"pitches_per_program": 0}, "pitches"),
        ({"pitches": (60, 60)}, "only once"),
        ({"pitches": (128,)}, "0-127"),
        ({"peak_dbfs": 1.0}, "peak"),
        ({"jobs": 0}, "jobs"),
    ],
)
def test_settings_out_of_range_are_refused(
    tiny_sf2: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        render_few(tiny_sf2, tmp_path / "out", **change)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_named_with_its_package(
    tiny_sf2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fluidsynth", None)  # what `import` meets when it cannot be imported
    with pytest.raises(UserError, match="libfluidsynth3"):
        render_few(tiny_sf2, tmp_path / "out")


def test_notes_are_dry_and_do_not_contain_the_previous_note(tiny_sf2: Path) -> None:
    def play(*, after: int | None) -> np.ndarray:
        voice = SoundFontVoice(tiny_sf2, 0, 48_000)
        try:
            if after is not None:
                voice.render(after, 127, 0.2, 0.01)  # cut while it still sounds
            return voice.render(69, 100, 0.5, 0.5)
        finally:
            voice.close()

    first, later = play(after=None), play(after=90)
    assert not first[round(0.75 * 48_000) :].any(), "reverb or chorus sounds on"
    np.testing.assert_array_equal(later[64:], first[64:])
    np.testing.assert_array_equal(later, play(after=90))


def test_info_reads_texts_and_presets(tiny_sf2: Path) -> None:
    info = read_soundfont_info(tiny_sf2)
    assert (info.name, info.copyright, info.comment) == ("Tiny sine", "(c) nobody", "")
    assert info.presets[0, 40] == "Violin"
    assert info.presets[128, 0] == "Drums"
    assert len(info.presets) == 5


def test_the_general_midi_table_is_consistent() -> None:
    programs = [gm.program for gm in GM_PROGRAMS]
    assert programs == sorted(set(programs))
    assert set(range(128)) - set(programs) == {55, *range(115, 128)}
    for gm in GM_PROGRAMS:
        assert gm.family in FAMILIES
        assert gm.source in SOURCES
        pitches = pitches_of(gm, 16)
        assert len(set(pitches)) == 16
        assert (pitches[0], pitches[-1]) == (gm.low, gm.high)
        assert 21 <= gm.low < gm.high <= 108
    families = {gm.program: gm.family for gm in GM_PROGRAMS}
    expected = {0: "keyboard", 12: "mallet", 19: "organ", 24: "guitar", 33: "bass", 42: "string", 52: "vocal"}
    expected |= {56: "brass", 66: "reed", 73: "flute", 81: "synth_lead", 105: "guitar", 109: "reed", 114: "mallet"}
    assert {program: families[program] for program in expected} == expected
    total = sum(3 * len(pitches_of(gm, 16)) for gm in GM_PROGRAMS)
    assert 5_300 <= total <= 5_500
    assert len({key for gm in GM_PROGRAMS for key in pitches_of(gm, 16)}) >= 84
