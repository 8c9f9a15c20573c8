"""A finished training that is opened again, as after a restart: nothing runs, so nothing reports its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from synth_app.dataset.recordings import FileChoice
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.session.trainings.library import PCA_FILE, TrainingEntry, TrainingLibrary
from synth_app.session.trainings.plan import PLAN_NAME, NewModel, TrainingPlan, write_plan
from synth_app.ui.training.run_page import RunPage
from synth_app.ui.training.start_page import StartPage
from tests.ui.conftest import Rig
from tests.ui.training.steps import click, run_page

VERDICT = "On 1 note that it did not learn from, PCA misses 4.0 dB per mel band. It is ready to play."


@pytest.fixture
def finished(home: Path, base: Path) -> TrainingEntry:
    """A PCA training that has ended: its plan with the verdict, PCA, and the model among the user's."""
    folder = home / "trainings" / "pluck"
    plan = TrainingPlan(
        name="Pluck", model="pluck", source="/recordings", epochs=1, family="pca", latent_size=4, verdict=VERDICT
    )
    write_plan(folder / PLAN_NAME, plan)
    entry = TrainingEntry(folder, plan)
    model = load_model_file(base)
    entry.result.parent.mkdir(parents=True)
    for path in (folder / PCA_FILE, entry.result):
        save_model_file(path, replace(model, card=model.card.model_copy(update={"title": "Pluck"})))
    return entry


def reopen(rig: Rig) -> RunPage:
    page = rig.window.training.open().page
    assert isinstance(page, StartPage)
    assert page.lists.trainings.item(0).text() == "Pluck · finished"
    click(page.lists.training_buttons[0])
    return run_page(rig)


def test_it_shows_its_end_its_verdict_and_its_model(rig: Rig, finished: TrainingEntry) -> None:
    page = reopen(rig)
    assert page.status.text() == "Finished"
    assert page.verdict.text() == VERDICT
    assert page.verdict.isVisible()
    assert not page.stop.isVisible(), "nothing runs"
    assert not page.pause.isVisible()
    assert [page.models.item(i).text() for i in range(page.models.count())] == ["PCA", "The finished model"]
    heard: list[object] = []
    page.listen_requested.connect(heard.append)
    click(page.listen)
    assert heard == [finished.result], "the finished model is chosen"


def test_it_says_that_its_model_was_deleted(rig: Rig, finished: TrainingEntry) -> None:
    finished.result.unlink()
    page = reopen(rig)
    assert page.status.text() == "Finished. Its model was deleted: there is no pluck.safetensors among your models"
    assert page.verdict.text() == VERDICT
    assert [page.models.item(i).text() for i in range(page.models.count())] == ["PCA"]


def test_a_later_training_does_not_take_the_name_of_a_deleted_model(
    finished: TrainingEntry, source: Path, home: Path
) -> None:
    finished.result.unlink()
    choices = {path: FileChoice() for path in source.iterdir()}
    entry = TrainingLibrary().create("Pluck", source, choices, NewModel("pca", 4), licence="CC0", epochs=1)
    assert entry.result != finished.result, "it would be shown as the model of the first one"
