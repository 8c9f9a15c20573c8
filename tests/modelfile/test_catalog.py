"""Finding models by name and path, and notes in a bank."""

from pathlib import Path

import pytest

from synth_app.modelfile import ModelFile, catalog, find_model, find_note, list_models, model_folders, save_model_file
from synth_app.support.errors import UserError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path))
    return tmp_path


def test_models_are_found_by_name_and_by_path(model: ModelFile, folder: Path) -> None:
    path = folder / "tiny.safetensors"
    save_model_file(path, model)
    assert find_model("tiny") == path
    assert find_model(path) == path
    assert find_model(str(path)) == path


def test_an_unknown_name_lists_the_models(model: ModelFile, folder: Path) -> None:
    save_model_file(folder / "tiny.safetensors", model)
    with pytest.raises(UserError, match=r"no model 'huge'; there are: .*tiny"):
        find_model("huge")


def test_without_any_model_the_error_names_the_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(catalog, "resource_folder", lambda _: tmp_path / "shipped")
    for search in (list_models, lambda: find_model("huge")):
        with pytest.raises(UserError, match="no model file") as caught:
            search()
        for each in (folder, tmp_path / "shipped"):
            assert str(each) in str(caught.value)


def test_the_users_models_have_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where models are searched first is where they are saved, with the variable and without it."""
    monkeypatch.setattr(catalog, "user_folder", lambda _: tmp_path / "data")
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path / "named"))
    assert catalog.user_model_folder() == model_folders()[0] == tmp_path / "named"
    assert tmp_path / "data" / "models" not in model_folders()
    monkeypatch.delenv("SYNTH_APP_MODELS")
    assert catalog.user_model_folder() == model_folders()[0] == tmp_path / "data" / "models"


def test_list_has_damaged_files_with_their_problem(model: ModelFile, folder: Path) -> None:
    save_model_file(folder / "tiny.safetensors", model)
    (folder / "broken.safetensors").write_bytes(b"123")
    entries = {entry.path.stem: entry for entry in list_models()}
    assert entries["tiny"].card == model.card
    assert entries["tiny"].problem == ""
    assert entries["broken"].card is None
    assert "not a model file" in entries["broken"].problem


def test_the_users_own_model_hides_the_shipped_one_of_that_name(model: ModelFile, folder: Path) -> None:
    save_model_file(folder / "pca-16k.safetensors", model)
    assert find_model("pca-16k") == folder / "pca-16k.safetensors"
    assert [entry.path.parent for entry in list_models() if entry.path.stem == "pca-16k"] == [folder]


def test_notes_are_found_by_name_or_a_unique_part_of_it(model: ModelFile) -> None:
    assert find_note(model.bank, "tiny-060-100") is model.bank[0]
    assert find_note(model.bank, "072") is model.bank[1]
    with pytest.raises(UserError, match="no note 'x'"):
        find_note(model.bank, "x")
    with pytest.raises(UserError, match="matches 2 bank notes"):
        find_note(model.bank, "TINY")
