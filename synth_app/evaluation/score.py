"""Scoring a model file on notes, with exact PCA of the same size beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Network
from synth_app.evaluation.metrics.frame_rules import KeptFrames, RuleErrors, all_errors_by_rule, kept_frames
from synth_app.evaluation.metrics.rmse import FrameError, Rebuild, Reconstruction, Rmse
from synth_app.modelfile import Linear, ModelFile, Score
from synth_app.spectrum import FrameSpec, from_unit, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import FrameCache, note_db_frames, open_cache, sounding
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.data.split_and_pca import saved_axes
from synth_app.training.progress import ignore, never
from synth_app.training.settings import TrainSettings

Array = NDArray[np.float32]


def score_model(
    model: ModelFile, folder: Path, notes: Sequence[Note], *, progress: Callable[[int, int], None] | None = None
) -> Rmse:
    """Reconstruction error of a model on all sounding frames of notes on disk.

    Frames are scaled as for training, silent ones dropped by the same rule; the frame's gain is restored
    exactly, so it does not enter the difference.

    Args:
        model: as loaded.
        folder: in NSynth's layout.
        notes: of that folder.
        progress: called with (notes done, notes in all).

    Raises:
        UserError: a note cannot be read, or none sounds.
    """
    (error,) = _scores((Reconstruction(model),), model.card.frame_spec, folder, notes, progress)
    return error


def score_elsewhere(
    model: ModelFile,
    folder: Path,
    notes: Sequence[Note],
    axes: PrincipalAxes,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Rmse, Rmse]:
    """As ``score_model``, and PCA's error on the same frames, for notes that neither has seen.

    Args:
        model, folder, notes, progress: as for ``score_model``.
        axes: of the notes that the model was trained on.

    Returns:
        The model's error, and that of exact PCA with as many numbers per code.
    """
    spec = model.card.frame_spec
    linear = pca_rebuild(axes, model.card.latent_size, spec.floor_db)
    made, by_pca = _scores((Reconstruction(model), linear), spec, folder, notes, progress)
    return made, by_pca


@dataclass(frozen=True)
class Scored:
    """A model's errors on notes by both definitions of a frame that counts.

    Attributes:
        model: by every rule of ``RULES``.
        pca: the same of exact PCA with as many numbers per code, or None.
    """

    model: tuple[RuleErrors, ...]
    pca: tuple[RuleErrors, ...] | None


def score_by_rules(
    model: ModelFile,
    folder: Path,
    notes: Sequence[Note],
    axes: PrincipalAxes | None = None,
    *,
    rounds: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Scored:
    """As ``score_model`` by every rule, beside PCA if its axes are given; ``rounds`` as in ``Reconstruction``.

    Raises:
        UserError: a note cannot be read, or none sounds.
    """
    spec = model.card.frame_spec
    rebuilds: list[Rebuild] = [Reconstruction(model, rounds)]
    if axes is not None:
        rebuilds.append(pca_rebuild(axes, model.card.latent_size, spec.floor_db))

    def frames() -> Iterator[KeptFrames]:
        for i, note in enumerate(notes):
            yield kept_frames(folder, note, spec)
            if progress:
                progress(i + 1, len(notes))

    found = all_errors_by_rule(rebuilds, spec.floor_db, frames())
    if not sum(found[0][0].frames):
        raise UserError(f"no note of {folder} sounds; check it with `synth-app dataset check {folder}`")
    return Scored(found[0], found[1] if axes is not None else None)


def training_axes(model: ModelFile, data: Path) -> PrincipalAxes:
    """Principal axes of all notes of a folder in a model's frames; frames and axes are kept as a training does.

    Raises:
        UserError: the folder cannot be read, or what is kept of it is damaged.
    """
    job = TrainSettings(data, spec=model.card.frame_spec)
    notes = read_notes(data)
    cache = open_cache(data, notes, job.spec, job.cache_folder)
    job.runs_folder.mkdir(exist_ok=True)
    return saved_axes(cache, cache.rows(notes), job.runs_folder, ignore, never)


def _scores(
    rebuilds: Sequence[Rebuild],
    spec: FrameSpec,
    folder: Path,
    notes: Sequence[Note],
    progress: Callable[[int, int], None] | None,
) -> list[Rmse]:
    errors = [FrameError() for _ in rebuilds]
    for i, note in enumerate(notes):
        frames = note_db_frames(folder, note, spec)
        frames = frames[sounding(frames.max(axis=1, initial=-np.inf))]
        if len(frames):
            shape_db, _ = remove_gain(frames, spec.floor_db)
            unit = to_unit(shape_db, spec.floor_db)
            for rebuild, error in zip(rebuilds, errors, strict=True):
                error.add_note(rebuild(unit, note.pitch), shape_db)
        if progress:
            progress(i + 1, len(notes))
    return [error.result() for error in errors]


def score_cached(rebuild: Rebuild, cache: FrameCache, rows: Sequence[int], pitches: Mapping[str, int]) -> Rmse:
    """As ``score_model``, on frames that are already computed (float16: within 0.02 dB a bin); pitches by note."""
    error = FrameError()
    for row in rows:
        unit = cache.unit(row).astype(np.float32)
        error.add_note(rebuild(unit, pitches[cache.names[row]]), from_unit(unit, cache.spec.floor_db))
    return error.result()


def pca_rebuild(axes: PrincipalAxes, size: int, floor_db: float) -> Rebuild:
    """PCA with ``size`` axes, by the same runtime as the models."""
    weight, bias = axes.whitening(size)
    back, mean = axes.unwhitening(size)
    tensors = {"w": weight, "b": bias, "v": back, "m": mean}
    program = (Linear(weight="w", bias="b"), Linear(weight="v", bias="m"))
    network = Network(program, tensors, weight.shape[1], 512)
    return lambda unit, _pitch: from_unit(network(unit), floor_db)


def score_beside_pca(
    model: ModelFile,
    cache: FrameCache,
    rows: Sequence[int],
    pitches: Mapping[str, int],
    axes: PrincipalAxes,
    split: str,
) -> Score:
    """A card's entry: the model's error and PCA's on the same held-out notes.

    Args:
        model: trained on the notes that ``axes`` were computed of.
        cache: frames.
        rows: of the held-out notes.
        pitches: MIDI, by ``note_str``.
        axes: principal axes of all sounding frames of the training notes.
        split: "note", "instrument", or a data set's name.
    """
    made = score_cached(Reconstruction(model), cache, rows, pitches)
    linear = score_cached(pca_rebuild(axes, model.card.latent_size, cache.spec.floor_db), cache, rows, pitches)
    return Score(
        split=split,
        rmse_pooled_db=round(made.pooled_db, 4),
        rmse_per_note_db=round(made.per_note_db, 4),
        pca_pooled_db=round(linear.pooled_db, 4),
        pca_per_note_db=round(linear.per_note_db, 4),
        notes=made.notes,
        frames=made.frames,
    )
