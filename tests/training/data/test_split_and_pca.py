"""Splits: the test part is the same with and without retraining."""

from pathlib import Path

import pytest

from synth_app.dataset.nsynth import Note, make_note
from synth_app.dataset.splits import write_split
from synth_app.support.errors import UserError
from synth_app.training.data.split_and_pca import make_split


@pytest.fixture
def notes() -> tuple[Note, ...]:
    return tuple(
        make_note(
            note=i, instrument=i // 5, family="organ", source="synthetic", index=i // 5, pitch=60 + i % 5,
            velocity=100, sample_rate=16_000,
        )
        for i in range(100)
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["note", "instrument"])
def test_retraining_uses_validation_and_never_test_notes(notes: tuple[Note, ...], kind: str) -> None:
    chosen, last = make_split(notes, kind, 3), make_split(notes, kind, 3, retrain=True)
    assert last.test == chosen.test
    assert set(last.train) == set(chosen.train) | set(chosen.valid)
    assert not set(last.train) & set(last.test)
    assert len(last.train) > len(chosen.train)


def test_held_out_instruments_stay_held_out_in_retraining(notes: tuple[Note, ...]) -> None:
    split = make_split(notes, "instrument", 3, retrain=True)
    seen = {name.rsplit("-", 2)[0] for name in split.train}
    assert not seen & {name.rsplit("-", 2)[0] for name in split.test}


def test_folds_hold_out_every_note_once_between_them(notes: tuple[Note, ...]) -> None:
    folds = [make_split(notes, f"fold-{i + 1}", 3) for i in range(5)]
    assert sorted(name for fold in folds for name in fold.test) == sorted(note.note_str for note in notes)
    assert make_split(notes, "fold-2", 3) == folds[1]
    assert make_split(notes, "fold-2", 4) != folds[1]


def test_a_split_is_read_from_its_file(notes: tuple[Note, ...], tmp_path: Path) -> None:
    own = make_split(notes, "fold-4", 3)
    write_split(tmp_path / "mine.json", own)
    for seed in (0, 1):  # the file says it all
        assert make_split(notes, str(tmp_path / "mine.json"), seed) == own
    assert make_split(notes, str(tmp_path / "mine.json"), 0, retrain=True).test == own.test
    with pytest.raises(UserError, match="belongs to other notes"):
        make_split(notes[1:], str(tmp_path / "mine.json"), 0)
