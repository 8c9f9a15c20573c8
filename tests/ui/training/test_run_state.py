"""The lines that say what a training and the rendering of a blind test do."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from synth_app.session.trainings.library import TrainingEntry
from synth_app.session.trainings.messages import EpochDone, Step
from synth_app.session.trainings.plan import TrainingPlan
from synth_app.ui.training.abx_setup_page import AbxMaterial, AbxSetupPage
from synth_app.ui.training.run_page import RunPage
from synth_app.ui.training.run_state import RunState


def test_the_time_left_stays_while_the_model_of_an_epoch_is_made() -> None:
    plan = TrainingPlan(name="Pluck", model="pluck", source="/recordings", epochs=3, family="vae")
    state = RunState(TrainingEntry(Path("/trainings/pluck"), plan))
    state.add(Step("bank", 2, 24))
    assert state.status() == "Encoding the notes: 2 of 24"
    state.add(EpochDone(1, 3, 8.0, 9.0, 62.0, np.zeros((4, 4), np.uint8)))
    state.add(Step("bank", 24, 24))
    assert state.status() == "Epoch 2 of 3, about 60 seconds left"
    state.add(EpochDone(3, 3, 7.0, 8.0, 0.0, np.zeros((4, 4), np.uint8)))
    state.add(Step("corrections", 3, 24))
    assert state.status() == "Fitting what the model misses of each note: 3 of 24"


@pytest.mark.parametrize(("family", "epochs", "shown"), [("pca", 0, False), ("vae", 0, True), ("vae", 1, True)])
def test_graphs_are_shown_only_where_epochs_have_figures(family: str, epochs: int, shown: bool, qtbot: QtBot) -> None:
    plan = TrainingPlan(name="Pluck", model="pluck", source="/recordings", epochs=1, family=family)
    state, page = RunState(TrainingEntry(Path("/trainings/pluck"), plan)), RunPage("PCA")
    qtbot.addWidget(page)
    for number in range(epochs):
        state.add(EpochDone(number + 1, epochs, 8.0, 9.0, 0.0, np.zeros((4, 4), np.uint8)))
    page.show_state(state)
    assert page.progress.isVisibleTo(page) == shown


def test_a_blind_test_says_what_is_rendered(qtbot: QtBot) -> None:
    models = [("Warm", Path("warm")), ("Dull", Path("dull"))]
    page = AbxSetupPage(models, Path("warm"), lambda _: [AbxMaterial("A note")])
    qtbot.addWidget(page)
    assert page.start.isEnabled()
    for steps, text in (((0, 0), "Starting to render the sounds"), ((3, 8), "Rendering the sounds: 3 of 8")):
        page.show_progress(*steps)
        assert page.status.text() == text
        assert page.status.isVisibleTo(page)
        assert not page.start.isEnabled()
    page.show_problem("no room")
    assert not page.status.isVisibleTo(page)
    assert page.start.isEnabled()
