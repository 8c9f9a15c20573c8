"""Presets: the file, transfer to other models, and the library."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.decoder import Model
from synth_app.modelfile import note_center
from synth_app.params import PARAMS
from synth_app.patch import Automation, AutomationCurve, Patch
from synth_app.session import Preset, PresetLibrary, Query, read_preset, write_preset
from synth_app.session.pad.note_mixing import NoteMixer, bank_part
from synth_app.session.presets.patch_equality import same_patch
from synth_app.session.presets.preset_capture import capture_preset, extra_fields
from synth_app.session.presets.preset_transfer import _with_extra_fields, find_nearest, snapshot_of, transfer_preset
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import preset_json, preset_stem
from synth_app.session.state.saved_note import SavedNote
from synth_app.support.errors import UserError


def random_patch(model: Model, seed: int, path: str = "m") -> Patch:
    """Return a random patch of a model."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(len(model.bank), size=2)
    offset = tuple(float(x) for x in rng.normal(0, 0.7, model.card.latent_size) * model.stats.std)
    params = tuple(spec.from_normalized(rng.random()) for spec in PARAMS)
    return Patch(path, int(a), int(b), offset, params)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_saved_patch_is_loaded_unchanged(small: Model, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    patch = random_patch(small, seed)
    path = tmp_path_factory.mktemp("p") / "p.json"
    write_preset(path, capture_preset(patch, small, Preset(name="Mine", a="")))
    fitted = transfer_preset(read_preset(path), small, "m", patch.quality)
    assert same_patch(fitted.patch, patch)
    assert fitted.exact
    assert fitted.remark == ""


def test_another_model_plays_the_same_notes_and_a_similar_latent_vector(small: Model, wide: Model) -> None:
    """The oracle: both models are principal components of the same frames, so the decoded frames can be compared."""
    ratios = []
    for seed in range(12):
        patch = random_patch(small, seed)
        preset = capture_preset(patch, small, Preset(name="Mine", a=""))
        fitted = transfer_preset(preset, wide, "w", patch.quality)
        assert wide.bank[fitted.patch.slot_a].name == small.bank[patch.slot_a].name
        assert fitted.patch.params == patch.params
        assert not fitted.exact
        assert "made for Small" in fitted.remark
        assert "Wide" in fitted.remark
        plain = dataclasses.replace(fitted.patch, offset=(0.0,) * 9)
        wanted = decoded(patch, small)
        error, error_plain = (np.abs(decoded(s, wide) - wanted).mean() for s in (fitted.patch, plain))
        ratios.append(error / error_plain)
    assert max(ratios) < 0.6, "no better than sliders at rest"
    assert np.median(ratios) < 0.3


def decoded(patch: Patch, model: Model) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    morph = patch.value("morph")
    a, b = (note_center(model.bank[i])[0] for i in (patch.slot_a, patch.slot_b))
    z = ((1 - morph) * a + morph * b + np.array(patch.offset)).astype(np.float32)
    return model.decode(z[np.newaxis], np.zeros(1, np.float32))[0]


def test_user_notes_and_corners_are_saved_and_other_models_use_nearby_notes(small: Model, wide: Model) -> None:
    mix = NoteMixer(small).mix([bank_part(small.bank[i], w) for i, w in ((3, 0.6), (22, 0.4))])
    half = SavedNote.of(mix).restore()  # as JSON keeps it
    patch = dataclasses.replace(random_patch(small, 5), user_notes=(half, None), offset=(0.0,) * 6).with_param(
        "morph", 0.0
    )
    field = PadState(mode="morph", corners=(small.bank[3].name, half, "", ""), morph_at=(0.25, 0.75))
    preset = Preset.model_validate_json(preset_json(capture_preset(patch, small, Preset(name="Mix", a=""), field)))
    here = snapshot_of(preset, "k", transfer_preset(preset, small, "m", "live"))
    assert here.patch == patch
    assert here.pad == field
    there = transfer_preset(preset, wide, "w", "live").patch
    assert there.user_notes == (None, None)
    rest = dataclasses.replace(there, offset=(0.0,) * 9)
    wanted = small.decode(note_center(half.note())[0][np.newaxis], np.zeros(1, np.float32))[0]
    error, error_rest = (np.abs(decoded(s, wide) - wanted).mean() for s in (there, rest))
    assert error < 0.4 * error_rest


def test_toward_and_exaggerate_move_the_latent_vector(small: Model) -> None:
    a, b, c = small.bank[3], small.bank[20], small.bank[30]
    preset = Preset(name="X", a=a.name, toward={b.name: 0.25, c.name: -0.5}, exaggerate=0.5)
    za, zb, zc = (note_center(n)[0].astype(float) for n in (a, b, c))
    expected = 0.25 * (zb - za) - 0.5 * (zc - za) + 0.5 * (za - small.stats.mean)
    patch = transfer_preset(preset, small, "m", "live").patch
    np.testing.assert_allclose(patch.offset, expected, rtol=1e-5, atol=1e-6)
    assert patch.slot_a == patch.slot_b == 3


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("brass_acoustic_000-060-100", "brass_acoustic_000-060-100"),
        ("brass_acoustic_000-062-025", "brass_acoustic_000-060-100"),  # the same instrument, nearest in pitch
        ("brass_synthetic_007-071-100", "brass_acoustic_000-072-100"),  # the same family
        ("reed_acoustic_001-072-100", "keyboard_acoustic_000-072-100"),  # what the bank lacks: its default
        ("my own recording", "keyboard_acoustic_000-060-100"),
    ],
)
def test_missing_notes_are_replaced_by_similar_ones(small: Model, wanted: str, found: str) -> None:
    assert small.bank[find_nearest(wanted, small.bank)].name == found
    remark = transfer_preset(Preset(name="X", a=wanted), small, "m", "live").remark
    assert (remark == "") == (wanted == found)
    assert wanted == found or wanted in remark


def test_the_same_instrument_at_another_pitch_comes_before_another_of_its_kind(small: Model) -> None:
    names = ("brass_acoustic_001-060-100", "brass_acoustic_000-084-100", "brass_synthetic_000-062-100")
    bank = tuple(dataclasses.replace(small.bank[10], name=name, pitch=int(name[-7:-4])) for name in names)
    assert find_nearest("brass_acoustic_000-060-100", bank) == 1
    assert find_nearest("brass_acoustic_005-060-100", bank) == 0, "the same source, nearest in pitch"


def test_params_of_other_versions_are_left_out_and_values_are_clamped(small: Model) -> None:
    preset = Preset(name="X", a=small.bank[0].name, params={"gone": 3.0, "gain_db": 99.0, "sustain": 0.5})
    patch = transfer_preset(preset, small, "m", "eco").patch
    assert (patch.value("gain_db"), patch.value("sustain"), patch.quality) == (12.0, 0.5, "eco")
    assert patch.value("attack_s") == Patch("m").value("attack_s")


@dataclasses.dataclass(frozen=True)
class Wire:
    """A field that a later version may add to a patch."""

    source: str
    amount: float


@dataclasses.dataclass(frozen=True)
class LaterSound(Patch):
    wires: tuple[Wire, ...] = ()


def test_unknown_fields_of_a_patch_are_saved_as_extra() -> None:
    patch = LaterSound("m", wires=(Wire("lfo1", 0.5), Wire("velocity", -1.0)))
    extra = json.loads(json.dumps(extra_fields(patch)))
    assert _with_extra_fields(LaterSound("m"), extra) == patch
    assert _with_extra_fields(Patch("m"), extra) == Patch("m"), "an older version leaves them out"
    assert extra_fields(LaterSound("m")) == {}
    with pytest.raises(UserError, match="wires"):
        _with_extra_fields(LaterSound("m"), {"wires": [{"source": 3}]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a preset, or is damaged"),
        ('{"version": 2, "name": "X", "a": ""}', "newer synth_app"),
        ('{"version": 1, "name": "", "a": ""}', "name"),
        ('{"version": 1, "name": "X"}', "a: Field required"),
        ('{"version": 1, "name": "X", "a": "", "offset": [NaN]}', "damaged"),
        ('{"version": 1, "name": "X", "a": "", "params": {"gain_db": 1e999}}', "params"),
        ('{"version": 1, "name": "X", "a": "", "wings": 2}', "wings"),
        ('{"version": 1, "name": "X", "a": "", "extra": {"modulation": {"x": [NaN]}}}', "not finite"),
        ('{"version": 1, "name": "X", "a": "", "extra": {"modulation": 1e999}}', "not finite"),
        ('{"version": 1, "name": "X", "a": "", "offset": [' + "0," * 20_000 + "0]}", "offset"),
        (" " * 2**24 + "{}", "larger than 16777216 bytes"),
    ],
)
def test_a_file_that_is_no_preset_is_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        read_preset(path)
    with pytest.raises(UserError, match="does not exist"):
        read_preset(tmp_path / "none.json")


def test_a_preset_with_much_automation_is_read_back_and_one_that_could_not_be_is_not_written(tmp_path: Path) -> None:
    targets = [spec.name for spec in PARAMS] + [f"z{i}" for i in range(1, 257 - len(PARAMS))]
    values = np.random.default_rng(0).uniform(-1.0, 1.0, (len(targets), 3000))  # one minute each
    automation = Automation(tuple(AutomationCurve.of(t, v) for t, v in zip(targets, values, strict=True)))
    path = tmp_path / "p.json"
    write_preset(path, Preset(name="X", a="", gesture=automation))
    assert path.stat().st_size > 2**20
    assert read_preset(path).gesture == automation
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"p\.json would have \d+ bytes, the limit is 16777216"):
        write_preset(path, Preset(name="X", a="", about="x" * 2**24))
    assert path.read_bytes() == before


@pytest.fixture
def library(tmp_path: Path) -> PresetLibrary:
    factory = tmp_path / "factory"
    for name, category, tags in (("Warm Sea", "pad", ("warm",)), ("Iron Bell", "keys", ("bright", "warm"))):
        write_preset(factory / f"{preset_stem(name)}.json", Preset(name=name, a="x", category=category, tags=tags))
    return PresetLibrary(tmp_path / "user", tmp_path / "settings.json", factory)


def again(library: PresetLibrary) -> PresetLibrary:
    """Return the library as the next start reads it."""
    return PresetLibrary(library._folder, library._settings_path, library._factory)


def test_factory_presets_are_read_only(library: PresetLibrary) -> None:
    for change in (
        lambda: library.replace("factory/warm-sea", Preset(name="Y", a="y")),
        lambda: library.rename("factory/warm-sea", "Y"),
        lambda: library.delete("factory/warm-sea"),
        lambda: library.describe("factory/warm-sea", "bass", ()),
    ):
        with pytest.raises(UserError, match="save a copy"):
            change()
    assert [e.preset.name for e in again(library).entries()] == ["Iron Bell", "Warm Sea"]


def test_own_presets_are_saved_renamed_described_deleted_and_restored(library: PresetLibrary) -> None:
    first, second = (library.add(Preset(name="Über Späß", a="n")) for _ in range(2))
    assert (first.key, second.key) == ("user/uber-spass", "user/uber-spass-2")
    library.replace(first.key, Preset(name="Über Späß", a="m"))
    renamed = library.rename(second.key, "Other")
    assert (renamed.key, renamed.path.name, second.path.exists()) == ("user/other", "other.json", False)
    library.describe(renamed.key, "texture", ["Cold", "cold", "slow"])
    fresh = again(library)
    assert {e.key: e.preset.a for e in fresh.entries() if not e.factory} == {"user/uber-spass": "m", "user/other": "n"}
    other = fresh.find("user/other")
    assert other is not None
    assert (other.preset.category, other.preset.tags) == ("texture", ("cold", "slow"))
    deleted = fresh.delete("user/other")
    assert again(fresh).find("user/other") is None
    assert fresh.restore(deleted).preset == other.preset
    assert again(fresh).find("user/other") is not None


def test_favourites_survive_restart_and_rename(library: PresetLibrary) -> None:
    own = library.add(Preset(name="Mine", a="n"))
    for key in ("factory/warm-sea", own.key):
        library.set_favourite(key, wanted=True)
    library.rename(own.key, "Renamed")
    fresh = again(library)
    assert fresh.favourites() == {"factory/warm-sea", "user/renamed"}
    fresh.set_favourite("factory/warm-sea", wanted=False)
    assert [e.key for e in again(library).search(Query(favourites=True))] == ["user/renamed"]


def test_search(library: PresetLibrary) -> None:
    library.add(Preset(name="Warm Iron", a="n", category="bass", author="Ada"))

    def names(query: Query) -> list[str]:
        return [e.preset.name for e in library.search(query)]

    assert names(Query()) == ["Warm Iron", "Iron Bell", "Warm Sea"], "by category, then name"
    assert names(Query("IRON warm")) == ["Warm Iron", "Iron Bell"]
    assert names(Query("warm")) == ["Warm Iron", "Warm Sea", "Iron Bell"], "names before tags"
    assert names(Query("iron")) == ["Iron Bell", "Warm Iron"], "names that begin with it first"
    assert names(Query("ada")) == ["Warm Iron"]
    assert names(Query(category="pad")) == ["Warm Sea"]
    assert names(Query(tag="warm")) == ["Iron Bell", "Warm Sea"]
    assert names(Query("sea", tag="bright")) == []
    assert names(Query(own=True)) == ["Warm Iron"]
    assert library.named("warm sea").key == library.named("factory/warm-sea").key
    assert library.named("bell").preset.name == "Iron Bell"
    with pytest.raises(UserError, match="matches 2 presets"):
        library.named("warm")
    with pytest.raises(UserError, match="presets list"):
        library.named("theremin")


def test_a_damaged_file_leaves_the_other_presets_usable(library: PresetLibrary) -> None:
    library.add(Preset(name="Mine", a="n"))
    (library._folder / "bad.json").write_text("{")
    fresh = again(library)
    assert len(fresh.entries()) == 3
    assert len(fresh.problems) == 1
    assert "bad.json" in fresh.problems[0]
    assert (library._folder / "bad.json").read_text() == "{", "left for the user to repair"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"favourites": 3}', b'{"version": 2}', b"\xff\xfe"])
def test_unusable_settings_are_set_aside_and_reported(library: PresetLibrary, content: bytes) -> None:
    """They once stopped the program from starting. An earlier file that was set aside is not overwritten."""
    path = library._settings_path
    earlier = path.with_name("settings.damaged.json")
    earlier.write_bytes(b"earlier")
    path.write_bytes(content)
    assert library.favourites() == frozenset()
    assert "settings.damaged 2.json" in library.settings_problem
    assert path.with_name("settings.damaged 2.json").read_bytes() == content
    library.set_favourite("factory/warm-sea", wanted=True)
    assert again(library).favourites() == {"factory/warm-sea"}
    assert earlier.read_bytes() == b"earlier"


def test_two_windows_share_the_settings(library: PresetLibrary) -> None:
    other = again(library)
    other.favourites()
    library.set_favourite("factory/warm-sea", wanted=True)
    other.set_favourite("factory/iron-bell", wanted=True)
    library.change_settings(author="Me")
    assert again(library).favourites() == {"factory/warm-sea", "factory/iron-bell"}
    assert other.settings().toured is False
    assert again(library).settings().author == "Me"


def test_presets_of_the_same_name_are_told_apart(library: PresetLibrary) -> None:
    names = [library.add(Preset(name=name, a="n")).preset.name for name in ("Pad", "pad", "Pad", "Warm Sea")]
    assert names == ["Pad", "pad 2", "Pad 3", "Warm Sea"], "the list shows that a factory preset is another one"
    long = [library.add(Preset(name="x" * 64, a="n")).preset.name for _ in range(2)]
    assert long == ["x" * 64, "x" * 62 + " 2"]
    assert library.rename("user/pad", "pad 2").preset.name == "pad 2 2"


def test_a_new_preset_does_not_inherit_the_heart_of_a_deleted_one(library: PresetLibrary) -> None:
    key = library.add(Preset(name="Gone", a="n")).key
    library.set_favourite(key, wanted=True)
    deleted = library.delete(key)
    assert library.add(Preset(name="Gone", a="n")).key == key
    assert again(library).favourites() == frozenset()
    library.delete(key)
    library.set_favourite(key, wanted=True)
    assert library.restore(deleted).key in again(library).favourites(), "one that comes back keeps its heart"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Über Späß", "uber-spass"), ("Вода", "вода"), ("水の音 3", "水の音-3"), ("صوت", "صوت"), ("नमस्ते", "नमस्ते"),
        ("한글", "한글"), ("CON", "preset-con"), ("com1", "preset-com1"), ("LPT¹", "preset-lpt1"),
        ("aux.wav", "aux-wav"), ("...", "preset"), ("🎹", "preset"), ("a/b\\c:d", "a-b-c-d"),
        ("Ελληνικά", "ελληνικά"), (" x ", "x"),
    ],
)  # fmt: skip
def test_file_names_are_readable_in_every_script_and_valid_on_every_system(name: str, stem: str) -> None:
    assert preset_stem(name) == stem


def test_file_names_fit_every_file_system(library: PresetLibrary) -> None:
    for letter in ("水", "𝔘", "й", "x"):
        entry = library.add(Preset(name=letter * 64, a="n"))
        assert len(entry.path.name.encode()) < 140
        assert again(library).find(entry.key) is not None


def test_names_are_sorted_without_case_and_accents(tmp_path: Path) -> None:
    library = PresetLibrary(tmp_path / "presets", tmp_path / "settings.json")
    names = ["Zebra", "Ümlaut", "stab", "Umber", "Écho"]
    for name in names:
        library.add(Preset(name=name, a="", category="user"))
    found = [entry.preset.name for entry in library.search(Query(own=True))]
    assert found == ["Écho", "stab", "Umber", "Ümlaut", "Zebra"]
