"""The live way, judged by the engine's sound: texture moves, content stays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synth_app.benchmarks.style.played import Heard, Player, share
from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_model
from synth_app.patch import UserNote
from synth_app.style import LevelModel, Style, live_style, note_at, path_step, styled_path
from synth_app.style.path import MOST_STEP, limited
from synth_app.support.errors import UserError


@pytest.fixture(scope="module")
def player(model: Model) -> Player:
    return Player(model, str(find_model("pitched-vae-48k")))


@pytest.fixture(scope="module")
def heard(player: Player, content: UserNote) -> Heard:
    return player.hear(player.play(content), content.pitch)


def test_the_sound_takes_on_the_texture_and_keeps_its_content(
    model: Model, player: Player, content: UserNote, heard: Heard, engine_style: Style
) -> None:
    path, levels = styled_path(model, content, engine_style), LevelModel(model, content)
    results = [
        player.hear(player.play(note_at(model, levels, path, amount)), content.pitch if amount == 1.0 else None)
        for amount in (0.5, 1.0)
    ]
    half, full = (share(heard, engine_style, each) for each in results)
    assert 0.3 < half < full - 0.05
    assert full > 0.7
    kept = player.kept(heard, results[1])
    assert kept.loudness_db < 2.0
    assert kept.pitch is not None
    assert kept.pitch > 0.95
    assert kept.onset > 0.7


def test_it_plays_at_other_keys(model: Model, player: Player, content: UserNote, engine_style: Style) -> None:
    styled = live_style(model, content, engine_style)
    for key in (53, 67):
        before = player.hear(player.play(content, key), None)
        assert share(before, engine_style, player.hear(player.play(styled, key), None)) > 0.5


def test_amount_0_is_the_content_and_the_rest_stays(model: Model, content: UserNote, rain_style: Style) -> None:
    assert live_style(model, content, rain_style, 0.0) == content
    styled = live_style(model, content, rain_style)
    assert (styled.name, styled.pitch, styled.marks, styled.correction) == (
        content.name, content.pitch, content.marks, content.correction,
    )  # fmt: skip
    attack, release = content.marks[0], content.marks[3]
    np.testing.assert_array_equal(styled.codes()[:attack], content.codes()[:attack])
    np.testing.assert_array_equal(styled.codes()[release:], content.codes()[release:])
    again = live_style(model, content, rain_style)
    assert again == styled


def test_a_path_moves_no_more_quickly_than_content_and_style(
    model: Model, content: UserNote, rain_style: Style
) -> None:
    step = max(path_step(content.codes(), model.stats.std), rain_style.step)
    styled = live_style(model, content, rain_style)
    assert path_step(styled.codes(), model.stats.std) <= MOST_STEP * step
    wild = 50.0 * np.random.default_rng(1).standard_normal(content.codes().shape)
    kept = limited(content.codes(), wild, model, 0.4)
    moved = path_step(content.codes() + kept, model.stats.std)
    assert moved == pytest.approx(MOST_STEP * max(0.4, path_step(content.codes(), model.stats.std)), rel=1e-3)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_amounts_out_of_range_are_refused(model: Model, content: UserNote, rain_style: Style, amount: float) -> None:
    with pytest.raises(UserError, match="outside 0"):
        live_style(model, content, rain_style, amount)


def test_foreign_notes_and_recurrent_models_are_refused(model: Model, content: UserNote, rain_style: Style) -> None:
    changes: dict[str, Any] = {"latent_size": 8, "z": content.codes()[:, :8].tobytes()}
    with pytest.raises(UserError, match="8 latent dimensions"):
        live_style(model, replace(content, **changes), rain_style)
    recurrent = load_model("lstm-ae-16k")
    note = UserNote.of(recurrent.bank[0])
    with pytest.raises(UserError, match="recurrent"):
        LevelModel(recurrent, note)
