"""The latent panel: names, strength, locks, randomize, axes, and the preview of a move."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.handles import dimension_label, model_scale
from synth_app.params import HANDLE_REACH, HANDLES, SPECTRAL_HANDLES
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.session.edit.latent_edits import axis_values
from synth_app.ui.analyzers.spectrum_view import SpectrumView
from synth_app.ui.widgets.axis_text import axis_help, axis_strength
from synth_app.ui.window.demo.scripted_input import click
from tests.ui.conftest import Rig


def test_names_contain_the_effect_of_a_dimension(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    model = rig.store.model
    assert model is not None
    scale = model_scale(model)
    slopes = np.zeros_like(scale.slopes)
    slopes[2, 1], slopes[0, 1], slopes[5, 3] = -0.8, 0.4, 0.1  # z2 takes air away; z4 does almost nothing
    monkeypatch.setattr("synth_app.handles.dimension_names.model_scale", lambda _: replace(scale, slopes=slopes))
    assert dimension_label(model, 1) == "z2 air ↓"
    assert dimension_label(model, 3) == "z4"
    assert axis_strength(model, 1) == pytest.approx(0.8)
    assert axis_strength(model, 0) == 0.0
    assert "air −0.8, brightness +0.4" in axis_help(model, 1)
    own = model.card.model_copy(update={"axis_names": ("", "growl", *model.card.axis_names[2:])})
    monkeypatch.setattr(type(model), "card", own)
    assert dimension_label(model, 1) == "growl", "the card's own name is kept"


def test_a_slider_shows_the_histogram_of_the_bank(rig: Rig) -> None:
    slider = rig.window.work.latent.sliders[0]
    low, high = rig.store.ranges[0]
    counts, _ = np.histogram(rig.store.note_centers[:, 0], 32, (low, high))
    np.testing.assert_allclose(slider._histogram, counts / counts.max())


def test_a_click_or_a_key_locks_and_randomize_keeps_locked_sliders(rig: Rig) -> None:
    panel = rig.window.work.latent
    slider = panel.sliders[4]
    before = slider.value
    click(slider, QPointF(slider.lock_rect().center()))
    assert rig.store.state.locked == {4}
    assert slider.value == before, "a click on the lock is not a drag"
    assert "locked" in slider.accessibleDescription()
    QTest.keyClick(panel.sliders[6], Qt.Key.Key_Space)
    assert rig.store.state.locked == {4, 6}
    values = rig.store.latents.values()
    click(panel.randomize_button, QPointF(5, 5))
    moved = np.flatnonzero(rig.store.latents.values() != values)
    assert 4 not in moved
    assert 6 not in moved
    assert len(moved) > 8
    click(slider, QPointF(slider.lock_rect().center()))
    assert rig.store.state.locked == {6}


def test_axes_show_and_move_the_same_latent_vector(rig: Rig) -> None:
    panel, model = rig.window.work.latent, rig.store.model
    assert model is not None
    panel.modes.chosen.emit("axes")
    click(panel.modes.buttons["axes"], QPointF(8, 8))
    assert [axis.isVisible() for axis in panel.axes] == [True] * 6 + [False] * 10
    assert not panel.sliders[0].isVisible()
    panel.expand_button.click()
    assert all(axis.isVisible() for axis in panel.axes)
    axis = panel.axes[3]
    axis.change(axis.value + 0.05)
    assert axis_values(model.stats, rig.store.latents.values())[3] == pytest.approx(axis.value, abs=1e-6)
    rig.store.latents.set(0, float(rig.store.latents.center()[0]) + 0.3)
    expected = axis_values(model.stats, rig.store.latents.values())
    assert panel.axes[0].value == pytest.approx(axis.spec.clamp(float(expected[0])))


def test_hidden_sliders_have_current_values(rig: Rig) -> None:
    """A MIDI controller can move hidden sliders."""
    panel, store = rig.window.work.latent, rig.store
    assert store.model is not None
    store.latents.set(0, float(store.ranges[0][1]))
    expected = axis_values(store.model.stats, store.latents.values())
    for axis, value in zip(panel.axes, expected, strict=True):
        assert not axis.isVisible()
        assert axis.value == pytest.approx(axis.spec.clamp(float(value)))
    panel.modes.chosen.emit("axes")
    click(panel.modes.buttons["axes"], QPointF(8, 8))
    assert panel.axes[0].isVisible()
    assert panel.axes[0].text() in panel.axes[0].accessibleDescription(), (
        "the description is updated when the slider is shown"
    )
    panel.axes[1].change(panel.axes[1].value + 0.5)
    assert panel.sliders[2].value == pytest.approx(panel.sliders[2].spec.clamp(float(store.latents.values()[2])))


def test_pointing_at_a_slider_previews_its_effect(rig: Rig) -> None:
    work = rig.window.work
    rig.window.feed.tick()
    slider, canvas = work.latent.sliders[0], work.view_of(SpectrumView).canvas
    rig.audio.sent.clear()
    slider.pointed.emit(True)
    assert canvas.effect is not None
    hz, down, up = canvas.effect
    assert len(hz) == len(down) == len(up)
    assert np.abs(up - down).max() > 1.0
    assert not rig.audio.sent, "a preview sends nothing"
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


def test_only_sliders_whose_appearance_changes_are_painted(rig: Rig) -> None:
    """Moves by hundredths of a pixel paint nothing; larger moves paint every slider that moves."""
    store, sliders = rig.store, rig.window.work.latent.sliders
    rig.window.work.latent.show_mode("latent")
    rig.window.work.latent.expand_button.click()
    QTest.qWait(50)  # the rows take their new places
    store.slots.choose("b", len(store.bank) - 1)
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
    assert len(painted) <= 2, "only at a rounding boundary"
    np.testing.assert_allclose([slider.value for slider in sliders], store.latents.values(), atol=1e-9)
    painted.clear()
    store.set_morph(1.0)
    QApplication.processEvents()
    moving = np.abs(store.slots.center("b") - store.slots.center("a")) > 0.05
    assert set(painted) >= {slider for slider, moves in zip(sliders, moving, strict=True) if moves}
    assert all(slider.appearance() == slider._shown_appearance for slider in sliders), (
        "what was painted last is what is true"
    )


def test_a_slider_moved_without_the_store_is_reset_by_the_next_change(rig: Rig) -> None:
    slider, store = rig.window.work.latent.sliders[3], rig.store
    rig.window.work.latent.show_mode("latent")
    truth = slider.value
    slider.set_value(slider.spec.maximum)
    store.latents.set(0, float(store.ranges[0][1]))
    assert slider.value == pytest.approx(truth)
    assert slider.appearance() == slider._shown_appearance


def test_the_first_page_shows_the_handles_of_the_sound(rig: Rig) -> None:
    panel, store = rig.window.work.latent, rig.store
    assert panel.modes.choice == "handles"
    assert [each.spec.label for each in panel.shown_sliders] == [handle.label for handle in HANDLES]
    assert all(each.isVisible() for each in panel.shown_sliders)
    assert not any(each.isVisible() for each in (*panel.sliders, *panel.axes))
    edits = HandleEdits(store)
    for index in (0, len(store.bank) - 1):
        store.slots.show("a", index)
        expected = edits.positions()
        np.testing.assert_allclose(
            [each.value for each in panel.shown_sliders], np.clip(expected, -HANDLE_REACH, HANDLE_REACH), atol=1e-6
        )


def test_a_handle_moves_the_latent_vector_and_shows_where_it_arrived(rig: Rig) -> None:
    panel, store = rig.window.work.latent, rig.store
    handle, sliders = panel.shown_sliders[4], panel.shown_sliders
    before = [each.value for each in sliders]
    handle.change(handle.value - 0.5)
    assert any(store.patch.offset)
    assert handle.value - before[4] == pytest.approx(-0.5, abs=0.15)
    assert [each.value for each in sliders] == pytest.approx(np.clip(HandleEdits(store).positions(), -4, 4), abs=1e-6)
    panel.reset_button.click()
    assert [each.value for each in sliders] == pytest.approx(before, abs=1e-6)


def test_a_handle_that_cannot_get_there_says_how_far_it_gets(rig: Rig) -> None:
    panel, told = rig.window.work.latent, list[str]()
    panel.message.connect(told.append)
    panel.shown_sliders[4].change(panel.shown_sliders[4].value - 0.1)
    assert told == []
    handle = panel.shown_sliders[0]
    handle.change(-HANDLE_REACH)
    assert handle.value > -HANDLE_REACH
    assert told == [f"Brightness goes no further than {handle.text()} in this sound while the other handles are held"]


def test_pointing_at_a_handle_previews_what_it_adds_and_takes_away(rig: Rig) -> None:
    work = rig.window.work
    rig.window.feed.tick()
    canvas = work.view_of(SpectrumView).canvas
    for each in work.latent.shown_sliders[: len(SPECTRAL_HANDLES)]:
        each.pointed.emit(True)
        assert canvas.effect is not None
        _, down, up = canvas.effect
        assert np.abs(up - down).max() > 1.0
        assert canvas.legend() == ("output", "decoded", "a step up", "a step down")
        each.pointed.emit(False)
        assert canvas.effect is None
        assert "a step up" not in canvas.legend()


def test_a_bank_that_is_too_small_for_handles_shows_the_dimensions(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HandleEdits, "available", False)
    panel, model = rig.window.work.latent, rig.store.model
    assert model is not None
    rig.store.load_model_data(model, rig.store.patch.model)
    assert panel.modes.choice == "latent"
    assert not panel.modes.buttons["handles"].isEnabled()
    assert panel.sliders[0].isVisible()


def test_dimensions_are_ordered_by_audibility_and_quiet_ones_are_folded(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, store = rig.window.work.latent, rig.store
    changes_db = np.arange(16.0)  # the last one is the most audible; 0 and 1 are quiet
    monkeypatch.setattr("synth_app.ui.latent.latent_panel.model_changes_db", lambda _: changes_db)
    assert store.model is not None
    store.load_model_data(store.model, store.patch.model)
    panel.show_mode("latent")
    QApplication.processEvents()
    shown = sorted((each for each in panel.sliders if each.isVisible()), key=lambda each: each.y())
    assert shown == panel.sliders[:1:-1]
    assert panel.expand_button.text() == "2 quiet dimensions"
    panel.expand_button.click()
    assert all(each.isVisible() for each in panel.sliders)
    assert panel.expand_button.text() == "Hide quiet dimensions"
