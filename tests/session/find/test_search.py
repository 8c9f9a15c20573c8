"""A sound is found at another key, among notes, own sounds and presets; what did not change is not measured again."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import save_model_file
from synth_app.patch import Patch
from synth_app.session.find.like_shape import is_itself, shape_of
from synth_app.session.find.likes import Like, LikeFile, LikeNote, LikePatch, LikeSound
from synth_app.session.find.search import Found, SoundFinder
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.preset import Preset, write_preset
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model
from tests.session.sounds.recordings import RATE, noise, tone, write


class Home:
    """A model and both libraries in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = Model(exact_model(SPECS[48_000]))
        save_model_file(folder / "exact.safetensors", self.model.file)
        self.sounds = SoundLibrary(folder / "sounds")
        for kind in ("own", "factory"):
            (folder / kind).mkdir()
        for name, slot in (("Dull One", "dull"), ("Bright One", "bright")):
            write_preset(folder / "factory" / f"{slot}.json", Preset(name=name, a=slot))
        self.measured: list[int] = []

    def finder(self) -> SoundFinder:
        self.measured.clear()
        presets = PresetLibrary(self.folder / "own", self.folder / "settings.json", self.folder / "factory")
        path = str(self.folder / "exact.safetensors")
        return SoundFinder(
            self.model, path, self.sounds, presets, self.folder / "cache", lambda done, _: self.measured.append(done)
        )

    def add(self, name: str, samples: NDArray[np.float32], key: float) -> None:
        self.sounds.add(name, [NewRecording(write(self.folder / f"{name}.wav", samples), key)])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def names(found: list[Found], kind: str) -> list[str]:
    return [each.candidate.name for each in found if each.candidate.kind == kind]


def test_a_sound_is_found_at_another_key(home: Home) -> None:
    home.add("Reedy", tone(48.0, slope=0.6), 48.0)
    home.add("Hollow", tone(48.0, slope=2.0), 48.0)
    finder = home.finder()
    for slope, wanted in ((0.6, "Reedy"), (2.0, "Hollow")):
        found = finder.like_audio(tone(60.0, slope=slope), RATE)
        assert names(found, "sound")[0] == wanted
        distances = [each.distance for each in found]
        assert distances == sorted(distances)


def test_notes_and_presets_of_the_same_sound_come_together(home: Home) -> None:
    """A bright tone is nearest to the bright bank note, and to the preset that plays it; a dull one to the others."""
    finder = home.finder()
    for slope, note, preset in ((0.5, "Bright", "Bright One"), (1.5, "Dull", "Dull One")):
        found = finder.like_audio(tone(60.0, seconds=1.3, slope=slope), RATE, 60.0)
        assert names(found, "note")[0] == note
        assert names(found, "preset")[0] == preset
        kinds = [(each.candidate.kind, each.candidate.name) for each in found]
        assert len(set(kinds)) == len(kinds), "each thing once"


def test_what_did_not_change_is_not_measured_again(home: Home) -> None:
    first = home.finder().like_audio(tone(60.0), RATE)
    assert home.measured[-1] == 4 + 2
    again = home.finder().like_audio(tone(60.0), RATE)
    assert home.measured == []
    assert [each.distance for each in again] == [each.distance for each in first]
    home.add("New", tone(50.0), 50.0)
    home.finder()
    assert home.measured == [1]
    preset = home.folder / "factory" / "dull.json"
    write_preset(preset, Preset(name="Dull One", a="moving"))
    home.finder()
    assert home.measured == [1]


def test_a_removed_sound_is_not_found(home: Home) -> None:
    home.add("Gone", tone(60.0), 60.0)
    assert names(home.finder().like_audio(tone(60.0), RATE), "sound") == ["Gone"]
    home.sounds.remove("gone")
    assert names(home.finder().like_audio(tone(60.0), RATE), "sound") == []


def test_a_damaged_cache_is_made_again(home: Home) -> None:
    before = home.finder().like_audio(tone(60.0), RATE)
    (cache,) = (home.folder / "cache").iterdir()
    data = bytearray(cache.read_bytes())
    data[-3] ^= 0xFF
    cache.write_bytes(data)
    assert home.finder().like_audio(tone(60.0), RATE) == before
    assert home.measured[-1] == 6


def test_noise_is_looked_for_without_a_pitch(home: Home) -> None:
    home.add("Snare", noise(), 60.0)
    home.add("Flute", tone(60.0), 60.0)
    assert names(home.finder().like_audio(noise(0.7), RATE), "sound")[0] == "Snare"


def test_a_damaged_sound_is_left_out_and_named(home: Home) -> None:
    home.add("Whole", tone(48.0), 48.0)
    home.add("Broken", tone(48.0), 48.0)
    broken = home.sounds.named("Broken")
    (broken.folder / broken.sound.recordings[0].file_name).write_bytes(b"x")
    for _ in range(2):  # also when the others are in the cache
        finder = home.finder()
        assert names(finder.like_audio(tone(60.0), RATE), "sound") == ["Whole"]
        (problem,) = finder.problems
        assert "Broken is left out" in problem


def test_what_is_looked_for_is_no_find_of_itself(home: Home) -> None:
    """A sound, a note and a preset are each nearest to themselves, and so left out; the others are listed."""
    home.add("Reedy", tone(48.0, slope=0.6), 48.0)
    home.add("Reedy too", tone(55.0, slope=0.6), 55.0)
    finder, model = home.finder(), home.model
    patch = Patch(str(home.folder / "exact.safetensors"), slot_a=1, slot_b=1, offset=(0.0, 0.0))
    likes: tuple[tuple[Like, str, str, str], ...] = (
        (LikeSound("reedy"), "sound", "Reedy", "Reedy too"),
        (LikeNote(1), "note", "Bright", "Moving"),
        (LikePatch(patch, "factory/bright"), "preset", "Bright One", "Dull One"),
    )
    for like, kind, itself, other in likes:
        shape = shape_of(like, model, home.sounds)
        assert names(finder.like(shape), kind)[0] == itself
        left = finder.like(shape, partial(is_itself, like=like, model=model))
        assert names(left, kind)[0] == other
        assert len(left) == len(finder.like(shape)) - 1
    unsaved = LikePatch(patch)
    assert not any(
        is_itself(each.candidate, unsaved, model) for each in finder.like(shape_of(unsaved, model, home.sounds))
    )


def test_a_file_is_looked_for_by_its_beginning(home: Home) -> None:
    """What comes after some seconds has no influence, so that long recordings are searched as quickly."""
    home.add("Reedy", tone(48.0, slope=0.6), 48.0)
    finder = home.finder()
    first = np.concatenate([np.zeros(RATE // 2, np.float32), tone(60.0, seconds=4.0, slope=0.6)])
    long = write(home.folder / "long.wav", np.concatenate([first, tone(37.0, seconds=20.0, slope=2.0)]))
    short = write(home.folder / "short.wav", first)
    shapes = [shape_of(LikeFile(path), home.model, home.sounds) for path in (long, short)]
    assert abs(shapes[0].pitch - 60.0) < 0.2
    assert shapes[0].pitch == pytest.approx(shapes[1].pitch, abs=0.01)
    near, far = (finder.like(shape)[0].distance for shape in shapes)
    assert near == pytest.approx(far, abs=0.05)


def test_a_silent_or_missing_query_is_refused(home: Home) -> None:
    silent = write(home.folder / "silent.wav", np.zeros(RATE, np.float32))
    for like, words in (
        (LikeFile(silent), "silence"),
        (LikeFile(home.folder / "gone.wav"), "gone.wav"),
        (LikeSound("gone"), "gone"),
        (LikeNote(4), "no bank note 4; this model has 4"),
    ):
        with pytest.raises(UserError, match=words):
            shape_of(like, home.model, home.sounds)


def test_nothing_is_found_where_there_is_nothing(home: Home) -> None:
    bare = Model(replace(home.model.file, bank=()))
    empty = PresetLibrary(home.folder / "none", home.folder / "settings.json", home.folder / "none")
    finder = SoundFinder(bare, "bare.safetensors", home.sounds, empty, home.folder / "cache")
    assert finder.like_audio(tone(60.0), RATE) == []


def test_a_find_says_how_near_it_is(home: Home) -> None:
    home.add("Reedy", tone(48.0, slope=0.6), 48.0)
    finds = [each.similar for each in home.finder().like_audio(tone(60.0, slope=0.6), RATE)]
    reedy = next(each for each in finds if each.kind == "sound")
    assert (reedy.key, reedy.group, round(reedy.pitch)) == ("reedy", "", 48)
    assert next(each.group for each in finds if each.name == "Bright") == "brass"
    nearness = [each.nearness for each in finds]
    assert nearness == sorted(nearness, reverse=True)
    assert all(0.0 <= each <= 1.0 for each in nearness)
    texts = [replace(reedy, distance=distance).nearness_text for distance in (0.0, 4.0, 6.0, 8.0, 9.5)]
    assert len(dict.fromkeys(texts)) == len(texts)
    assert texts[-1] == "different"
    assert replace(reedy, distance=99.0).nearness == 0.0
