"""A folder of recordings becomes a model with a verdict; a stopped training goes on; without torch PCA stays."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from synth_app.dataset.check import check_recordings
from synth_app.export.jobs.train_job import TrainJob
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.session.trainings import run
from synth_app.session.trainings.library import TrainingEntry, TrainingLibrary
from synth_app.session.trainings.messages import Done, EpochDone, Message, NoTorch, Pictures, Playable
from synth_app.session.trainings.plan import PLAN_NAME, Beginning, FineTuning, NewModel, read_plan, write_plan
from synth_app.session.trainings.run import run_training
from synth_app.session.trainings.verdict import MelErrors, verdict
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.support.errors import UserError
from synth_app.training import TrainingCancelled
from tests.modelfile.conftest import small_model

pytestmark = pytest.mark.timeout(900)  # processes start, import torch and train
EPOCHS = 2


class Make(Protocol):
    def __call__(self, name: str, beginning: Beginning | None = None) -> TrainingEntry: ...


@pytest.fixture
def new(base: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Make":
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path / "models"))
    choices = check_recordings(source).choices()

    def make(name: str, beginning: Beginning | None = None) -> TrainingEntry:
        library = TrainingLibrary(tmp_path / "trainings")
        return library.create(name, source, choices, beginning or FineTuning(base), licence="CC0", epochs=EPOCHS)

    return make


def kinds(messages: list[Message], kind: type) -> list[Message]:
    return [each for each in messages if isinstance(each, kind)]


def test_a_folder_becomes_a_model_with_a_verdict(new: "Make", tmp_path: Path) -> None:
    entry, messages = new("My Pluck"), list[Message]()
    run_training(entry, tmp_path / "models", messages.append, lambda: False)
    done = messages[-1]
    assert isinstance(done, Done)
    model = load_model_file(done.path)
    assert (done.path.name, model.card.title, model.card.data.licence) == ("my-pluck.safetensors", "My Pluck", "CC0")
    assert len(model.bank) == 16
    assert all(note.correction is not None for note in model.bank)
    assert {note.instrument for note in model.bank} == {"pluck"}
    assert "On 2 notes that it did not learn from" in done.verdict
    epochs = kinds(messages, EpochDone)
    assert [each.epoch for each in epochs if isinstance(each, EpochDone)] == [1, 2]
    assert all(isinstance(each, EpochDone) and each.picture.any() and each.picture.size <= 64 * 128 for each in epochs)
    (pictures,) = kinds(messages, Pictures)
    assert isinstance(pictures, Pictures)
    assert pictures.recorded.shape == pictures.start.shape
    playable = [each.path for each in messages if isinstance(each, Playable)]
    for path in playable:
        assert load_model_file(path).bank
    again = TrainingLibrary(tmp_path / "trainings").entries()[0]
    assert (again.finished, again.playable()) == (True, tuple(playable))
    assert messages.index(kinds(messages, Playable)[0]) < messages.index(epochs[0])  # PCA plays before the training


def test_a_stopped_training_goes_on_to_the_same_model(new: "Make", tmp_path: Path) -> None:
    whole, parts = new("Whole"), new("Parts")
    run_training(whole, tmp_path / "models", lambda message: None, lambda: False)
    seen: list[Message] = []
    with pytest.raises(TrainingCancelled):
        run_training(parts, tmp_path / "models", seen.append, lambda: bool(kinds(seen, EpochDone)))
    assert not read_plan(parts.folder / PLAN_NAME).verdict
    rest: list[Message] = []
    run_training(parts, tmp_path / "models", rest.append, lambda: False)
    assert [each.epoch for each in rest if isinstance(each, EpochDone)] == [2]
    one, other = (load_model_file(tmp_path / "models" / f"{name}.safetensors") for name in ("whole", "parts"))
    for name, tensor in one.tensors.items():
        np.testing.assert_array_equal(tensor, other.tensors[name])


def test_without_torch_the_pca_model_is_the_result(
    new: "Make", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    messages: list[Message] = []
    run_training(new("Plain"), tmp_path / "models", messages.append, lambda: False)
    assert kinds(messages, NoTorch)
    done = messages[-1]
    assert isinstance(done, Done)
    assert load_model_file(done.path).card.family == "pca"
    assert "pip install" in done.verdict


def test_a_new_model_is_fitted_from_the_notes_alone(new: "Make", tmp_path: Path) -> None:
    entry, messages = new("Fresh", NewModel("vae", 5)), list[Message]()
    run_training(entry, tmp_path / "models", messages.append, lambda: False)
    done = messages[-1]
    assert isinstance(done, Done)
    model = load_model_file(done.path)
    assert (model.card.family, model.card.latent_size, model.card.frame_spec) == ("vae", 5, FULL_BAND_SPEC)
    assert (model.card.training.epochs, model.card.training.settings["retrain"]) == (EPOCHS, False)
    assert {note.pitch for note in model.bank} == set(range(48, 64))
    assert all(note.correction is not None for note in model.bank)
    assert "model before the training" not in done.verdict
    assert "(PCA " in done.verdict
    (pictures,) = kinds(messages, Pictures)
    assert isinstance(pictures, Pictures)
    assert pictures.start.any()
    assert [each.epoch for each in messages if isinstance(each, EpochDone)] == [1, 2]
    pca = load_model_file(next(each.path for each in messages if isinstance(each, Playable)))
    assert (pca.card.family, pca.card.latent_size) == ("pca", 5)


def test_a_new_pca_model_is_ready_without_training(new: "Make", tmp_path: Path) -> None:
    messages: list[Message] = []
    run_training(new("Plain", NewModel("pca", 3)), tmp_path / "models", messages.append, lambda: False)
    done = messages[-1]
    assert isinstance(done, Done)
    assert not kinds(messages, EpochDone)
    assert not kinds(messages, NoTorch)
    model = load_model_file(done.path)
    assert (model.card.family, model.card.latent_size) == ("pca", 3)
    assert all(note.correction is not None for note in model.bank)
    assert "ready to play" in done.verdict
    assert "pip" not in done.verdict


def test_only_the_same_training_is_continued(new: "Make", source: Path, base: Path, tmp_path: Path) -> None:
    library = TrainingLibrary(tmp_path / "trainings")
    fresh, tuned = new("Same", NewModel("vae", 5)), new("Same")
    assert library.unfinished("Same", source, NewModel("vae", 5)) == fresh
    assert library.unfinished("Same", source, FineTuning(base)) == tuned
    assert library.unfinished("Same", source, NewModel("vae", 6)) is None
    assert library.unfinished("Other", source, NewModel("vae", 5)) is None


def test_the_process_pauses_goes_on_and_is_cancelled(new: "Make", tmp_path: Path) -> None:
    entry = new("Job")
    job = TrainJob(entry.folder, tmp_path / "models")
    job.start()
    seen: list[Message] = []
    deadline = time.monotonic() + 600.0

    def wait_for(kind: type) -> None:
        while not kinds(seen, kind):
            assert time.monotonic() < deadline
            assert not job.done(), job.error
            seen.extend(job.take())
            time.sleep(0.05)

    wait_for(Playable)
    job.pause()  # after PCA, which waits too, and before the first batch: torch is imported between them
    wait_for(Pictures)
    assert job.paused
    time.sleep(1.0)
    assert not job.done()
    seen += job.take()
    assert not kinds(seen, EpochDone)
    job.go_on()
    while not job.done() and time.monotonic() < deadline:
        time.sleep(0.05)
    seen += job.take()
    assert job.error == ""
    assert job.result is not None
    assert job.result.path.is_file()
    second = TrainJob(new("Other").folder, tmp_path / "models")
    second.start()
    second.cancel()
    assert second.done()


def test_a_file_that_is_gone_is_told(new: "Make", tmp_path: Path) -> None:
    entry = new("Gone")
    entry = TrainingEntry(entry.folder, entry.plan.model_copy(update={"source": str(tmp_path / "nowhere")}))
    with pytest.raises(UserError, match="nowhere is not a folder"):
        run_training(entry, tmp_path / "models", lambda message: None, lambda: False)


def test_plans_are_checked(new: "Make", source: Path, base: Path, tmp_path: Path) -> None:
    library = TrainingLibrary(tmp_path / "trainings")
    with pytest.raises(UserError, match="0 recordings are used"):
        library.create("x", source, {}, FineTuning(base), licence="", epochs=1)
    with pytest.raises(UserError, match="1 to 64 characters"):
        library.create("", source, check_recordings(source).choices(), FineTuning(base), licence="", epochs=1)
    with pytest.raises(UserError, match="0 epochs; choose 1 to 400"):
        library.create("x", source, check_recordings(source).choices(), FineTuning(base), licence="", epochs=0)
    choices = check_recordings(source).choices()
    with pytest.raises(UserError, match="no model family 'mlp'; there are"):
        library.create("x", source, choices, NewModel("mlp"), licence="", epochs=1)
    with pytest.raises(UserError, match="a latent size of 1; choose 2 to 64"):
        library.create("x", source, choices, NewModel("vae", 1), licence="", epochs=1)
    first, second = new("Same"), new("Same")
    assert first.folder != second.folder
    both = first.plan.model_copy(update={"family": "vae"})
    write_plan(first.folder / PLAN_NAME, both)
    with pytest.raises(UserError, match="give one of them"):
        read_plan(first.folder / PLAN_NAME)
    (first.folder / PLAN_NAME).write_text('{"version": 2}')
    with pytest.raises(UserError, match="newer synth_app"):
        read_plan(first.folder / PLAN_NAME)
    assert [each.folder for each in library.entries()] == [second.folder]
    library.remove(second)
    assert not second.folder.exists()


def test_no_training_replaces_the_model_of_another(
    new: "Make", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = new("Same"), new("Same")
    assert first.plan.model != second.plan.model
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    models, messages = tmp_path / "models", list[Message]()
    models.mkdir()
    other = models / f"{first.plan.model}.safetensors"  # imported while the training ran
    save_model_file(other, small_model())
    before = other.read_bytes()
    run_training(first, models, messages.append, lambda: False)
    done = messages[-1]
    assert isinstance(done, Done)
    assert other.read_bytes() == before
    assert done.path != other
    assert load_model_file(done.path).card.name == done.path.stem == read_plan(first.folder / PLAN_NAME).model


GOOD = MelErrors(15.0, 4.8, 5.0)


@pytest.mark.parametrize(
    ("learned", "unseen", "words"),
    [
        (MelErrors(8.8, 2.5, 6.1), GOOD, "very near to the notes that it learned"),
        (MelErrors(8.8, 3.9, 6.1), GOOD, "recognizably near"),
        (MelErrors(8.8, 3.9, 6.1), GOOD, "ready to play"),
        (MelErrors(8.8, 5.5, 6.1), GOOD, "not yet near"),
        (MelErrors(8.8, 6.05, 6.1), GOOD, "helped little"),
        (MelErrors(8.8, 3.9, 6.1), MelErrors(5.0, 4.5, 5.0), "little better than with PCA"),
        (MelErrors(8.8, 3.9, 6.1), MelErrors(15.0, 5.3, 4.7), "lost by the training"),
    ],
)
def test_the_verdict_says_what_the_errors_mean(learned: MelErrors, unseen: MelErrors, words: str) -> None:
    said = verdict(learned, unseen, 9)
    assert words in said
    assert f"misses {learned.trained:.1f} dB per mel band (PCA {learned.pca:.1f} dB" in said
    assert "On 9 notes that it did not learn from" in said


def test_the_verdict_of_a_new_model_compares_with_pca() -> None:
    said = verdict(MelErrors(8.8, 3.9), MelErrors(8.0, 4.8), 9)
    assert "misses 3.9 dB per mel band (PCA 8.8 dB)" in said
    assert "model before" not in said
    assert "ready to play" in said
    assert "helped little" in verdict(MelErrors(8.8, 8.75), MelErrors(8.0, 8.0), 9)
    assert "little better than with PCA" in verdict(MelErrors(8.8, 3.9), MelErrors(8.0, 7.0), 9)


def test_a_choice_of_the_user_reaches_the_notes(new: "Make", tmp_path: Path) -> None:
    entry = new("Choices")
    kept = tuple(each.model_copy(update={"leave_out": each.path.startswith("pluck-06")}) for each in entry.plan.choices)
    entry = replace(entry, plan=entry.plan.model_copy(update={"choices": kept}))
    with pytest.raises(TrainingCancelled):
        run_training(entry, tmp_path / "models", lambda message: None, lambda: True)
    names = (entry.folder / "notes" / "audio").glob("*.wav")
    assert {int(path.stem.split("-")[1]) for path in names} == set(range(48, 60))
