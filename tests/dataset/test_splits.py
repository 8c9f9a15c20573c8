"""Splits are disjoint, complete, seeded and of the right size, and the instrument split keeps instruments apart."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import Note
from synth_app.dataset.splits import (
    Split,
    k_fold_by_note,
    read_split,
    split_by_instrument,
    split_by_note,
    write_split,
)
from synth_app.support.errors import UserError

Maker = Callable[[dict[str, tuple[int, ...]]], tuple[Note, ...]]
Notes = tuple[Note, ...]


@pytest.fixture(scope="session")
def orchestra(notes_of: Maker) -> Notes:
    """110 instruments in 11 families, 2200 notes."""
    return notes_of(dict.fromkeys(FAMILIES, (20,) * 10))


def assert_partition(split: Split, notes: tuple[Note, ...]) -> None:
    parts = (split.train, split.valid, split.test)
    assert all(part == tuple(sorted(part)) for part in parts)
    assert sorted(name for part in parts for name in part) == sorted(note.note_str for note in notes)
    assert len({name for part in parts for name in part}) == len(notes)


def instruments_of(names: tuple[str, ...]) -> set[str]:
    return {name.rsplit("-", 2)[0] for name in names}


def test_the_note_split_is_80_20_with_a_fifth_of_the_rest_for_validation(orchestra: Notes) -> None:
    split = split_by_note(orchestra, seed=1)
    assert_partition(split, orchestra)
    assert (len(split.train), len(split.valid), len(split.test)) == (1408, 352, 440)
    assert (split.kind, split.seed) == ("note", 1)
    # drawn at random over notes: every instrument is in training, and the test part has all families
    assert len(instruments_of(split.train)) == 110
    assert len({name.split("_acoustic")[0] for name in split.test}) == 11


def test_the_split_depends_on_the_seed_and_not_on_the_order_of_notes(orchestra: Notes) -> None:
    for draw in (split_by_note, split_by_instrument):
        assert draw(orchestra, seed=3) == draw(tuple(reversed(orchestra)), seed=3)
        assert draw(orchestra, seed=3).test != draw(orchestra, seed=4).test
    assert k_fold_by_note(orchestra, seed=3) == k_fold_by_note(orchestra[::-1], seed=3)


def test_folds_test_every_note_once(orchestra: Notes) -> None:
    folds = k_fold_by_note(orchestra, seed=0)
    assert len(folds) == 5
    for fold in folds:
        assert_partition(fold, orchestra)
        assert len(fold.test) == 440
        assert len(fold.valid) == 352
    tested = Counter(name for fold in folds for name in fold.test)
    assert set(tested.values()) == {1}
    assert len(tested) == len(orchestra)


def test_instruments_stay_whole_and_families_are_spread(orchestra: Notes) -> None:
    split = split_by_instrument(orchestra, seed=2)
    assert_partition(split, orchestra)
    train, valid, test = (instruments_of(part) for part in (split.train, split.valid, split.test))
    assert not train & valid
    assert not train & test
    assert not valid & test
    assert len(test) == 22
    assert 17 <= len(valid) <= 18
    per_family = Counter(name.split("_acoustic")[0] for name in test)
    assert set(per_family) == set(FAMILIES)
    assert max(per_family.values()) <= 3


def test_the_seed_changes_the_test_instruments(orchestra: Notes) -> None:
    tested = [instruments_of(split_by_instrument(orchestra, seed=number).test) for number in range(40)]
    assert len(set().union(*tested)) > 100, "some instruments can never be in the test part"


def test_families_with_one_instrument_each_are_spread_over_the_parts(notes_of: Maker) -> None:
    soloists = notes_of(dict.fromkeys(FAMILIES, (20,)))
    tested = [instruments_of(split_by_instrument(soloists, seed=number).test) for number in range(60)]
    assert len(set().union(*tested)) == len(FAMILIES)


@seed(20)
@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(FAMILIES), st.lists(st.integers(1, 60), min_size=1, max_size=12).map(tuple), min_size=1
    ),
    st.integers(0, 2**32 - 1),
)
def test_any_set_of_instruments_is_split_close_to_the_fractions_or_refused(
    notes_of: Maker, counts: dict[str, tuple[int, ...]], number: int
) -> None:
    notes = notes_of(counts)
    sizes = [size for family in counts.values() for size in family]
    try:
        split = split_by_instrument(notes, seed=number)
    except UserError:
        assert len(sizes) < 10 or max(sizes) > sum(sizes) / 10
        return
    assert_partition(split, notes)
    assert not instruments_of(split.train) & instruments_of(split.test)
    shares = np.array([0.64, 0.16, 0.2]) * len(notes)
    found = np.array([len(split.train), len(split.valid), len(split.test)])
    assert np.abs(found - shares).max() <= max(sizes), "a part is off by more than one instrument"


def test_too_few_notes_or_instruments_are_refused(notes_of: Maker) -> None:
    one = notes_of({"flute": (40,)})
    with pytest.raises(UserError, match="instrument split is empty"):
        split_by_instrument(one, seed=0)
    with pytest.raises(UserError, match="empty"):
        split_by_note(one[:2], seed=0)
    with pytest.raises(UserError, match="empty"):
        k_fold_by_note(one[:3], seed=0)
    with pytest.raises(UserError, match="folds"):
        k_fold_by_note(one, seed=0, folds=1)
    with pytest.raises(UserError, match="fraction"):
        split_by_note(one, seed=0, test_fraction=1.0)
    with pytest.raises(UserError, match="seed"):
        split_by_note(one, seed=-1)


def test_a_split_is_read_back_and_belongs_to_its_notes(orchestra: Notes, tmp_path: Path) -> None:
    split = split_by_instrument(orchestra, seed=5)
    write_split(tmp_path / "split.json", split)
    assert read_split(tmp_path / "split.json", orchestra) == split
    with pytest.raises(UserError, match="belongs to other notes"):
        read_split(tmp_path / "split.json", orchestra[1:])


def test_a_damaged_split_is_refused_by_name(orchestra: Notes, tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    write_split(path, split_by_note(orchestra, seed=5))
    content = json.loads(path.read_text())
    damaged = {
        "contains a note twice": content | {"test": content["train"]},
        "kind": content | {"kind": "guess"},
        "valid": content | {"valid": []},
        "format": content | {"format": 2},
        "train": {key: value for key, value in content.items() if key != "train"},
    }
    for message, bad in damaged.items():
        path.write_text(json.dumps(bad))
        with pytest.raises(UserError, match=message) as caught:
            read_split(path)
        assert "split.json" in str(caught.value)
    path.write_text("{")
    with pytest.raises(UserError, match=r"split\.json"):
        read_split(path)
    with pytest.raises(UserError, match="does not exist"):
        read_split(tmp_path / "none.json")
