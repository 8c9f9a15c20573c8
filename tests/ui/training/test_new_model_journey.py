"""A new model is fitted in the window, then compared blind with another one, by the keyboard alone."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.audio.protocol.messages import PlaySample, SampleState
from synth_app.modelfile import read_card
from synth_app.ui.training.abx_page import AbxPage
from synth_app.ui.training.abx_setup_page import AbxSetupPage
from synth_app.ui.training.own_lists import OwnLists
from tests.ui.conftest import Rig
from tests.ui.training.blind_test import answer
from tests.ui.training.steps import checked, click, open_start, run_page, wait_for

pytestmark = pytest.mark.timeout(900)  # processes start, import torch, train and render


def test_a_new_model_is_fitted_and_compared_blind(rig: Rig, qtbot: QtBot, home: Path, source: Path, base: Path) -> None:
    models = home / "data" / "synth_app" / "models"
    models.mkdir(parents=True)
    (models / "base.safetensors").write_bytes(base.read_bytes())
    path = fit_new(rig, qtbot, source, base)
    setup = open_comparison(rig, qtbot, path)
    assert setup.material.currentText() == "Recordings of pluck"
    setup.trials.setValue(6)
    click(setup.start)
    wait_for(qtbot, lambda: isinstance(shown(rig), AbxPage))
    take_test(rig)


def fit_new(rig: Rig, qtbot: QtBot, source: Path, base: Path) -> Path:
    """Fit a small variational autoencoder and return its file."""
    page = open_start(rig, source, base)
    fields = page.beginning
    assert not fields.families.isVisible()
    fields.way.buttons["new"].click()
    assert fields.families.isVisible()
    assert not fields.models.isVisible()
    fields.families.setCurrentIndex(fields.families.findData("vae"))
    assert "points between the notes" in fields.summary.text()
    fields.size.setValue(4)
    click(page.check)
    check = checked(rig, qtbot, epochs=3)
    wait_for(qtbot, lambda: "about" in check.length.currentText())  # the time is measured
    click(check.train)
    control = rig.window.training
    wait_for(qtbot, lambda: control.state is not None and control.state.pictures is not None)
    assert run_page(rig).graph.extent()[0] == (1.0, 3.0)
    assert "PCA" in [each.accessibleName() for each in run_page(rig).strips]
    wait_for(qtbot, lambda: not control.running)
    assert control.state is not None
    assert control.state.error == ""
    assert control.state.done is not None
    card = read_card(control.state.done.path)
    assert (card.family, card.latent_size, card.training.epochs) == ("vae", 4, 3)
    assert len(run_page(rig).valid_curve.getData()[0]) == 3
    assert "(PCA " in run_page(rig).verdict.text()
    return control.state.done.path


def open_comparison(rig: Rig, qtbot: QtBot, path: Path) -> AbxSetupPage:
    """Open the page that sets up a comparison of the new model with the base."""
    click(run_page(rig).back)
    assert rig.window.training.window is not None
    (lists,) = rig.window.training.window.findChildren(OwnLists)
    lists.choose_model(path)
    button = next(each for each in lists.model_buttons if each.text() == "Compare…")
    click(button)
    page = shown(rig)
    assert isinstance(page, AbxSetupPage)
    assert page.a.currentData() == path
    page.b.setCurrentIndex(page.b.findText(read_card(path.with_name("base.safetensors")).title))
    page.a.setCurrentIndex(page.b.currentIndex())
    click(page.start)
    assert "same model" in page.problem.text()
    page.a.setCurrentIndex([page.a.itemData(i) for i in range(page.a.count())].index(path))
    return page


def take_test(rig: Rig) -> None:
    """Answer all trials by the keyboard as somebody with perfect ears, then those of a second test by guessing."""
    page, abx = shown(rig), rig.window.training.abx
    assert isinstance(page, AbxPage)
    assert abx.test is not None
    assert not page.end.isEnabled()
    first_order = abx.test.hidden
    for i, side in enumerate(first_order, start=1):
        assert page.heading.text() == f"Trial {i} of 6"
        QTest.keyClick(page, Qt.Key.Key_A)
        played = rig.audio.samples[-1]
        assert isinstance(played, PlaySample)
        a, b = (np.fromfile(each, np.float32) for each in played.paths)
        assert (len(a), played.which) == (len(b), 0)
        assert rig.window.sounds.playing == "", "the page of the user's sounds is silent"
        QTest.keyClick(page, Qt.Key.Key_B)
        assert rig.audio.samples[-1] == 1
        QTest.keyClick(page, Qt.Key.Key_X)
        assert rig.audio.samples[-1] == "ab".index(side)
        rig.window.handle_report(SampleState(played.number, playing=False))
        assert abx.heard == ""
        QTest.keyClick(page, Qt.Key.Key_1 if side == "a" else Qt.Key.Key_2)
        if i == 3:  # a change of theme or zoom
            rig.window.training.rebuild()
            page = shown(rig)
            assert isinstance(page, AbxPage)
    assert page.heading.text() == "6 of 6 right"
    assert page.result.text().startswith("You hear the difference. Guessing does as well in 1.6 %")
    assert page.marks.text() == "Trials 1–6 right"
    assert not page.sounds["x"].isVisible()
    click(page.again)
    again = shown(rig)
    assert isinstance(again, AbxPage)
    for _ in range(3):
        answer(again, Qt.Key.Key_1)
    click(again.end)
    assert "Too few trials" in again.result.text()
    rig.window.training.abx.question = None
    click(again.back)
    assert rig.window.training.abx.question is None, "the result is known: nothing is lost"
    setup = shown(rig)
    assert isinstance(setup, AbxSetupPage)
    assert (setup.material.currentText(), setup.trials.value()) == ("Recordings of pluck", 6)
    click(setup.back)
    assert rig.window.training.window is not None
    assert rig.window.training.window.findChildren(OwnLists)


def shown(rig: Rig) -> object:
    assert rig.window.training.window is not None
    return rig.window.training.window.page
