"""A sound is found at another key, among notes, own sounds and presets; what did not change is not measured again."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import save_model_file
from synth_app.session.find.search import Found, SoundFinder
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.preset import Preset, write_preset
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
