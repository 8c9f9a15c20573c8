"""Textures as data, and what they add: the engine plays the live way for any amount, whatever the model's frames."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.benchmarks.style.played import HELD_S, LEAD_S
from synth_app.decoder import Model, load_model
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.modelfile import find_model
from synth_app.patch import ENGINE_RATE, Event, NoteOn, Patch, UserNote
from synth_app.patch.initial_patch import initial_patch
from synth_app.style import (
    Style,
    StyleSource,
    live_style,
    style_change,
    style_of_texture,
    take_texture,
    texture_of,
    with_style_changes,
)
from synth_app.support.errors import UserError


def sound(patch: Patch, key: int) -> np.ndarray:
    engine = Engine()
    engine.install(prepare_instrument(patch.model), patch)
    return render_events(engine, (Event(0, NoteOn(key)),), round((LEAD_S + HELD_S) * ENGINE_RATE))


@pytest.mark.parametrize("amount", [0.4, 1.0])
def test_the_knob_plays_the_live_way(model: Model, content: UserNote, rain_style: Style, amount: float) -> None:
    texture = texture_of(model, rain_style)
    start = replace(initial_patch(str(find_model("pitched-vae-48k")), model.card), user_notes=(content, content))
    made = live_style(model, content, style_of_texture(model, texture), amount)
    wanted = sound(replace(start, user_notes=(made, made)), 60)
    styled = with_style_changes(replace(start, style_texture=texture).with_param("style", amount), model)
    assert styled.style_changes[0] is styled.style_changes[1], "the same note is solved once"
    apart = sound(styled, 60) - wanted
    assert np.sqrt(np.mean(apart**2)) < (0.03 if amount == 1.0 else 0.1) * np.sqrt(np.mean(wanted**2))
    assert np.sqrt(np.mean((sound(start, 60) - wanted) ** 2)) > 0.3 * np.sqrt(np.mean(wanted**2))


def test_a_texture_as_data_is_the_same_style(model: Model, rain_style: Style) -> None:
    again = style_of_texture(model, texture_of(model, rain_style))
    np.testing.assert_allclose(again.moving_db, rain_style.moving_db, atol=0.02)  # half precision
    np.testing.assert_array_equal(again.audible, rain_style.audible)
    assert (again.name, again.step) == ("rain", rain_style.step)


def test_a_texture_keeps_its_movement_in_a_model_with_other_frames(model: Model) -> None:
    other = load_model("residual-vae-16k")
    assert (other.spec.hop_seconds, other.spec.sample_rate) != (model.spec.hop_seconds, model.spec.sample_rate)
    moved = style_of_texture(other, take_texture(model, StyleSource("engine")))
    own = style_of_texture(other, take_texture(other, StyleSource("engine")))
    seconds = len(moved.moving_db) * other.spec.hop_seconds
    assert seconds == pytest.approx(6.0, abs=0.1)
    heard = (moved.audible * own.audible) > 0
    assert heard.sum() > 8
    ratio = moved.statistics.deviation_db[heard] / own.statistics.deviation_db[heard]
    assert 0.5 < np.median(ratio) < 1.6


def test_changes_are_small_and_at_amount_0_nothing(model: Model, content: UserNote, rain_style: Style) -> None:
    change = style_change(model, content, texture_of(model, rain_style))
    assert np.all(change.gains()[0] == 0.0)
    assert np.abs(change.codes()).max() > 0.1
    assert change.codes().shape == content.codes().shape


def test_long_sounds_are_cut_and_unusable_sources_are_refused(model: Model, tmp_path: object) -> None:
    with pytest.raises(UserError, match="unknown texture"):
        take_texture(model, StyleSource("snow"))
    recurrent = load_model("lstm-ae-16k")
    with pytest.raises(UserError, match="recurrent"):
        style_change(recurrent, UserNote.of(recurrent.bank[0]), take_texture(model, StyleSource("rain")))
