"""The library keeps recordings unchanged, adds all or nothing, and survives damage."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from synth_app.session.sounds.find_notes import find_notes
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_audio import edited, loop_in_part, read_recording
from synth_app.session.sounds.sound_edits import sliced
from synth_app.session.sounds.sound_library import SoundLibrary, exported_name
from synth_app.session.sounds.user_sound import SOUND_NAME, Recording, Region
from synth_app.support.errors import UserError
from tests.session.sounds.recordings import RATE, noise, tone, write


@dataclass(frozen=True)
class Files:
    """Recordings on disk, and an empty library."""

    low: Path
    high: Path
    hit: Path
    library: SoundLibrary


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(
        write(tmp_path / "cello-048-100.wav", tone(48.2)),
        write(tmp_path / "cello C5.wav", tone(72.0)),
        write(tmp_path / "snare.wav", noise()),
        SoundLibrary(tmp_path / "sounds"),
    )


def add(files: Files, *paths: Path, name: str = "") -> str:
    return files.library.add(name, [NewRecording(path) for path in paths]).key


def kept(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_recordings_are_kept_byte_by_byte_under_their_digest(files: Files) -> None:
    entry = files.library.add("Cello", [NewRecording(files.low), NewRecording(files.high)])
    for source, recording in zip((files.low, files.high), entry.sound.recordings, strict=True):
        data = source.read_bytes()
        assert recording.sha256 == hashlib.sha256(data).hexdigest()
        assert (entry.folder / recording.file_name).read_bytes() == data
        assert recording.source == source.name
    assert files.library.entries() == (entry,)
    assert (entry.key, entry.sound.name, entry.sound.pitched) == ("cello", "Cello", True)


def test_keys_come_from_the_name_refined_by_what_is_heard(files: Files) -> None:
    low, high = files.library.add("", [NewRecording(files.low), NewRecording(files.high)]).sound.recordings
    assert low.pitch == pytest.approx(48.2, abs=0.05), "48 by its name, 20 cents sharp by its sound"
    assert high.pitch == pytest.approx(72.0, abs=0.05)
    (given,) = files.library.add("", [NewRecording(files.low, pitch=50.0, velocity=30)]).sound.recordings
    assert (given.pitch, given.velocity) == (50.0, 30)


def test_a_recording_without_a_pitch_plays_as_it_is_but_not_beside_others(files: Files) -> None:
    entry = files.library.add("", [NewRecording(files.hit)])
    assert not entry.sound.pitched
    with pytest.raises(UserError, match=r"snare\.wav has no clear pitch; give its MIDI key"):
        files.library.add("", [NewRecording(files.low), NewRecording(files.hit)])
    kit = files.library.add("Kit", [NewRecording(files.low), NewRecording(files.hit)], pitched=False)
    assert not kit.sound.pitched


@pytest.mark.parametrize("problem", ["missing", "silent", "twice", "same key", "too many", "none"])
def test_a_sound_is_added_whole_or_not_at_all(files: Files, tmp_path: Path, problem: str) -> None:
    others = {
        "missing": [tmp_path / "no.wav"],
        "silent": [write(tmp_path / "silent.wav", np.zeros(RATE, np.float32))],
        "twice": [files.low],
        "same key": [write(tmp_path / "other-048-100.wav", tone(48.0, slope=2.0))],
        "too many": [files.high] * 16,
    }
    paths = [] if problem == "none" else [files.low, *others[problem]]
    with pytest.raises(UserError):
        add(files, *paths)
    assert not files.library.entries()
    assert not files.library.folder.exists() or not list(files.library.folder.iterdir())


def test_names_and_folders_are_unique(files: Files) -> None:
    keys = [add(files, files.low, name=name) for name in ("Cello", "cello", "???", "???")]
    assert keys == ["cello", "cello-2", "sound", "2"]
    assert [each.sound.name for each in files.library.entries()] == ["???", "??? 2", "Cello", "cello 2"]
    assert files.library.named("cello 2").key == "cello-2"
    with pytest.raises(UserError, match="matches 2 sounds"):
        files.library.named("??")


def test_removed_sounds_can_be_restored(files: Files) -> None:
    key = add(files, files.low)
    before = kept(files.library.folder / key)
    removed = files.library.remove(key)
    assert files.library.entries() == ()
    entry = files.library.restore(removed)
    assert kept(entry.folder) == before
    again = [files.library.remove(files.library.restore(path).key) for path in [files.library.remove(entry.key)]]
    assert again[0].is_dir()


def test_an_export_can_be_added_again(files: Files, tmp_path: Path) -> None:
    key = add(files, files.low, files.high, name="Cello")
    entry = files.library.named(key)
    target = files.library.export(entry, tmp_path / "out")
    assert kept(target) == ["cello-048-100.wav", "cello-c5-072-100.wav", SOUND_NAME]
    again = SoundLibrary(tmp_path / "other").add("Cello", [NewRecording(p) for p in sorted(target.glob("*.wav"))])
    for before, after in zip(entry.sound.recordings, again.sound.recordings, strict=True):
        assert (after.sha256, after.velocity, after.pitch) == (before.sha256, before.velocity, before.pitch)
    with pytest.raises(UserError, match="exists already"):
        files.library.export(entry, target)


def test_a_recording_of_several_keys_is_exported_once(files: Files, tmp_path: Path) -> None:
    path = write(tmp_path / "two-060-100.wav", np.concatenate([tone(60.0), tone(67.0)]))
    whole = files.library.named(add(files, path, files.low, name="Two"))
    notes = find_notes(*read_recording(whole.folder, whole.sound.recordings[0]))
    entry = files.library.change(whole.key, sliced(whole.sound, 0, notes))
    assert len(entry.sound.recordings) == 3
    target = files.library.export(entry, tmp_path / "out")
    assert kept(target) == ["cello-048-100.wav", SOUND_NAME, "two-060-100.wav"]
    assert (target / "two-060-100.wav").read_bytes() == path.read_bytes()


def test_a_damaged_sound_is_named_and_the_others_stay(files: Files) -> None:
    good, bad = add(files, files.low), add(files, files.high)
    path = files.library.folder / bad / SOUND_NAME
    described = json.loads(path.read_text())
    for broken in ({**described, "version": 2}, {**described, "recordings": []}, {**described, "unknown": 1}):
        path.write_text(json.dumps(broken))
        assert [each.key for each in files.library.entries()] == [good]
        assert len(files.library.problems) == 1
        assert bad in files.library.problems[0]
    assert len(kept(files.library.folder / bad)) == 2, "nothing of it was deleted"


def test_a_path_cannot_leave_the_folder(files: Files) -> None:
    key = add(files, files.low)
    path = files.library.folder / key / SOUND_NAME
    described = json.loads(path.read_text())
    described["recordings"][0]["suffix"] = "/../../x"
    path.write_text(json.dumps(described))
    assert files.library.entries() == ()


def test_settings_change_without_touching_the_recording(files: Files) -> None:
    entry = files.library.named(add(files, files.low))
    (recording,) = entry.sound.recordings
    changed = recording.model_copy(update={"pitch": 55.0, "trim": Region(start_s=0.1, end_s=0.5), "gain_db": -6.0})
    files.library.change(entry.key, entry.sound.model_copy(update={"recordings": (changed,)}))
    (found,) = files.library.named(entry.key).sound.recordings
    assert found == changed
    samples, rate = read_recording(entry.folder, found)
    whole, _ = read_recording(entry.folder, recording)
    np.testing.assert_allclose(samples, whole[4800:24000] * 10 ** (-6 / 20), atol=1e-7)
    foreign = changed.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(UserError, match="1 files that it does not hold"):
        files.library.change(entry.key, entry.sound.model_copy(update={"recordings": (foreign,)}))
    assert rate == RATE


def test_fades_and_loops_belong_to_the_used_part() -> None:
    recording = Recording(source="x.wav", sha256="0" * 64, suffix=".wav", seconds=2.0, pitch=60.0,
                          trim=Region(start_s=0.5, end_s=1.5), fade_in_s=0.1, fade_out_s=0.2,
                          loop=Region(start_s=0.4, end_s=1.0))  # fmt: skip
    part = edited(np.ones(2 * RATE, np.float32), RATE, recording)
    assert len(part) == RATE
    assert (part[0], part[-1]) == (0.0, 0.0)
    assert part[round(0.05 * RATE)] == pytest.approx(0.5, abs=1e-3)
    assert part[-1 - round(0.1 * RATE)] == pytest.approx(0.5, abs=1e-3)
    assert np.all(part[round(0.11 * RATE) : round(0.79 * RATE)] == 1.0)
    assert loop_in_part(recording) == Region(start_s=0.0, end_s=0.5)
    assert loop_in_part(recording.model_copy(update={"loop": Region(start_s=1.6, end_s=1.9)})) is None
    with pytest.raises(UserError, match=r"less than 0\.05 s are left"):
        edited(np.ones(RATE // 2, np.float32), RATE, recording)


def test_a_changed_copy_is_refused(files: Files) -> None:
    entry = files.library.named(add(files, files.low))
    (recording,) = entry.sound.recordings
    (entry.folder / recording.file_name).write_bytes(files.high.read_bytes())
    with pytest.raises(UserError, match=r"was changed; add cello-048-100\.wav again"):
        read_recording(entry.folder, recording)


def test_exported_names_do_not_repeat_the_key() -> None:
    assert exported_name("cello-048-100.wav", 48, 100, ".wav") == "cello-048-100.wav"
    assert exported_name("cello-048-100.wav", 49, 100, ".wav") == "cello-048-100-049-100.wav"
