"""Shapes as points and as curves, against the engine."""

import numpy as np
import pytest

from synth_app.engine.control.envelope import adsr
from synth_app.engine.control.lfo import drawn_table, drawn_value, lfo_value
from synth_app.patch.modulation_matrix import LFO_SHAPES, MAX_LFO_POINTS, Lfo, LfoShape, ModEnvelope, Modulation, Point
from synth_app.session.edit import lfo_points
from synth_app.session.edit.mod_curves import envelope_levels, lfo_curve
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.support.errors import UserError


@pytest.mark.parametrize("shape", LFO_SHAPES[:5])
def test_a_shape_as_points_plays_like_the_shape(shape: LfoShape) -> None:
    drawn = Lfo("drawn", points=lfo_points.shape_points(Lfo(shape, phase=0.3)))
    table = drawn_table(drawn.points)
    turns = np.arange(0.0013, 2.0, 0.0071)
    near_jump = np.min(np.abs(turns[:, np.newaxis] - np.arange(0.0, 2.1, 0.5)), axis=1) < 0.005
    played = np.array([lfo_value(LFO_SHAPES.index(shape), float(t), 0) for t in turns])
    redrawn = np.array([drawn_value(table, float(t)) for t in turns])
    np.testing.assert_allclose(redrawn[~near_jump], played[~near_jump], atol=0.03)


def test_random_shapes_become_their_example() -> None:
    for shape in ("sample & hold", "random"):
        points = lfo_points.shape_points(Lfo(shape))
        curve = lfo_curve(Lfo(shape), np.array([0.25, 0.5, 0.75]))
        drawn = lfo_curve(Lfo("drawn", points=points), np.array([0.25, 0.5, 0.75]))
        np.testing.assert_allclose(drawn, curve, atol=0.03)


def test_points_of_a_cycle_are_moved_added_and_removed() -> None:
    points = lfo_points.shape_points(Lfo("triangle"))
    assert lfo_points.move(points, 1, 0.9, 2.0)[1] == (0.75, 1.0), "between its neighbours, within the range"
    assert lfo_points.move(points, 0, 0.5, -0.5)[0] == (0.0, -0.5)
    assert lfo_points.move(points, 3, 0.5, -0.5)[3] == (1.0, -0.5)
    added = lfo_points.add(points, 0.5, 0.5)
    assert added == (*points[:2], (0.5, 0.5), *points[2:])
    assert lfo_points.remove(added, 2) == points
    assert lfo_points.remove(points, 0) == points
    full = points
    while len(full) < MAX_LFO_POINTS:
        full = lfo_points.add(full, 0.6, 0.0)
    assert lfo_points.add(full, 0.5, 0.0) == full
    assert Lfo("drawn", points=full).points == full


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        (((0.0, 0.0),), "2 to 64"),
        (((0.0, 0.0),) * 65, "2 to 64"),
        (((0.0, 0.0), (0.5, 1.5), (1.0, 0.0)), "give -1 to 1"),
        (((0.0, 0.0), (0.7, 0.5), (0.5, 0.5), (1.0, 0.0)), "never back"),
        (((0.1, 0.0), (1.0, 0.0)), "from 0 to 1"),
        (((0.0, float("nan")), (1.0, 0.0)), "give -1 to 1"),
    ],
)
def test_cycles_that_cannot_be_played_are_refused(points: tuple[Point, ...], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        Lfo("drawn", points=points)


def test_a_drawn_cycle_is_saved_and_a_damaged_one_is_left_out() -> None:
    lfo = Lfo("drawn", points=((0.0, -1.0), (0.5, 1.0), (0.5, 0.0), (1.0, -1.0)))
    saved = modulation_json(Modulation((lfo, Lfo(), Lfo(), Lfo())))
    assert saved == {"lfos": {"1": {"shape": "drawn", "points": [[0, -1], [0.5, 1], [0.5, 0], [1, -1]]}}}
    assert read_modulation(saved)[0].lfos[0] == lfo
    saved["lfos"] = {"1": {"shape": "drawn", "points": [[0, 0], [2, 0]]}}
    modulation, remark = read_modulation(saved)
    assert modulation.lfos[0] == Lfo()
    assert "1 part" in remark


@pytest.mark.parametrize("envelope", [ModEnvelope(0.1, 0.4, 0.3, 0.2), ModEnvelope(0.001, 3.0, 1.0, 5.0)])
@pytest.mark.parametrize("key_up_s", [0.05, 0.7, 4.0])
def test_the_curve_of_an_envelope_is_what_the_engine_plays(envelope: ModEnvelope, key_up_s: float) -> None:
    at_s = np.linspace(0.0, 6.0, 301)
    fields = (envelope.attack_s, envelope.decay_s, envelope.sustain, envelope.release_s)
    played = [adsr(float(t), float(t) - key_up_s if t > key_up_s else -1.0, *fields) for t in at_s]
    np.testing.assert_allclose(envelope_levels(envelope, at_s, key_up_s), played, atol=1e-12)
