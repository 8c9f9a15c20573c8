"""A patch that an audio file holds is the same patch again, with every bit; damage and newer versions are said."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.audio_files.text_chunk import add_text
from synth_app.decoder import Model, load_model
from synth_app.modelfile import ModelEntry, find_model, read_card, save_model_file
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.modelfile.correction import Correction
from synth_app.params import SPECTRAL_HANDLES
from synth_app.patch import Automation, AutomationCurve, HandleCurves, PadGrid, Patch, StyleTexture, UserNote
from synth_app.patch.handle_curves import NODES
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import PresetLibrary
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.presets.saved_patch import PlayedKey, SavedPatch, describe_patch, read_saved_patch, restore_patch
from synth_app.support.errors import UserError
from tests.session.sounds.recordings import noise, write


def refuse(path: Path) -> Model:
    raise AssertionError(f"{path} is the model itself, so nothing needs to be loaded")


def entries(*paths: Path) -> tuple[ModelEntry, ...]:
    return tuple(ModelEntry(path, read_card(path)) for path in paths)


def again(patch: Patch, model: Model, path: Path) -> Patch:
    """Return the patch after it was kept as text."""
    restored = restore_patch(SavedPatch.model_validate_json(describe_patch(patch, model, "x")), refuse, entries(path))
    assert restored.exact
    return restored.patch


def test_every_factory_preset_is_restored_with_every_bit(tmp_path: Path) -> None:
    path, model = find_model(DEFAULT_MODEL), load_model(DEFAULT_MODEL)
    presets = [entry.preset for entry in PresetLibrary(tmp_path, tmp_path / "settings.json").entries()]
    assert len(presets) > 130
    moved = 0
    for preset in presets:
        patch = transfer_preset(preset, model, str(path), "eco").patch
        assert again(patch, model, path) == patch, preset.name
        moved += any(patch.offset) + bool(patch.modulation.connections)
    assert moved > 20, "some have offsets and modulation, which rounding would change"


def odd_patch(model: Model, path: Path) -> Patch:
    """Return a patch in which every field has values that decimal or half-precision numbers would round."""
    rng = np.random.default_rng(1)
    latent, bins = model.card.latent_size, model.spec.bins
    correction = Correction.of(rng.standard_normal((3, bins)), rng.standard_normal((2, Correction.KNOTS)))
    note = UserNote(
        "mine", "", 60.1, latent, rng.standard_normal((7, latent)).astype(np.float32).tobytes(),
        rng.standard_normal(7).astype(np.float32).tobytes(), (1, 2, 4, 6), correction, pitched=False,
    )  # fmt: skip
    note = dataclasses.replace(note, others=(dataclasses.replace(note, pitch=72.3, velocity=31),))
    moving = rng.standard_normal((9, 16)).astype(np.float16).tobytes()
    texture = StyleTexture("odd", 1000 / 11, 7200.1, moving, bytes([0, *[1] * 15]), 1 / 7)
    curves = rng.standard_normal((len(SPECTRAL_HANDLES), NODES, latent + 1))
    curves[:, NODES // 2] = 0.0
    params = Patch("").with_param("morph", 1 / 3).with_param("gain_db", -np.pi).params
    return Patch(
        str(path), 1, 1, tuple(rng.standard_normal(latent)), params, "studio", (note, None),
        Modulation(connections=(Connection("lfo1", "z1", 1 / 7), Connection("lfo1", "pad_x", 1 / 9))),
        Automation((AutomationCurve.of("z2", rng.standard_normal(9)),), looping=False),
        PadGrid.of(rng.standard_normal((3, 3, latent)), (1 / 3, 2 / 3)), offset_db=-1 / 3,
        style_texture=texture,
        handle_curves=HandleCurves.of(curves), macro_names=("", "Warmth", *[""] * 6),
    )  # fmt: skip


def test_every_field_of_a_patch_is_restored(small: Model, small_path: Path) -> None:
    patch = odd_patch(small, small_path)
    default = Patch(str(small_path))
    same = [f.name for f in dataclasses.fields(patch) if getattr(patch, f.name) == getattr(default, f.name)]
    assert same == ["model", "style_changes"], "this test has to change every field but the derived one"
    assert again(patch, small, small_path) == patch


def test_a_model_whose_bank_changed_is_noticed(small: Model, small_path: Path, tmp_path: Path) -> None:
    """The card stays the same when corrections or other notes are written to the bank."""
    saved = SavedPatch.model_validate_json(describe_patch(odd_patch(small, small_path), small, "x"))
    louder, fewer = tmp_path / "louder.safetensors", tmp_path / "fewer.safetensors"
    bank = small.file.bank
    quieter = dataclasses.replace(bank[5], gain_db=bank[5].gain_db - 1)
    save_model_file(louder, dataclasses.replace(small.file, bank=(*bank[:5], quieter, *bank[6:]), map_positions=None))
    restored = restore_patch(saved, refuse, entries(louder))
    assert (restored.exact, restored.patch.slot_a) == (False, 1)
    assert "Small has changed since the file was made" in restored.remark
    save_model_file(fewer, dataclasses.replace(small.file, bank=bank[2:], map_positions=None))
    with pytest.raises(UserError, match="whose bank has changed"):
        restore_patch(saved, refuse, entries(fewer))


def test_another_model_plays_the_nearest(small: Model, small_path: Path, wide: Model, wide_path: Path) -> None:
    saved = SavedPatch.model_validate_json(describe_patch(odd_patch(small, small_path), small, "Odd"))
    restored = restore_patch(saved, load_model, entries(wide_path))
    assert (restored.exact, restored.patch.model) == (False, str(wide_path))
    assert "Odd was made for Small; Wide plays the nearest" in restored.remark
    assert restored.patch.value("morph") == 1 / 3
    with pytest.raises(UserError, match="there is no model"):
        restore_patch(saved, load_model, ())


def play(path: Path, model: Path) -> None:
    saved = read_saved_patch(path)
    assert saved is not None
    restore_patch(saved, refuse, entries(model))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "made by a newer synth_app"),
        ({"params": {"new_knob": 1.0}}, "has the parameter 'new_knob'; update"),
        ({"params": {"gain_db": 1e6}}, r"gain_db = 1e\+06; this version has"),
        ({"quality": "best"}, "no quality"),
        ({"slots": [900_000, 0]}, "whose bank has changed"),
        ({"offset": [1.0] * 7}, "7 latent dimensions"),
        ({"slots": [0]}, "slots"),
        ({"offset": [float("nan")]}, "offset"),
        ({"modulation": {"lfos": {"1": {"shape": "new"}}}}, "update the program"),
    ],
)
def test_what_cannot_be_played_is_said(
    small: Model, small_path: Path, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    fields = json.loads(describe_patch(Patch(str(small_path)), small, "x"))
    path = write(tmp_path / "x.wav", noise())
    add_text(path, json.dumps({**fields, **change}))
    with pytest.raises(UserError, match=said):
        play(path, small_path)


def test_sounds_without_a_patch_hold_none(tmp_path: Path, small: Model, small_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise())
    assert read_saved_patch(path) is None
    key = PlayedKey(note=64, velocity=99, seconds=1.5, tail_seconds=0.5, ring_out=True)
    add_text(path, describe_patch(Patch(str(small_path)), small, "x" * 300, key))
    saved = read_saved_patch(path)
    assert saved is not None
    assert saved.key == key
