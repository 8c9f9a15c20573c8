"""Sliders that mean something: names, strength, locks, chance, axes, and what a move would do."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.modelfile import AxisTrait, ModelCard
from synth_app.session.edit.latent_edits import axis_values
from synth_app.ui.widgets.axis_text import axis_help, axis_label, axis_strength
from synth_app.ui.window.scripted_input import click
from tests.ui.conftest import Rig


@pytest.fixture
def card(rig: Rig) -> ModelCard:
    assert rig.store.model is not None
    some = (AxisTrait(name="brightness", r=-0.82), AxisTrait(name="bass", r=0.4))
    names = ("noisiness", *rig.store.model.card.axis_names[1:])
    return rig.store.model.card.model_copy(update={"axis_traits": (some,) * 15 + ((),), "axis_names": names})


def test_names_say_what_a_dimension_follows(card: ModelCard, rig: Rig) -> None:
    assert axis_label(card, 0) == "noisiness", "a name that the card gives stays"
    assert axis_label(card, 1) == "z2 brightness ↓"
    assert axis_label(card, 15) == "z16"
    assert (axis_strength(card, 1), axis_strength(card, 15)) == (0.82, 0.0)
    assert "brightness −0.82, bass +0.40" in axis_help(card, 1)
    assert rig.store.model is not None
    assert axis_strength(rig.store.model.card, 0) is None, "an older file was never measured"


def test_the_spread_is_the_banks_histogram(rig: Rig) -> None:
    slider = rig.window.work.latent.sliders[0]
    low, high = rig.store.ranges[0]
    counts, _ = np.histogram(rig.store.note_centers[:, 0], 32, (low, high))
    np.testing.assert_allclose(slider._spread, counts / counts.max())


def test_a_lock_is_a_click_or_a_key_and_keeps_its_slider(rig: Rig) -> None:
    panel = rig.window.work.latent
    slider = panel.sliders[4]
    before = slider.value
    click(slider, QPointF(slider.lock_rect().center()))
    assert rig.store.state.locked == {4}
    assert slider.value == before, "the click on the lock is no drag"
    assert "locked" in slider.accessibleDescription()
    QTest.keyClick(panel.sliders[6], Qt.Key.Key_Space)
    assert rig.store.state.locked == {4, 6}
    values = rig.store.latent_values()
    click(panel.dice, QPointF(5, 5))
    moved = np.flatnonzero(rig.store.latent_values() != values)
    assert 4 not in moved
    assert 6 not in moved
    assert len(moved) > 8
    click(slider, QPointF(slider.lock_rect().center()))
    assert rig.store.state.locked == {6}


def test_axes_show_and_move_the_same_code(rig: Rig) -> None:
    panel, model = rig.window.work.latent, rig.store.model
    assert model is not None
    panel.modes.chosen.emit("axes")
    click(panel.modes.buttons["axes"], QPointF(8, 8))
    assert [axis.isVisible() for axis in panel.axes] == [True] * 6 + [False] * 10
    assert not panel.sliders[0].isVisible()
    panel.more.click()
    assert all(axis.isVisible() for axis in panel.axes)
    axis = panel.axes[3]
    axis.change(axis.value + 0.05)
    assert axis_values(model.stats, rig.store.latent_values())[3] == pytest.approx(axis.value, abs=1e-6)
    rig.store.set_latent(0, float(rig.store.center()[0]) + 0.3)
    expected = axis_values(model.stats, rig.store.latent_values())
    assert panel.axes[0].value == pytest.approx(axis.spec.clamp(float(expected[0])))


def test_sliders_out_of_sight_tell_the_truth(rig: Rig) -> None:
    """A learned controller moves them without looking."""
    panel, store = rig.window.work.latent, rig.store
    assert store.model is not None
    store.set_latent(0, float(store.ranges[0][1]))
    expected = axis_values(store.model.stats, store.latent_values())
    for axis, value in zip(panel.axes, expected, strict=True):
        assert not axis.isVisible()
        assert axis.value == pytest.approx(axis.spec.clamp(float(value)))
    panel.modes.chosen.emit("axes")
    click(panel.modes.buttons["axes"], QPointF(8, 8))
    assert panel.axes[0].isVisible()
    assert panel.axes[0].text() in panel.axes[0].accessibleDescription(), "described again where it can be seen"
    panel.axes[1].change(panel.axes[1].value + 0.5)
    assert panel.sliders[2].value == pytest.approx(panel.sliders[2].spec.clamp(float(store.latent_values()[2])))


def test_pointing_at_a_slider_shows_what_it_would_do(rig: Rig) -> None:
    work = rig.window.work
    rig.window.feed.tick()
    slider, canvas = work.latent.sliders[0], work.spectrum.canvas
    rig.audio.sent.clear()
    slider.pointed.emit(True)
    assert canvas.effect is not None
    hz, down, up = canvas.effect
    assert len(hz) == len(down) == len(up)
    assert np.abs(up - down).max() > 1.0
    assert not rig.audio.sent, "before it is moved"
    slider.pointed.emit(False)
    assert canvas.effect is None


def test_the_picture_of_a_slider_changes_with_lock_and_strength(rig: Rig, tmp_path: Path) -> None:
    slider = rig.window.work.latent.sliders[2]
    plain = slider.grab().toImage()
    slider.set_locked(True)
    locked = slider.grab().toImage()
    assert locked != plain
    slider.set_strength(0.9)
    assert slider.grab().toImage() != locked


def test_sliders_are_painted_only_where_they_look_otherwise(rig: Rig) -> None:
    """The fader in hundredths of a pixel: nothing is painted; in whole ones everything that moves is, and rightly."""
    store, sliders = rig.store, rig.window.work.latent.sliders
    store.choose_slot("b", len(store.bank) - 1)
    store.set_morph(0.5)
    QApplication.processEvents()
    painted: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
                painted.append(watched)
            return False

    watch = Watch()
    for slider in sliders:
        slider.installEventFilter(watch)
    for step in range(20):
        store.set_morph(0.5 + 1e-7 * step)
        QApplication.processEvents()
    assert len(painted) <= 2, "at most where a boundary was crossed"
    np.testing.assert_allclose([slider.value for slider in sliders], store.latent_values(), atol=1e-9)
    painted.clear()
    store.set_morph(1.0)
    QApplication.processEvents()
    moving = np.abs(store.slot_center("b") - store.slot_center("a")) > 0.05
    assert set(painted) >= {slider for slider, moves in zip(sliders, moving, strict=True) if moves}
    assert all(slider.looks() == slider._seen for slider in sliders), "what was painted last is what is true"


def test_what_a_hand_moved_and_the_store_did_not_take_is_put_back(rig: Rig) -> None:
    slider, store = rig.window.work.latent.sliders[3], rig.store
    truth = slider.value
    slider.set_value(slider.spec.maximum)
    store.set_latent(0, float(store.ranges[0][1]))
    assert slider.value == pytest.approx(truth)
    assert slider.looks() == slider._seen
