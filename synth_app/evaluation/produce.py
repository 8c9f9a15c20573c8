"""From notes to a scored model file: training, training on another split for its score, and the card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation.score import score_against_pca
from synth_app.modelfile import ModelFile, Score, save_model_file
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.families.registry import fit_of
from synth_app.training.fit.torchrun import is_leader
from synth_app.training.output import check_output, check_sources
from synth_app.training.progress import Cancel, Progress, Report, ignore_progress, never_cancel
from synth_app.training.settings import SPLITS, TrainSettings
from synth_app.training.train import train_model

SKIPPED = "skipped"  # stage of the report on a split that cannot be scored


def produce_model(
    settings: TrainSettings,
    out: Path,
    *,
    score_splits: Sequence[str] | None = None,
    report: Report = ignore_progress,
    cancel: Cancel = never_cancel,
) -> ModelFile:
    """Train, score and save a model. Completed trainings are not repeated.

    The name and the folder of ``out``, the note bank's folder and the splits are checked first. The model is saved
    before its scores are computed; a split that cannot be scored is left out and reported.

    The score on a split other than the job's comes from a second net, trained with the same settings on that split's
    training part, because the saved net has seen the other split's test notes.

    Args:
        settings: the job; its split is that of the saved net.
        out: model file; its stem is the model's name.
        score_splits: splits to score on; empty for none. None: note and instrument, or the job's own split if it is
            another one.
        report, cancel: as for ``train_model``.

    Returns:
        The model as saved. Of several processes that train together, the first saves it.

    Raises:
        UserError: as ``train_model``, or the file cannot be written.
        TrainingCancelled: ``cancel`` returned True.
    """
    check_output(out)
    check_sources(settings)
    if score_splits is None:
        score_splits = SPLITS if settings.split in SPLITS else (settings.split,)
    jobs = [replace(settings, split=split) for split in dict.fromkeys(score_splits)]
    model = train_model(settings, out.stem, report=report, cancel=cancel)
    if is_leader():
        save_model_file(out, model)
    scores: list[Score] = []
    for job in jobs:
        try:
            scored = model if job == settings else train_model(job, out.stem, report=report, cancel=cancel)
            scores.append(held_out_score(scored, job, report, cancel))
        except UserError as error:
            report(Progress(SKIPPED, len(scores), len(jobs), f"no score on the {job.split} split: {error}"))
    whole = replace(model, card=model.card.model_copy(update={"scores": tuple(scores)}))
    if is_leader() and scores:
        save_model_file(out, whole)
    return whole


def held_out_score(model: ModelFile, job: TrainSettings, report: Report, cancel: Cancel) -> Score:
    """Return a model's error on the test notes of its job, with that of PCA.

    Raises:
        UserError: the data or its cache cannot be read.
        TrainingCancelled: ``cancel`` returned True.
    """
    notes = read_notes(job.data)
    split = make_split(notes, job.split, job.seed_of_split, retrain=fit_of(job).retrain)
    cache: FrameCache = open_cache(job.data, notes, job.spec, job.cache_folder, processes=job.threads)
    by_name = {note.note_str: note for note in notes}
    train, test = (cache.rows([by_name[name] for name in part]) for part in (split.train, split.test))
    axes = cached_axes(cache, train, job.runs_folder, report, cancel)
    report(Progress("score", 0, len(test), f"scoring on the {job.split} split"))
    pitches = {note.note_str: note.pitch for note in notes}
    return score_against_pca(model, cache, test, pitches, axes, Path(job.split).stem)
