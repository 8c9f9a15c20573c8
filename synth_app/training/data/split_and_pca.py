"""Used by training and scoring: the split into parts, and the principal axes of the training part."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import Note
from synth_app.dataset.splits import Split, k_fold_by_note, read_split, split_by_instrument, split_by_note
from synth_app.support.errors import UserError
from synth_app.support.tensor_files import read_arrays, save_arrays
from synth_app.training.data.frame_cache import Array, FrameCache
from synth_app.training.data.pca import PrincipalAxes, principal_axes
from synth_app.training.progress import Cancel, Progress, Report, TrainingCancelled
from synth_app.training.settings import FOLDS, SPLITS


def make_split(notes: tuple[Note, ...], kind: str, seed: int, *, retrain: bool = False) -> Split:
    """Make a seeded split, or read one from a file.

    Args:
        notes: of the data set.
        kind: "note", "instrument", "fold-1" to "fold-5", or a file ending in ".json".
        seed: of the split; a file does not depend on it.
        retrain: add the validation part to the training part, for a last training with settings chosen before. The
            test part does not change.
    """
    if kind.endswith(".json"):
        split = read_split(kind, notes)
    elif kind.startswith("fold-"):
        split = k_fold_by_note(notes, seed=seed, folds=FOLDS)[int(kind.removeprefix("fold-")) - 1]
    else:
        split = (split_by_note if kind == "note" else split_by_instrument)(notes, seed=seed)
    return replace(split, train=tuple(sorted((*split.train, *split.valid)))) if retrain else split


def held_out(notes: tuple[Note, ...], kind: str | None, seed: int) -> tuple[Note, ...]:
    """Return the test notes of the split "note" or "instrument", or all notes for None.

    Raises:
        UserError: no such split.
    """
    if kind is None:
        return notes
    if kind not in SPLITS:
        raise UserError(f"no split {kind!r}; choose one of {', '.join(SPLITS)}, or none for all notes")
    test = set(make_split(notes, kind, seed).test)
    return tuple(note for note in notes if note.note_str in test)


def some_notes(notes: tuple[Note, ...], count: int | None, seed: int) -> tuple[Note, ...]:
    """Return ``count`` notes chosen at random, in their order; all of them if there are fewer, or for None."""
    if count is None or count >= len(notes):
        return notes
    chosen = np.random.default_rng(seed).permutation(len(notes))[:count]
    return tuple(notes[i] for i in sorted(chosen))


def cached_axes(cache: FrameCache, rows: list[int], folder: Path, report: Report, cancel: Cancel) -> PrincipalAxes:
    """Return the principal axes of all active frames of the rows, computed once per folder."""
    digest = hashlib.sha256(json.dumps([cache.folder.name, rows]).encode()).hexdigest()[:16]
    path = folder / f"axes-{digest}.safetensors"
    stored = _stored_axes(path, cache.spec.bins)
    if stored is not None:
        return stored
    total = int(cache.counts[rows].sum())
    done = 0

    def counted_batches() -> Iterator[Array]:
        nonlocal done
        for batch in cache.batches(rows):
            if cancel():
                raise TrainingCancelled("stopped while computing principal axes; run the command again to continue")
            yield batch
            done += len(batch)
            report(Progress("axes", done, total))

    axes = principal_axes(counted_batches())
    save_arrays(path, {"mean": axes.mean, "axes": axes.axes, "std": axes.std, "frames": np.array([axes.frames])})
    return axes


def _stored_axes(path: Path, bins: int) -> PrincipalAxes | None:
    """Return the axes that ``cached_axes`` stored; None if there are none, or the file is damaged."""
    found = read_arrays(path) or {}
    if found.keys() != {"mean", "axes", "std", "frames"}:
        return None
    mean, axes, std = (found[name].astype(np.float32, copy=False) for name in ("mean", "axes", "std"))
    if mean.shape != (bins,) or axes.ndim != 2 or axes.shape[1] != bins or std.shape != axes.shape[:1]:
        return None
    return PrincipalAxes(mean, axes, std, int(found["frames"][0]))
