"""What is held out: the same notes whether or not the validation part is learned from in the end."""

from pathlib import Path

import pytest

from synth_app.dataset.nsynth import Note, make_note
from synth_app.dataset.splits import write_split
from synth_app.support.errors import UserError
from synth_app.training.data.split_and_pca import draw_split


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
def test_refit_learns_from_validation_and_never_from_test(notes: tuple[Note, ...], kind: str) -> None:
    chosen, last = draw_split(notes, kind, 3), draw_split(notes, kind, 3, refit=True)
    assert last.test == chosen.test
    assert set(last.train) == set(chosen.train) | set(chosen.valid)
    assert not set(last.train) & set(last.test)
    assert len(last.train) > len(chosen.train)


def test_unseen_instruments_stay_unseen_in_a_refit(notes: tuple[Note, ...]) -> None:
    split = draw_split(notes, "instrument", 3, refit=True)
    seen = {name.rsplit("-", 2)[0] for name in split.train}
    assert not seen & {name.rsplit("-", 2)[0] for name in split.test}


def test_folds_hold_out_every_note_once_between_them(notes: tuple[Note, ...]) -> None:
    folds = [draw_split(notes, f"fold-{i + 1}", 3) for i in range(5)]
    assert sorted(name for fold in folds for name in fold.test) == sorted(note.note_str for note in notes)
    assert draw_split(notes, "fold-2", 3) == folds[1]
    assert draw_split(notes, "fold-2", 4) != folds[1]


def test_a_split_comes_back_from_its_file(notes: tuple[Note, ...], tmp_path: Path) -> None:
    own = draw_split(notes, "fold-4", 3)
    write_split(tmp_path / "mine.json", own)
    for seed in (0, 1):  # the file says it all
        assert draw_split(notes, str(tmp_path / "mine.json"), seed) == own
    assert draw_split(notes, str(tmp_path / "mine.json"), 0, refit=True).test == own.test
    with pytest.raises(UserError, match="is a split of other notes"):
        draw_split(notes[1:], str(tmp_path / "mine.json"), 0)
