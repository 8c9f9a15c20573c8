"""Regions of the map: by density, with names where a family is at home; brightness between the notes."""

import numpy as np
import pytest

from synth_app.session.pad.map_regions import REACH, SIDE, map_regions

RNG = np.random.default_rng(1)


def node(value: float) -> int:
    return round((value + REACH) / (1 + 2 * REACH) * (SIDE - 1))


def two_clusters() -> tuple[np.ndarray, tuple[str, ...]]:
    left, right = RNG.normal((0.25, 0.3), 0.05, (20, 2)), RNG.normal((0.75, 0.7), 0.05, (20, 2))
    scattered = RNG.random((12, 2))
    families = ("flute",) * 20 + ("brass",) * 20 + ("reed",) * 12
    return np.clip(np.concatenate([left, right, scattered]), 0, 1), families


def test_a_family_is_named_where_its_notes_are_dense_and_a_scattered_one_is_not() -> None:
    positions, families = two_clusters()
    regions = map_regions(positions, families, np.zeros(len(families)))
    names = {name.family: name.at for name in regions.names}
    assert set(names) == {"flute", "brass"}
    assert names["flute"] == pytest.approx((0.25, 0.3), abs=0.06)
    assert names["brass"] == pytest.approx((0.75, 0.7), abs=0.06)


def test_a_place_belongs_to_the_family_around_it_and_to_none_far_away() -> None:
    positions, families = two_clusters()
    regions = map_regions(positions, families, np.zeros(len(families)))
    assert regions.families == ("brass", "flute", "reed")
    at_flutes = regions.strength[:, node(0.3), node(0.25)]
    assert at_flutes[1] > 0.7
    assert at_flutes[0] < 0.01
    assert regions.strength.min() >= 0
    assert (regions.strength > 0).sum(axis=0).max() == 1, "a place belongs to one family at most"
    assert regions.near[node(0.25), node(0.25)] > 0.9
    assert regions.near[0, 0] < 0.01


def test_brightness_rises_with_that_of_the_notes_and_is_even_without_differences() -> None:
    positions = RNG.random((80, 2))
    regions = map_regions(positions, ("flute",) * 80, positions[:, 0] * 100.0)
    row = regions.brightness[node(0.5)]
    values = [row[node(x)] for x in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert values == sorted(values)
    assert values[-1] - values[0] > 0.5
    assert 0.0 <= regions.brightness.min() <= regions.brightness.max() <= 1.0
    even = map_regions(positions, ("flute",) * 80, np.full(80, 7.0))
    np.testing.assert_allclose(even.brightness, 0.5)


def test_one_note_alone_has_a_map() -> None:
    regions = map_regions(np.array([[0.5, 0.5]]), ("organ",), np.zeros(1))
    assert regions.names == ()
    assert np.isfinite(regions.strength).all()
