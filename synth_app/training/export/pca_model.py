"""A PCA model from notes, by numpy alone: it plays some seconds after the notes are chosen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.dataset.splits import write_split
from synth_app.modelfile import LatentStats, Linear, ModelCard, ModelFile, TrainingInfo
from synth_app.modelfile.card import SpecCard
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import Array, FrameCache
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.export.assemble import (
    MAX_NOTES,
    STATS_FRAMES_PER_NOTE,
    data_info,
    encode_bank,
    named_axes,
    training_command,
    versions,
)
from synth_app.training.export.corrections import with_corrections
from synth_app.training.export.note_bank import Encode, statistics_scale
from synth_app.training.fit.run_folder import SPLIT_NAME, open_frames, run_folder, run_lock
from synth_app.training.progress import Cancel, Report
from synth_app.training.settings import PCA_DESCRIPTION, PCA_FIT, PCA_NAME, PCA_TITLE, TrainSettings, list_changes


def fit_pca(
    settings: TrainSettings, name: str, report: Report, cancel: Cancel, *, corrections: bool = True
) -> ModelFile:
    """Compute a PCA model. Arguments and errors as ``train_model``.

    Its latent vectors are whitened to unit variance. ``corrections=False`` leaves out those of the bank's notes, which
    take most of the time.
    """
    fit = settings.fit or PCA_FIT
    if changed := [each for each in list_changes(fit, PCA_FIT) if not each.startswith("retrain=")]:
        raise UserError(f"pca is computed exactly and has no training settings; leave out {', '.join(changed)}")
    notes = read_notes(settings.data)
    split = make_split(notes, settings.split, settings.seed_of_split, retrain=fit.retrain)
    cache = open_frames(settings, settings.data, notes, report)
    folder = run_folder(settings, fit, cache)
    chosen = set(split.train)
    training = [note for note in notes if note.note_str in chosen]
    with run_lock(folder):
        write_split(folder / SPLIT_NAME, make_split(notes, settings.split, settings.seed_of_split))
        axes = cached_axes(cache, cache.rows(training), folder.parent, report, cancel)
    file = _linear_model(replace(settings, fit=fit), name, notes, axes, cache, training)
    bank = encode_bank(settings, notes, _encoder(axes, settings.latent_size), statistics_scale(file.stats.std), report)
    file = replace(file, bank=bank)
    return with_corrections(file, settings.bank or settings.data, report) if corrections else file


def _encoder(axes: PrincipalAxes, size: int) -> Encode:
    weight, bias = axes.whitening(size)
    return lambda unit, pitch: np.asarray(unit @ weight.T + bias, np.float32)


def _linear_model(
    settings: TrainSettings, name: str, notes: Sequence[Note], axes: PrincipalAxes, cache: FrameCache,
    training: Sequence[Note],
) -> ModelFile:  # fmt: skip
    """Return the model without a bank."""
    size, encode = settings.latent_size, _encoder(axes, settings.latent_size)
    tensors = _tensors(axes, size)
    rng = np.random.default_rng([settings.seed, 1])
    rows = cache.rows(training)
    used = sorted(rng.choice(rows, min(len(rows), MAX_NOTES), replace=False).tolist())
    sampled = cache.sample_frames(used, STATS_FRAMES_PER_NOTE, rng).astype(np.float32)
    pitch_of = {note.note_str: note.pitch for note in training}
    pitches = {row: pitch_of[cache.names[row]] for row in used}
    card = ModelCard(
        name=name,
        title=f"{PCA_TITLE}, {settings.spec.sample_rate / 1000:g} kHz",
        family=PCA_NAME,
        description=PCA_DESCRIPTION,
        spec=SpecCard(**vars(settings.spec)),
        latent_size=size,
        encoder=(Linear(weight="encoder.0.weight", bias="encoder.0.bias"),),
        decoder=(Linear(weight="decoder.0.weight", bias="decoder.0.bias"),),
        axis_names=named_axes(cache, pitches, encode, rng, whole=False),
        data=data_info(settings.data, len(notes)),
        training=_training_info(settings, name, tensors),
    )
    return ModelFile(card, tensors, LatentStats.of(encode(sampled, np.empty(0, np.float32))), ())


def _tensors(axes: PrincipalAxes, size: int) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for part, (weight, bias) in (("encoder", axes.whitening(size)), ("decoder", axes.unwhitening(size))):
        found |= {f"{part}.0.weight": weight, f"{part}.0.bias": np.ascontiguousarray(bias, np.float32)}
    return found


def _training_info(settings: TrainSettings, name: str, tensors: dict[str, Array]) -> TrainingInfo:
    fit = settings.fit or PCA_FIT
    return TrainingInfo(
        command=training_command(settings, fit, PCA_FIT, name),
        seed=settings.seed,
        epochs=0,
        seconds=0.0,
        versions=versions(),
        settings={
            **vars(fit), "data": settings.data.name, "split": settings.split, "best_epoch": 0,
            "threads": settings.threads, "parameters": sum(each.size for each in tensors.values()),
        },
    )  # fmt: skip
