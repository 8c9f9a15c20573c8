"""Seeded splits of notes into training, validation and test: by note, by instrument, and in folds."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, TypeAdapter

from synth_app.dataset.nsynth import Note
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes

SplitKind = Literal["note", "instrument", "fold"]

TEST_FRACTION = 0.2
VALID_FRACTION = 0.2  # of the notes that are left after the test part

_MAX_BYTES = 2**26  # the names of two million notes
_Names = Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Split:
    """Names of notes (``note_str``, sorted) in three disjoint parts, with the kind and seed of the split."""

    train: _Names
    valid: _Names
    test: _Names
    kind: SplitKind
    seed: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class _SplitFile(Split):
    """A split as stored in a file."""

    format: Literal[1] = 1


_SPLIT_FILE = TypeAdapter(_SplitFile)


def split_by_note(
    notes: Iterable[Note], *, seed: int, test_fraction: float = TEST_FRACTION, valid_fraction: float = VALID_FRACTION
) -> Split:
    """Split notes at random: 80/20 as in the paper, with 20 % of the training part for validation.

    Notes of one instrument are in several parts, so scores are optimistic; compare ``split_by_instrument``.

    Args:
        notes: in any order; the split depends on their names and the seed only.
        seed: 0 or more.
        test_fraction: fraction of all notes.
        valid_fraction: fraction of the notes left after the test part.

    Raises:
        UserError: a fraction is not within (0, 1), or a part would be empty.
    """
    _check_fractions(seed, test_fraction, valid_fraction)
    names = _shuffled(notes, seed)
    tests = round(len(names) * test_fraction)
    return _note_split(names[tests:], names[:tests], valid_fraction, "note", seed)


def k_fold_by_note(
    notes: Iterable[Note], *, seed: int, folds: int = 5, valid_fraction: float = VALID_FRACTION
) -> tuple[Split, ...]:
    """Split notes for cross-validation: each note is in the test part of exactly one split.

    Raises:
        UserError: fewer than two folds, a fraction outside (0, 1), or an empty part.
    """
    if folds < 2:
        raise UserError(f"{folds} folds are too few; use 2 or more (the usual number is 5)")
    _check_fractions(seed, 1.0 / folds, valid_fraction)
    names = _shuffled(notes, seed)
    return tuple(
        _note_split(
            [name for place, name in enumerate(names) if place % folds != fold],
            names[fold::folds],
            valid_fraction,
            "fold",
            seed,
        )
        for fold in range(folds)
    )


def split_by_instrument(
    notes: Iterable[Note], *, seed: int, test_fraction: float = TEST_FRACTION, valid_fraction: float = VALID_FRACTION
) -> Split:
    """Split whole instruments, so that no instrument is in two parts: a measure of generalisation.

    Instruments are assigned family by family, each to the part that lacks the most notes of its fraction so far. Each
    part gets its fraction of every family as closely as whole instruments allow.

    Arguments and errors as for ``split_by_note``.
    """
    _check_fractions(seed, test_fraction, valid_fraction)
    rng = np.random.default_rng(seed)
    members: dict[tuple[int, int], list[str]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        members.setdefault((note.instrument_family, note.instrument), []).append(note.note_str)
    families: dict[int, list[tuple[int, int]]] = {}
    for family, instrument in sorted(members):
        families.setdefault(family, []).append((family, instrument))
    valid = (1.0 - test_fraction) * valid_fraction
    fractions = np.array([1.0 - test_fraction - valid, valid, test_fraction])
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for family_index in rng.permutation(sorted(families)):
        instruments = families[int(family_index)]
        for place in rng.permutation(len(instruments)):
            group = members[instruments[int(place)]]
            counts = np.array([len(part) for part in parts])
            behind = fractions * (counts.sum() + len(group)) - counts
            parts[int(np.argmax(behind))].extend(group)
    return _split(*parts, "instrument", seed)


def write_split(path: Path | str, split: Split) -> None:
    """Write a split as JSON, atomically.

    Raises:
        UserError: the folder cannot be written.
    """
    stored = _SplitFile(**asdict(split))
    with atomic_path(path) as temporary:
        temporary.write_bytes(_SPLIT_FILE.dump_json(stored, indent=1))


def read_split(path: Path | str, notes: Iterable[Note] | None = None) -> Split:
    """Read a split; with ``notes``, check that it contains exactly these.

    Raises:
        UserError: the file is missing or damaged, its parts overlap, or it belongs to other notes.
    """
    with loading(path, "a split file of synth_app", "make it again"):
        stored = _SPLIT_FILE.validate_json(read_bytes(path, _MAX_BYTES))
    split = Split(stored.train, stored.valid, stored.test, stored.kind, stored.seed)
    named = [*split.train, *split.valid, *split.test]
    if len(set(named)) != len(named):
        raise UserError(f"{path} contains a note twice; make the split again")
    if notes is not None and (odd := set(named) ^ {note.note_str for note in notes}):
        raise UserError(f"{path} belongs to other notes ({min(odd)} is in only one of the two); make it again")
    return split


def _check_fractions(seed: int, test_fraction: float, valid_fraction: float) -> None:
    for name, fraction in (("test", test_fraction), ("validation", valid_fraction)):
        if not 0.0 < fraction < 1.0:
            raise UserError(f"the {name} fraction is {fraction}; use a number between 0 and 1, such as 0.2")
    if seed < 0:
        raise UserError(f"the seed is {seed}; use 0 or more")


def _shuffled(notes: Iterable[Note], seed: int) -> list[str]:
    names = sorted(note.note_str for note in notes)
    return [names[int(place)] for place in np.random.default_rng(seed).permutation(len(names))]


def _note_split(rest: Sequence[str], test: Sequence[str], valid_fraction: float, kind: SplitKind, seed: int) -> Split:
    valids = round(len(rest) * valid_fraction)
    return _split(rest[valids:], rest[:valids], test, kind, seed)


def _split(train: Sequence[str], valid: Sequence[str], test: Sequence[str], kind: SplitKind, seed: int) -> Split:
    for name, part in (("training", train), ("validation", valid), ("test", test)):
        if not part:
            raise UserError(
                f"the {name} part of the {kind} split is empty; "
                "add notes (10 or more, of 10 or more instruments for a split by instrument)"
            )
    return Split(tuple(sorted(train)), tuple(sorted(valid)), tuple(sorted(test)), kind, seed)
