"""Edits give valid descriptions, keep regions inside each other, and can be undone."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.session.sounds import sound_edits as edits
from synth_app.session.sounds.file_groups import group_files
from synth_app.session.sounds.find_notes import find_notes, track_pitch
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.sound_history import SoundHistory
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.sounds.user_sound import Recording, Region
from synth_app.support.errors import UserError
from tests.session.sounds.recordings import RATE, noise, tone, write

ONSETS_S, KEYS, LEVELS = (0.3, 1.2, 2.0, 2.6), (48, 55, 64, 64), (0.2, 0.2, 0.2, 0.05)


@pytest.fixture
def library(tmp_path: Path) -> SoundLibrary:
    return SoundLibrary(tmp_path / "sounds")


@pytest.fixture
def phrase(tmp_path: Path, library: SoundLibrary) -> SoundEntry:
    """Four notes with pauses in one file, the last one soft and at the key of the third."""
    samples = np.zeros(round(3.4 * RATE), np.float32)
    for onset_s, key, level in zip(ONSETS_S, KEYS, LEVELS, strict=True):
        note = tone(key, 0.45, level=level)
        first = round(onset_s * RATE)
        samples[first : first + len(note)] = note
    return library.add("Phrase", [NewRecording(write(tmp_path / "phrase.wav", samples), 48.0)], pitched=True)


def recording(entry: SoundEntry) -> Recording:
    return entry.sound.recordings[0]


def test_notes_are_found_where_they_begin_and_at_their_keys(phrase: SoundEntry) -> None:
    found = find_notes(*read_recording(phrase.folder, recording(phrase)))
    assert [each.region.start_s for each in found] == pytest.approx(ONSETS_S, abs=0.02)
    assert [each.pitch for each in found] == pytest.approx(KEYS, abs=0.1)
    ends = [onset + 0.45 for onset in ONSETS_S]
    assert [each.region.end_s for each in found] == pytest.approx(ends, abs=0.05)


def test_notes_that_follow_without_a_pause_are_told_apart() -> None:
    joined = np.concatenate([tone(key, 0.4) for key in (60, 67, 60)])
    assert [each.region.start_s for each in find_notes(joined, RATE)] == pytest.approx((0.0, 0.4, 0.8), abs=0.02)


def test_one_held_note_is_one_note_and_silence_none() -> None:
    t = np.arange(RATE) / RATE
    trembling = (tone(57, 1.0) * (1.0 + 0.3 * np.sin(2 * np.pi * 6 * t))).astype(np.float32)
    assert len(find_notes(trembling, RATE)) == 1
    assert find_notes(np.zeros(RATE, np.float32), RATE) == ()


def test_slices_become_recordings_with_their_own_keys(library: SoundLibrary, phrase: SoundEntry) -> None:
    found = find_notes(*read_recording(phrase.folder, recording(phrase)))
    sound = edits.sliced(phrase.sound, 0, found)
    assert [round(each.pitch) for each in sound.recordings] == list(KEYS)
    assert sound.recordings[3].velocity < sound.recordings[2].velocity == 100
    library.change(phrase.key, sound)
    heard, rate = read_recording(phrase.folder, sound.recordings[1])
    assert len(heard) / rate == pytest.approx(0.45, abs=0.06)


def test_a_phrase_without_a_pitch_gets_one_from_its_notes(phrase: SoundEntry) -> None:
    found = find_notes(*read_recording(phrase.folder, recording(phrase)))
    whole = edits.with_pitched(phrase.sound, pitched=False)
    assert edits.sliced(whole, 0, found).pitched
    noisy = edits.Slice(Region(start_s=3.0, end_s=3.2), None, -6.0)
    assert not edits.sliced(whole, 0, (*found, noisy)).pitched


def test_slices_become_sounds_that_share_the_untouched_file(library: SoundLibrary, phrase: SoundEntry) -> None:
    found = find_notes(*read_recording(phrase.folder, recording(phrase)))
    made = library.add_parts(phrase, edits.separate(phrase.sound, 0, found))
    assert [each.sound.name for each in made] == ["Phrase 1", "Phrase 2", "Phrase 3", "Phrase 4"]
    library.remove(phrase.key)
    for entry, key in zip(made, KEYS, strict=True):
        assert round(recording(entry).pitch) == key
        assert read_recording(entry.folder, recording(entry))[0].any(), "it does not need the sound it came from"


def test_parts_are_kept_all_or_none(library: SoundLibrary, phrase: SoundEntry) -> None:
    found = find_notes(*read_recording(phrase.folder, recording(phrase)))
    parts = edits.separate(phrase.sound, 0, found)
    lost = parts[2].model_copy(update={"recordings": (recording(phrase).model_copy(update={"sha256": "0" * 64}),)})
    with pytest.raises(UserError):
        library.add_parts(phrase, (*parts[:2], lost))
    assert [each.key for each in library.entries()] == [phrase.key]


def test_regions_stay_inside_each_other(phrase: SoundEntry) -> None:
    whole = recording(phrase)
    cut = edits.faded(edits.looped(edits.trimmed(whole, 1.0, 2.0), 1.2, 1.8), 0.4, 0.4)
    narrow = edits.trimmed(cut, 1.5, 1.7)
    assert edits.used_part(narrow) == (1.5, 1.7)
    assert narrow.loop == Region(start_s=1.5, end_s=1.7)
    assert narrow.fade_in_s + narrow.fade_out_s <= 0.2 + 1e-9
    assert edits.trimmed(whole, -3.0, 99.0).trim is None
    least = edits.trimmed(whole, 99.0, 0.0)
    assert edits.used_part(least)[1] - edits.used_part(least)[0] >= edits.LEAST_SECONDS - 1e-9
    assert edits.without_loop(cut).loop is None


@pytest.mark.parametrize(("gain_db", "pitch", "velocity"), [(99.0, 60.0, 100), (0.0, 200.0, 100), (0.0, 60.0, 0)])
def test_values_out_of_range_are_refused_with_the_name(
    phrase: SoundEntry, gain_db: float, pitch: float, velocity: int
) -> None:
    with pytest.raises(UserError, match=r"phrase\.wav"):
        edits.with_key(edits.with_gain(recording(phrase), gain_db), pitch, velocity)


def test_too_many_slices_and_taken_keys_are_refused(phrase: SoundEntry) -> None:
    one = edits.Slice(Region(start_s=0.0, end_s=0.2), 60.0, -6.0)
    with pytest.raises(UserError, match="16"):
        edits.sliced(phrase.sound, 0, [one] * 17)
    with pytest.raises(UserError, match="no separate notes"):
        edits.sliced(phrase.sound, 0, [])
    two = edits.sliced(phrase.sound, 0, [one, one])
    with pytest.raises(UserError, match="same key"):
        edits.with_recording(two, 1, edits.with_key(two.recordings[1], 60.0, two.recordings[0].velocity))


def test_every_change_is_undone_and_redone(library: SoundLibrary, phrase: SoundEntry) -> None:
    history = SoundHistory(library)
    entry = history.change(phrase, edits.renamed(phrase.sound, "  Other   name "), "Rename")
    assert library.named("Other name").key == phrase.key
    history.remove(entry)
    assert library.entries() == ()
    assert history.undo() == "Delete Other name"
    assert library.entries() == (entry,), "under the key that it had, so that earlier steps find it"
    history.undo()
    assert library.entries() == (phrase,)
    history.redo()
    history.redo()
    assert library.entries() == ()
    history.undo()
    history.undo()
    assert (history.undo_label, history.redo_label) == ("", "Rename")


def test_a_deleted_sound_comes_back_though_another_had_its_key(library: SoundLibrary, tmp_path: Path) -> None:
    history = SoundHistory(library)

    def added(key: float) -> SoundEntry:
        entry = library.add("Tone", [NewRecording(write(tmp_path / "tone.wav", tone(key)))])
        history.added([entry], "Add Tone")
        return entry

    first = added(60.0)
    history.remove(first)
    second = added(67.0)
    assert first.key == second.key
    history.undo()
    history.undo()
    assert library.entry(first.key) == first
    history.redo()
    history.redo()
    assert library.entry(second.key) == second


def test_a_step_that_fails_stays(library: SoundLibrary, phrase: SoundEntry) -> None:
    history = SoundHistory(library)
    history.added([phrase], "Add")
    library.remove(phrase.key)
    with pytest.raises(UserError):
        history.undo()
    assert history.undo_label == "Add"


def test_names_must_not_be_empty(phrase: SoundEntry) -> None:
    with pytest.raises(UserError, match="name"):
        edits.renamed(phrase.sound, "   ")


def test_the_pitch_track_follows_a_step_and_leaves_noise_out() -> None:
    samples = np.concatenate([tone(57, 0.8), noise(0.6), tone(64, 0.8)])
    track = track_pitch(samples, RATE)
    first = track.pitches[(track.times_s > 0.15) & (track.times_s < 0.65)]
    last = track.pitches[(track.times_s > 1.6) & (track.times_s < 2.0)]
    assert np.nanmedian(first) == pytest.approx(57, abs=0.15)
    assert np.nanmedian(last) == pytest.approx(64, abs=0.15)
    assert np.isnan(track.pitches[(track.times_s > 0.9) & (track.times_s < 1.3)]).mean() > 0.5


def test_files_of_one_instrument_form_a_sound(tmp_path: Path) -> None:
    folder = tmp_path / "cello"
    folder.mkdir()
    names = ("cello-048-100.wav", "cello-060-100.wav", "door.wav", "kick 1.wav")
    paths = [write(folder / name, tone(60, 0.2)) for name in names]
    empty = tmp_path / "empty"
    empty.mkdir()
    groups, problems = group_files([folder, empty])
    assert {group.name: group.paths for group in groups if group.name} == {"cello": tuple(paths[:2])}
    assert {group.paths for group in groups if not group.name} == {(paths[2],), (paths[3],)}
    assert [path for path, _ in problems] == [empty]


def test_two_files_with_the_same_key_stay_apart(tmp_path: Path) -> None:
    paths = [tmp_path / "a C4.wav", tmp_path / "A c4.wav"]
    groups, _ = group_files(paths)
    assert [group.paths for group in groups] == [(paths[0],), (paths[1],)]
