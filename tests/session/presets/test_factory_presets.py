"""The factory presets are complete, varied, independent of a model, and equally loud (by a sample)."""

import pytest

from synth_app.decoder import Model, load_model
from synth_app.export.audition import TARGET_LUFS, TOLERANCE_LU, audition
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.params import PARAMS, param
from synth_app.session import PresetEntry, PresetLibrary
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.preset import CATEGORIES

# Loud and soft, short and long, low and high; all of them: `synth-app presets sheet OUT`.
SAMPLE = ("concert-grand", "kettle", "full-church")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[PresetEntry, ...]:
    empty = tmp_path_factory.mktemp("empty")
    library = PresetLibrary(empty, empty / "settings.json")
    entries = library.entries()
    assert library.problems == ()
    return entries


@pytest.fixture(scope="module")
def default_model() -> Model:
    return load_model(DEFAULT_MODEL)


def test_at_least_sixty_over_all_families(shipped: tuple[PresetEntry, ...]) -> None:
    assert len(shipped) >= 60
    count = {category: sum(entry.preset.category == category for entry in shipped) for category in CATEGORIES}
    assert min(count.values()) >= 3, count
    names = [entry.preset.name for entry in shipped]
    assert len(set(names)) == len(names)


def test_each_is_described_and_independent_of_the_model(shipped: tuple[PresetEntry, ...]) -> None:
    known = {spec.name for spec in PARAMS}
    for entry in shipped:
        preset = entry.preset
        assert preset.about, preset.name
        assert preset.tags, preset.name
        assert preset.model is None, "it uses bank notes, not latent vectors of one model"
        assert preset.offset == (), preset.name
        assert set(preset.params) <= known, preset.name
        for name, value in preset.params.items():
            assert param(name).clamp(value) == value, (preset.name, name)


def test_default_model_has_every_note(shipped: tuple[PresetEntry, ...], default_model: Model) -> None:
    names = {note.name for note in default_model.bank}
    for entry in shipped:
        preset = entry.preset
        assert {preset.a, preset.b or preset.a, *preset.toward} <= names, preset.name
        assert transfer_preset(preset, default_model, "m", "live").remark == "", preset.name


def test_no_two_give_the_same_patch(shipped: tuple[PresetEntry, ...], default_model: Model) -> None:
    sounds = {
        transfer_preset(entry.preset, default_model, "m", "live").patch.with_param("gain_db", 0) for entry in shipped
    }
    assert len(sounds) == len(shipped)


@pytest.mark.parametrize("stem", SAMPLE)
def test_shipped_presets_are_level(default_model: Model, shipped: tuple[PresetEntry, ...], stem: str) -> None:
    entry = next(entry for entry in shipped if entry.key == f"factory/{stem}")
    heard = audition(entry, default_model, find_model(DEFAULT_MODEL))
    assert heard.loudness_lufs == pytest.approx(TARGET_LUFS, abs=TOLERANCE_LU)
    assert heard.peak_db < -0.1
