"""The rendered way: closer than the live way by its own measure, with progress and cancel."""

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style import LevelModel, Style, live_style, rendered_style
from synth_app.style.rendered import ITERATIONS, _problem, smoothed
from synth_app.texture import audible_bands, texture_distance, texture_statistics


def test_it_comes_closer_to_the_style_than_the_live_way(model: Model, content: UserNote, rain_style: Style) -> None:
    done: list[tuple[int, int]] = []
    rendered = rendered_style(model, content, rain_style, progress=lambda n, of: done.append((n, of)))
    assert rendered is not None
    levels, rate = LevelModel(model, content), 1.0 / model.spec.hop_seconds
    inside = slice(30, content.marks[3] - 10)

    def distance(note: UserNote) -> float:
        found = levels(note.codes(), note.gains()).levels_db[inside]
        weights = audible_bands(levels(content.codes(), content.gains()).levels_db[inside]) * rain_style.audible
        return texture_distance(texture_statistics(found, rate), rain_style.statistics, weights)

    live = distance(live_style(model, content, rain_style))
    assert distance(rendered) < 0.85 * live
    assert live < 0.6 * distance(content)
    assert [n for n, _ in done] == list(range(1, len(done) + 1))
    assert 10 <= len(done) <= ITERATIONS
    assert {of for _, of in done} == {ITERATIONS}
    assert (rendered.pitch, rendered.marks, rendered.correction) == (content.pitch, content.marks, content.correction)


def test_it_can_be_cancelled(model: Model, content: UserNote, rain_style: Style) -> None:
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls == 3

    assert rendered_style(model, content, rain_style, cancelled=cancelled) is None
    assert calls == 3


def test_the_gradient_of_the_objective_is_its_slope(model: Model, content: UserNote, rain_style: Style) -> None:
    problem, rng = _problem(model, content, rain_style), np.random.default_rng(4)
    x = 0.3 * rng.standard_normal(len(content.gains()) * (model.card.latent_size + 1))
    _, gradient = problem(x)
    direction = rng.standard_normal(x.shape)
    step = 1e-3
    quotient = (problem(x + step * direction)[0] - problem(x - step * direction)[0]) / (2.0 * step)
    size = float(np.linalg.norm(gradient) * np.linalg.norm(direction))
    assert float(gradient @ direction) == pytest.approx(quotient, abs=0.01 * size)


def test_smoothing_is_symmetrical_and_stops_alternation() -> None:
    a, b = np.random.default_rng(1).standard_normal((2, 12, 3))
    assert float(np.sum(smoothed(a) * b)) == pytest.approx(float(np.sum(a * smoothed(b))))
    alternating = np.tile([[1.0], [-1.0]], (6, 1))
    assert np.abs(smoothed(alternating)[1:-1]).max() == 0.0
