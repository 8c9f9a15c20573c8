"""Scores of a model file on notes, with exact PCA of the same latent size for comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Network
from synth_app.evaluation.metrics.frame_audibility import AudibleError, AudibleErrors
from synth_app.evaluation.metrics.frame_rules import KeptFrames, RuleErrors, all_errors_by_rule, kept_frames
from synth_app.evaluation.metrics.harmonic_envelope import HarmonicEnvelope
from synth_app.evaluation.metrics.rmse import FrameError, Reconstruction, Reconstructor, Rmse
from synth_app.modelfile import Linear, ModelFile, Score
from synth_app.spectrum import FrameSpec, from_unit, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import FrameCache, active_frames, note_db_frames, open_cache
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.data.split_and_pca import cached_axes
from synth_app.training.progress import ignore_progress, never_cancel
from synth_app.training.settings import TrainSettings

Array = NDArray[np.float32]


def score_model(
    model: ModelFile, folder: Path, notes: Sequence[Note], *, progress: Callable[[int, int], None] | None = None
) -> Rmse:
    """Return a model's reconstruction error on all active frames of notes on disk.

    Frames are scaled as for training, and silent frames are dropped by the same rule. The frame's gain is restored
    exactly, so it does not contribute to the error.

    Args:
        model: a loaded model file.
        folder: in NSynth's layout.
        notes: of that folder.
        progress: called with (notes done, all notes).

    Raises:
        UserError: a note cannot be read, or no note has an active frame.
    """
    (error,) = _scores((Reconstruction(model),), model.card.frame_spec, folder, notes, progress)
    return error


def score_out_of_domain(
    model: ModelFile,
    folder: Path,
    notes: Sequence[Note],
    axes: PrincipalAxes,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Rmse, Rmse]:
    """Score a model and PCA on the same notes of another source than the training notes.

    Args:
        model, folder, notes, progress: as for ``score_model``.
        axes: principal axes of the model's training notes.

    Returns:
        The errors of the model and of exact PCA with as many latent dimensions.
    """
    spec = model.card.frame_spec
    linear = pca_reconstructor(axes, model.card.latent_size, spec.floor_db)
    made, by_pca = _scores((Reconstruction(model), linear), spec, folder, notes, progress)
    return made, by_pca


@dataclass(frozen=True)
class Errors:
    """The errors of one reconstructor.

    Attributes:
        rules: one per rule of ``RULES``.
        audible: audible errors of the active frames.
    """

    rules: tuple[RuleErrors, ...]
    audible: AudibleErrors


@dataclass(frozen=True)
class RuleScores:
    """A model's errors on notes.

    Attributes:
        model: by every rule for the frames that count.
        harmonic_envelope: the same for a hand-made envelope of 16 numbers (``HarmonicEnvelope``).
        pca: the same for exact PCA with as many latent dimensions, or None.
    """

    model: Errors
    harmonic_envelope: Errors
    pca: Errors | None


def score_by_rules(
    model: ModelFile,
    folder: Path,
    notes: Sequence[Note],
    axes: PrincipalAxes | None = None,
    *,
    gauss_newton_steps: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> RuleScores:
    """Score a model by every frame rule, a harmonic envelope of 16 numbers, and PCA too if its axes are given.

    Args:
        model, folder, notes, progress: as for ``score_model``.
        axes: principal axes of the model's training notes, or None.
        gauss_newton_steps: steps of latent optimisation before decoding, see ``Reconstruction``.

    Raises:
        UserError: a note cannot be read, or no note has a frame that counts.
    """
    spec = model.card.frame_spec
    reconstructors: list[Reconstructor] = [Reconstruction(model, gauss_newton_steps), HarmonicEnvelope(spec)]
    if axes is not None:
        reconstructors.append(pca_reconstructor(axes, model.card.latent_size, spec.floor_db))

    def frames() -> Iterator[KeptFrames]:
        for i, note in enumerate(notes):
            yield kept_frames(folder, note, spec)
            if progress:
                progress(i + 1, len(notes))

    audible = [AudibleError(spec) for _ in reconstructors]
    rules = all_errors_by_rule(reconstructors, spec.floor_db, frames(), audible)
    if not sum(rules[0][0].frames):
        raise UserError(f"no note of {folder} has an active frame; check it with `synth-app dataset check {folder}`")
    found = [Errors(errors, heard.result()) for errors, heard in zip(rules, audible, strict=True)]
    return RuleScores(found[0], found[1], found[2] if axes is not None else None)


def training_axes(model: ModelFile, data: Path) -> PrincipalAxes:
    """Return the principal axes of all notes of a folder, in a model's frames, cached as in training.

    Raises:
        UserError: the folder or its cache cannot be read.
    """
    job = TrainSettings(data, spec=model.card.frame_spec)
    notes = read_notes(data)
    cache = open_cache(data, notes, job.spec, job.cache_folder)
    job.runs_folder.mkdir(exist_ok=True)
    return cached_axes(cache, cache.rows(notes), job.runs_folder, ignore_progress, never_cancel)


def _scores(
    reconstructors: Sequence[Reconstructor],
    spec: FrameSpec,
    folder: Path,
    notes: Sequence[Note],
    progress: Callable[[int, int], None] | None,
) -> list[Rmse]:
    errors = [FrameError() for _ in reconstructors]
    for i, note in enumerate(notes):
        frames = note_db_frames(folder, note, spec)
        frames = frames[active_frames(frames.max(axis=1, initial=-np.inf))]
        if len(frames):
            shape_db, _ = remove_gain(frames, spec.floor_db)
            unit = to_unit(shape_db, spec.floor_db)
            for reconstruct, error in zip(reconstructors, errors, strict=True):
                error.add_note(reconstruct(unit, note.pitch), shape_db)
        if progress:
            progress(i + 1, len(notes))
    return [error.result() for error in errors]


def score_cached(
    reconstruct: Reconstructor, cache: FrameCache, rows: Sequence[int], pitches: Mapping[str, int]
) -> Rmse:
    """Return the error on cached frames (float16: within 0.02 dB per bin); ``pitches`` are MIDI, by ``note_str``."""
    error = FrameError()
    for row in rows:
        unit = cache.unit(row).astype(np.float32)
        error.add_note(reconstruct(unit, pitches[cache.names[row]]), from_unit(unit, cache.spec.floor_db))
    return error.result()


def pca_reconstructor(axes: PrincipalAxes, size: int, floor_db: float) -> Reconstructor:
    """Return PCA with ``size`` axes as a reconstructor, computed by the decoder that models use."""
    weight, bias = axes.whitening(size)
    back, mean = axes.unwhitening(size)
    tensors = {"w": weight, "b": bias, "v": back, "m": mean}
    program = (Linear(weight="w", bias="b"), Linear(weight="v", bias="m"))
    network = Network(program, tensors, weight.shape[1], 512)
    return lambda unit, _pitch: from_unit(network(unit), floor_db)


def score_against_pca(
    model: ModelFile,
    cache: FrameCache,
    rows: Sequence[int],
    pitches: Mapping[str, int],
    axes: PrincipalAxes,
    split: str,
) -> Score:
    """Return a model card's score: the errors of the model and of PCA on the same held-out notes.

    Args:
        model: trained on the notes that ``axes`` belong to.
        cache: frames.
        rows: of the held-out notes.
        pitches: MIDI, by ``note_str``.
        axes: principal axes of all active frames of the training notes.
        split: "note", "instrument", or a data set's name.
    """
    made = score_cached(Reconstruction(model), cache, rows, pitches)
    linear = score_cached(pca_reconstructor(axes, model.card.latent_size, cache.spec.floor_db), cache, rows, pitches)
    return Score(
        split=split,
        rmse_pooled_db=round(made.pooled_db, 4),
        rmse_per_note_db=round(made.per_note_db, 4),
        pca_pooled_db=round(linear.pooled_db, 4),
        pca_per_note_db=round(linear.per_note_db, 4),
        notes=made.notes,
        frames=made.frames,
    )
