"""The factory presets are complete, varied, independent of a model, and equally loud (by a sample)."""

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.export.auditions.audition import CLIPPED_DB, TARGET_LUFS, TOLERANCE_LU, Audition, audition, distance_db
from synth_app.export.auditions.contact_sheet import DUPLICATE_DB
from synth_app.export.auditions.macro_audition import audition_macros
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.params import EFFECTS, MACROS, PARAMS, param
from synth_app.patch import Patch
from synth_app.patch.modulation_matrix import Connection
from synth_app.session import PresetEntry, PresetLibrary
from synth_app.session.presets import preset_transfer
from synth_app.session.presets.preset_transfer import TransferredPreset, transfer_preset
from synth_app.session.state.preset import CATEGORIES

# Loud and soft, short and long, low and high, many voices; all of them: `synth-app presets sheet OUT --macros`.
SAMPLE = ("concert-grand", "kettle", "full-church", "falling-stars", "seven-saws")


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


@pytest.fixture(scope="module")
def played(shipped: tuple[PresetEntry, ...], default_model: Model) -> dict[str, TransferredPreset]:
    """Every preset in the default model, by name, without the curves of the handles, which take seconds for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preset_transfer, "with_handle_curves", lambda patch, model: patch)
        return {each.preset.name: transfer_preset(each.preset, default_model, "m", "live") for each in shipped}


@pytest.fixture(scope="module")
def heard(shipped: tuple[PresetEntry, ...], default_model: Model) -> dict[str, Audition]:
    """The sample, rendered, by the name of the preset's file."""
    entries = {entry.key.partition("/")[2]: entry for entry in shipped}
    return {stem: audition(entries[stem], default_model, find_model(DEFAULT_MODEL)) for stem in SAMPLE}


def test_two_hundred_in_ten_categories(shipped: tuple[PresetEntry, ...]) -> None:
    assert len(shipped) == 200
    count = {category: sum(entry.preset.category == category for entry in shipped) for category in CATEGORIES}
    assert (len(count), sum(count.values())) == (10, 200)
    assert min(count.values()) >= 10, count
    names = [entry.preset.name.casefold() for entry in shipped]
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


def test_default_model_has_every_note(
    shipped: tuple[PresetEntry, ...], default_model: Model, played: dict[str, TransferredPreset]
) -> None:
    names = {note.name for note in default_model.bank}
    for entry in shipped:
        preset = entry.preset
        assert {preset.a, preset.b or preset.a, *preset.toward} <= names, preset.name
        assert played[preset.name].remark == "", preset.name


def test_no_two_give_the_same_patch(played: dict[str, TransferredPreset]) -> None:
    assert len({each.patch.with_param("gain_db", 0) for each in played.values()}) == len(played)


def moved_by(patch: Patch, macro: str) -> list[Connection]:
    """Return what a macro moves, apart from the level."""
    return [
        each
        for each in patch.modulation.connections
        if macro in (each.source, each.via) and each.on and each.amount and (each.target, each.via) != ("gain", "")
    ]


def test_each_has_two_named_macros_at_rest(played: dict[str, TransferredPreset]) -> None:
    for name, each in played.items():
        given = [label for label in each.patch.macro_names if label]
        assert len(set(given)) == len(given) >= 2, name
        for macro, label in zip(MACROS, each.patch.macro_names, strict=True):
            assert bool(label) == bool(moved_by(each.patch, macro)), (name, macro)
            assert each.patch.value(macro) == 0.0, (name, macro)


def test_two_thirds_move_or_have_effects(played: dict[str, TransferredPreset]) -> None:
    def lives(patch: Patch) -> bool:
        own = [each for each in patch.modulation.connections if not {each.source, each.via} & {*MACROS}]
        wet = [name for name in ("delay_mix", "reverb_mix", "chorus_mix") if patch.value(name) > 0.1]
        on = {effect.name for effect in EFFECTS if patch.value(effect.switch_name)}
        return bool(own) or patch.value("style") > 0 or any(name.partition("_")[0] in on for name in wet)

    assert sum(lives(each.patch) for each in played.values()) >= 2 / 3 * len(played)


@pytest.mark.parametrize("stem", SAMPLE)
def test_shipped_presets_are_level(heard: dict[str, Audition], stem: str) -> None:
    assert np.isfinite(heard[stem].audio).all()
    assert heard[stem].loudness_lufs == pytest.approx(TARGET_LUFS, abs=TOLERANCE_LU)
    assert heard[stem].peak_db < CLIPPED_DB


@pytest.mark.parametrize("stem", SAMPLE)
def test_their_macros_are_heard_and_keep_the_loudness(heard: dict[str, Audition], stem: str) -> None:
    found = audition_macros(heard[stem])
    assert len(found) >= 2
    assert [problem for each in found for problem in each.problems()] == []
    assert max(each.peak_db for each in found) < CLIPPED_DB


def test_no_two_of_the_sample_sound_alike(heard: dict[str, Audition]) -> None:
    for x in heard.values():
        assert [y for y in heard.values() if y is not x and distance_db(x, y) < DUPLICATE_DB] == []
