"""Trainings that could not end are refused before they begin; scores that cannot be computed are left out."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from synth_app.dataset.nsynth import read_notes
from synth_app.dataset.splits import split_by_note
from synth_app.evaluation import produce_model
from synth_app.modelfile import load_model_file
from synth_app.support.errors import UserError
from synth_app.training import FitSettings, Progress, TrainSettings, train_model
from synth_app.training.families import family
from synth_app.training.fit import job as job_module
from synth_app.training.fit.run_folder import LOCK_NAME
from synth_app.training.output import check_output

FIT = FitSettings(epochs=1, batch_size=64, beta=1e-5, frames_per_note=20)


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a training begins."""
    monkeypatch.setattr(job_module, "read_notes", lambda _: pytest.fail("the training began"))


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mine.safetensors", "choose for example mine.safetensors"),
        ("my model.safetensors", "choose for example my-model.safetensors"),
        ("-a.safetensors", "choose for example a.safetensors"),
        ("Ü.safetensors", "choose for example my-model.safetensors"),
        ("a" * 65 + ".safetensors", "up to 64"),
        ("mine.bin", "choose a name with that ending"),
        ("taken.safetensors", "is a folder"),
        ("file/mine.safetensors", "cannot write"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_before_any_work(
    settings: TrainSettings, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "taken.safetensors").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=said):
        produce_model(replace(settings, fit=FIT), tmp_path / name)


def test_the_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    check_output(tmp_path / "a" / "b" / "mine.safetensors")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.usefixtures("no_training")
def test_a_damaged_record_of_the_data_is_refused_before_any_work(settings: TrainSettings, tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "examples.json").write_bytes((settings.data / "examples.json").read_bytes())
    (bank / "source.json").write_text("[" * 9)
    with pytest.raises(UserError, match=r"source\.json is not a rendering's record"):
        produce_model(replace(settings, fit=FIT, bank=bank), tmp_path / "mine.safetensors")


def test_a_split_that_cannot_be_scored_is_left_out_with_a_word(
    settings: TrainSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_instruments(*_: object, **__: object) -> None:
        raise UserError("the test part of the instrument split is empty")

    monkeypatch.setattr("synth_app.training.data.split_and_pca.split_by_instrument", no_instruments)
    told: list[Progress] = []
    out = tmp_path / "mine.safetensors"
    model = produce_model(replace(settings, fit=FIT), out, report=told.append)
    assert [score.split for score in model.card.scores] == ["note"]
    assert load_model_file(out).card.scores == model.card.scores
    words = [each.message for each in told if each.stage == "skipped"]
    assert words == ["no score on the instrument split: the test part of the instrument split is empty"]


def test_no_score_is_computed_if_none_is_wanted(settings: TrainSettings, tmp_path: Path) -> None:
    told: list[Progress] = []
    out = tmp_path / "mine.safetensors"
    produce_model(replace(settings, family="pca"), out, score_splits=(), report=told.append)
    assert load_model_file(out).card.scores == ()
    assert "score" not in {each.stage for each in told}


def test_two_trainings_with_one_run_folder_refuse_each_other(settings: TrainSettings) -> None:
    train_model(replace(settings, fit=FIT), "mine")
    (folder,) = (path.parent for path in settings.runs_folder.rglob(LOCK_NAME))
    hold = f"lock = FileLock({str(folder / LOCK_NAME)!r}); lock.acquire(); print(flush=True); input()"
    code = f"from filelock import FileLock; {hold}"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(UserError, match="another training with the same settings uses") as caught:
            train_model(replace(settings, fit=FIT), "mine")
        assert str(folder) in str(caught.value)
        other.kill()  # a crash leaves no lock behind
    train_model(replace(settings, fit=FIT), "mine")
    with FileLock(folder / LOCK_NAME).acquire(timeout=0):
        pass


def test_pca_refuses_training_settings(settings: TrainSettings) -> None:
    fit = replace(family("pca").fit(settings.spec), epochs=3, beta=0.1)
    with pytest.raises(UserError, match=r"pca is computed exactly .* leave out epochs=3, beta=0\.1"):
        train_model(replace(settings, family="pca", fit=fit), "pca")
    train_model(replace(settings, family="pca", fit=replace(family("pca").fit(settings.spec), retrain=True)), "pca")


def test_nets_of_several_seeds_can_have_one_split(settings: TrainSettings, tmp_path: Path) -> None:
    one = produce_model(replace(settings, fit=FIT, seed=1, split_seed=7), tmp_path / "one.safetensors", score_splits=())
    two = produce_model(replace(settings, fit=FIT, seed=2, split_seed=7), tmp_path / "two.safetensors", score_splits=())
    assert any((one.tensors[name] != two.tensors[name]).any() for name in one.tensors)
    assert one.card.training.settings["split_seed"] == 7
    stored = list(settings.runs_folder.rglob("split.json"))
    assert len(stored) == 2
    assert stored[0].read_bytes() == stored[1].read_bytes()
    assert split_by_note(read_notes(settings.data), seed=7).test[0] in stored[0].read_text()
