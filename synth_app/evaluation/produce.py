"""From notes to a scored model file: training, training on another split for its score, and the card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation.score import score_against_pca
from synth_app.modelfile import ModelFile, Score, save_model_file
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.families.registry import family
from synth_app.training.fit.torchrun import is_leader
from synth_app.training.progress import Cancel, Progress, Report, ignore_progress, never_cancel
from synth_app.training.settings import SPLITS, TrainSettings
from synth_app.training.train import train_model


def produce_model(
    settings: TrainSettings,
    out: Path,
    *,
    score_splits: Sequence[str] | None = None,
    report: Report = ignore_progress,
    cancel: Cancel = never_cancel,
) -> ModelFile:
    """Train, score and save a model. Completed trainings are not repeated.

    The score on a split other than the job's comes from a second net, trained with the same settings on that split's
    training part, because the saved net has seen the other split's test notes.

    Args:
        settings: the job; its split is that of the saved net.
        out: model file; its stem is the model's name.
        score_splits: splits to score on. None: note and instrument, or the job's own split if it is another one.
        report, cancel: as for ``train_model``.

    Returns:
        The model as saved. Of several processes that train together, the first saves it.

    Raises:
        UserError: as ``train_model``, or the file cannot be written.
        TrainingCancelled: ``cancel`` returned True.
    """
    model = train_model(settings, out.stem, report=report, cancel=cancel)
    scores: list[Score] = []
    for split in score_splits or (SPLITS if settings.split in SPLITS else (settings.split,)):
        job = replace(settings, split=split)
        scored = model if split == settings.split else train_model(job, out.stem, report=report, cancel=cancel)
        scores.append(held_out_score(scored, job, report, cancel))
    whole = replace(model, card=model.card.model_copy(update={"scores": tuple(scores)}))
    if is_leader():
        save_model_file(out, whole)
    return whole


def held_out_score(model: ModelFile, job: TrainSettings, report: Report, cancel: Cancel) -> Score:
    """Return a model's error on the test notes of its job, with that of PCA.

    Raises:
        UserError: the data or its cache cannot be read.
        TrainingCancelled: ``cancel`` returned True.
    """
    notes = read_notes(job.data)
    fit = job.fit or family(job.family).fit(job.spec)
    split = make_split(notes, job.split, job.seed, retrain=fit.retrain)
    cache: FrameCache = open_cache(job.data, notes, job.spec, job.cache_folder, processes=job.threads)
    by_name = {note.note_str: note for note in notes}
    train, test = (cache.rows([by_name[name] for name in part]) for part in (split.train, split.test))
    axes = cached_axes(cache, train, job.runs_folder, report, cancel)
    report(Progress("score", 0, len(test), f"scoring on the {job.split} split"))
    pitches = {note.note_str: note.pitch for note in notes}
    return score_against_pca(model, cache, test, pitches, axes, Path(job.split).stem)
