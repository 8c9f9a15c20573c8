"""Model files are restored exactly, and invalid files are refused."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from synth_app.modelfile import (
    FORMAT_VERSION,
    LatentStats,
    Linear,
    ModelFile,
    NoteMarks,
    Parallel,
    load_model_file,
    read_card,
    save_model_file,
)
from synth_app.modelfile.store import content_digest
from synth_app.modelfile.stored_bank import bank_entries
from synth_app.support.errors import UserError

_CARD, _BANK = "synth_app.card", "synth_app.bank"


def _metadata(path: Path) -> dict[str, str]:
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    found: dict[str, str] = json.loads(raw[8 : 8 + size])["__metadata__"]
    return found


def _rewrite(path: Path, card: dict[str, Any] | None = None, bank: Any = None, tensors: Any = None) -> None:
    """Change parts of a saved file, with a checksum that fits."""
    metadata = _metadata(path)
    if card is not None:
        metadata[_CARD] = json.dumps({**json.loads(metadata[_CARD]), **card})
    if bank is not None:
        metadata[_BANK] = json.dumps(bank)
    _save({**load_file(path), **(tensors or {})}, path, metadata)


def _save(tensors: dict[str, Any], path: Path, metadata: dict[str, str]) -> None:
    save_file(tensors, path, {**metadata, "synth_app.sha256": content_digest(metadata, tensors)})


def test_loading_restores_the_saved_model(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    loaded = load_model_file(path)
    assert loaded.card == model.card
    assert read_card(path) == model.card
    assert set(loaded.tensors) == set(model.tensors)
    for name, tensor in model.tensors.items():
        np.testing.assert_array_equal(loaded.tensors[name], tensor)
    for field in dataclasses.fields(LatentStats):
        np.testing.assert_array_equal(getattr(loaded.stats, field.name), getattr(model.stats, field.name))
    assert len(loaded.bank) == 2
    for found, note in zip(loaded.bank, model.bank, strict=True):
        assert (found.name, found.instrument, found.family, found.pitch, found.velocity, found.marks) == (
            note.name,
            note.instrument,
            note.family,
            note.pitch,
            note.velocity,
            note.marks,
        )
        np.testing.assert_array_equal(found.z, note.z)
        np.testing.assert_array_equal(found.gain_db, note.gain_db)
        assert found.z.dtype == np.float32
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.safetensors"]


def test_transposed_tensors_are_saved_correctly(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    weight = model.tensors["d2.weight"]
    turned = np.asfortranarray(weight)
    save_model_file(path, dataclasses.replace(model, tensors={**model.tensors, "d2.weight": turned}))
    np.testing.assert_array_equal(load_model_file(path).tensors["d2.weight"], weight)


def test_model_without_bank_is_valid(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, dataclasses.replace(model, bank=()))
    assert load_model_file(path).bank == ()


def test_statistics_agree_with_numpy() -> None:
    rng = np.random.default_rng(3)
    z = (rng.standard_normal((500, 4)) @ rng.standard_normal((4, 4)) + 5).astype(np.float32)
    stats = LatentStats.of(z)
    np.testing.assert_allclose(stats.mean, z.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(stats.std, z.std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(stats.percentiles[3], np.median(z, axis=0), rtol=1e-5)
    _, singular, vectors = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(stats.axis_std, singular / np.sqrt(len(z)), rtol=1e-3)
    np.testing.assert_allclose(np.abs(np.sum(stats.axes * vectors, axis=1)), 1.0, atol=1e-3)


def test_missing_empty_and_foreign_files_are_refused(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such model file"):
        load_model_file(tmp_path / "none.safetensors")
    with pytest.raises(UserError, match="no such model file"):
        load_model_file(tmp_path)
    empty, text, foreign = (tmp_path / f"{n}.safetensors" for n in ("empty", "text", "foreign"))
    empty.write_bytes(b"")
    text.write_text("RIFF or whatever this is, it is long enough to hold a length")
    save_file({"a": np.zeros(3, np.float32)}, foreign)
    for path, said in ((empty, "not a model file"), (text, "not a model file"), (foreign, "without a model card")):
        with pytest.raises(UserError, match=said) as caught:
            load_model_file(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_newer_format_is_reported(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    _rewrite(path, card={"format_version": FORMAT_VERSION + 1, "something_new": 1})
    with pytest.raises(UserError, match=f"newer synth_app .format {FORMAT_VERSION + 1}") as caught:
        load_model_file(path)
    assert str(caught.value).count(str(path)) == 1


@pytest.mark.parametrize(
    "card",
    [
        {"latent_size": 4},
        {"latent_size": "x"},
        {"axis_names": ["a"]},
        {"unknown_key": 1},
        {"encoder": [{"op": "exec", "code": "1"}]},
        {"encoder": [{"op": "linear", "weight": "nowhere", "bias": "nowhere"}]},
        {"encoder": []},
        {"decoder": [{"op": "linear", "weight": "e1.weight", "bias": "e1.bias"}]},
        {"spec": {"sample_rate": 1, "n_fft": 64, "hop_length": 32, "window": "hann", "floor_db": -100}},
        {"spec": {"sample_rate": 16000, "n_fft": 128, "hop_length": 32, "window": "hann", "floor_db": -100}},
        {"name": "../escape"},
        {"format_version": None},
    ],
)
def test_inconsistent_cards_are_refused(model: ModelFile, tmp_path: Path, card: dict[str, Any]) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    _rewrite(path, card=card)
    with pytest.raises(UserError) as caught:
        load_model_file(path)
    assert str(path) in str(caught.value)


def test_cards_that_are_not_objects_are_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    for text in ("", "[]", "null", "{", '"x"'):
        save_model_file(path, model)
        _save(load_file(path), path, {**_metadata(path), _CARD: text})
        with pytest.raises(UserError, match="card is damaged"):
            load_model_file(path)


@pytest.mark.parametrize("bank", [[], [1, 2], {"a": 1}, "x", [{"name": "a"}, {"name": "b"}], None, 3])
def test_banks_that_do_not_fit_are_refused(model: ModelFile, tmp_path: Path, bank: Any) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    metadata = {**_metadata(path), _BANK: json.dumps(bank)}
    _save(load_file(path), path, metadata)
    with pytest.raises(UserError):
        load_model_file(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("e1.weight", np.full((8, 33), np.nan, np.float32)),
        ("e1.weight", np.zeros((8, 32), np.float32)),
        ("e1.weight", np.zeros((8, 33), np.float64)),
        ("e1.bias", np.zeros((8, 1), np.float32)),
        ("n.bias", np.zeros(7, np.float32)),
        ("stats.mean", np.zeros(4, np.float32)),
        ("stats.std", np.full(3, np.nan, np.float32)),
        ("bank.z", np.full((21, 3), np.inf, np.float16)),
        ("bank.z", np.zeros((21, 4), np.float16)),
        ("bank.z", np.zeros(21, np.float16)),
        ("bank.gain_db", np.zeros(20, np.float16)),
        ("bank.offsets", np.array([0, 12, 30], np.int64)),
        ("bank.offsets", np.array([0, 30, 21], np.int64)),
        ("bank.offsets", np.array([[0], [12], [21]], np.int64)),
        ("bank.offsets", np.array([0.0, 12.5, 21.0], np.float32)),
    ],
)
def test_tensors_that_cannot_be_played_are_refused(
    model: ModelFile, tmp_path: Path, name: str, value: np.ndarray[Any, Any]
) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    _rewrite(path, tensors={name: value})
    with pytest.raises(UserError) as caught:
        load_model_file(path)
    assert str(path) in str(caught.value)


def test_damage_anywhere_is_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    raw = path.read_bytes()

    @settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(raw) - 1), st.integers(1, 255))
    def flip(at: int, by: int) -> None:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ by]) + raw[at + 1 :])
        with pytest.raises(UserError) as caught:
            load_model_file(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    flip()


def test_truncation_anywhere_is_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    raw = path.read_bytes()
    for size in [*range(0, 64), *range(64, len(raw), 97), len(raw) - 1]:
        path.write_bytes(raw[:size])
        with pytest.raises(UserError):
            load_model_file(path)


@pytest.mark.parametrize(
    "marks",
    [
        NoteMarks(-1, 2, 8, 9),
        NoteMarks(3, 2, 8, 9),
        NoteMarks(1, 5, 5, 9),
        NoteMarks(1, 2, 8, 7),
        NoteMarks(1, 2, 8, 99),
    ],
)
def test_saving_refuses_marks_out_of_order_and_leaves_the_old_file(
    model: ModelFile, tmp_path: Path, marks: NoteMarks
) -> None:
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(b"before")
    bad = dataclasses.replace(model.bank[0], marks=marks)
    with pytest.raises(UserError, match="invalid latent path"):
        save_model_file(path, dataclasses.replace(model, bank=(bad,)))
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


def test_saving_refuses_branches_of_different_widths(model: ModelFile, tmp_path: Path) -> None:
    wide = (Linear(weight="e1.weight", bias="e1.bias"),)
    narrow = (Linear(weight="es.weight", bias="es.bias"),)
    card = model.card.model_copy(update={"encoder": (Parallel(branches=(wide, narrow)),)})
    with pytest.raises(UserError, match="different widths"):
        save_model_file(tmp_path / "tiny.safetensors", dataclasses.replace(model, card=card))


def test_saving_refuses_an_unknown_operation(model: ModelFile, tmp_path: Path) -> None:
    card = model.card.model_copy(update={"encoder": (*model.card.encoder, "softmax")})
    with pytest.raises(UserError, match="unknown operation str"):
        save_model_file(tmp_path / "tiny.safetensors", dataclasses.replace(model, card=card))


def test_saving_to_an_unwritable_path_is_reported(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        save_model_file(tmp_path / "missing" / "tiny.safetensors", model)


@pytest.mark.parametrize("text", ["", "[", "]", "{}", "[1]", "[{}]", "[,]", '[{"name": "x"}', "[] []", "null"])
def test_an_index_that_is_no_list_of_entries_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of the JSON reader, of pydantic, or ours)
        bank_entries(text)


def test_an_index_is_read_with_any_spaces() -> None:
    entry = '{"name": "a", "instrument": "i", "family": "f", "pitch": 60, "velocity": 100, "marks": [0, 1, 2, 3]}'
    assert bank_entries(" [ ] ") == ()
    assert [each.name for each in bank_entries(f" [\n{entry} , {entry}]\n")] == ["a", "a"]
    with pytest.raises(ValueError, match="between its entries"):
        bank_entries(f"[{entry} {entry}]")
    with pytest.raises(ValueError, match="between its entries"):
        bank_entries(f"[{entry},]")
