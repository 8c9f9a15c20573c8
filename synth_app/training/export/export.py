"""Export of a trained net to a model file: operations, statistics, axis names, note bank and card."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from synth_app.decoder import Network, optimize_latents
from synth_app.modelfile import LatentStats, ModelCard, ModelFile, TrainingInfo
from synth_app.modelfile.card import SpecCard
from synth_app.training.data.batch_sampler import sample_epoch, subsample_notes
from synth_app.training.data.frame_cache import Array
from synth_app.training.export.assemble import (
    MAX_NOTES,
    STATS_FRAMES_PER_NOTE,
    data_info,
    encode_bank,
    named_axes,
    training_command,
    versions,
)
from synth_app.training.export.compress import compress_decoder
from synth_app.training.export.corrections import with_corrections
from synth_app.training.export.note_bank import Encode, statistics_scale
from synth_app.training.fit.job import Fitted
from synth_app.training.progress import Report

_MAX_COMPRESSION_LATENTS = 8192  # latent vectors that the compression is computed for
_FRAMES_PER_STEP = 16  # so that the decoded frames stay in the CPU's cache
BETA_CONVENTION = "squared error averaged over bins, KL divergence summed over dimensions"


def to_model_file(
    fitted: Fitted, name: str, report: Report, *, corrections: bool = True, draft: bool = False
) -> ModelFile:
    """Make the model file of a trained net, without scores.

    Args:
        fitted: the net and its job.
        name: of the model, as in its file name.
        report: called with the progress of the note bank.
        corrections: fit those of the bank's notes, which takes most of the time.
        draft: leave out all that takes long, to hear a net while it is trained: corrections, the optimization of the
            bank's latent vectors, and the compression of the decoder.
    """
    settings = fitted.settings
    encode = encoder_of(fitted)
    latents = _sample_latents(fitted)
    stats = LatentStats.of(latents)
    encoder, decoder, tensors = fitted.net.export()
    weights = {key: np.ascontiguousarray(value.numpy(), np.float32) for key, value in tensors.items()}
    change_db = 0.0
    if not draft:
        chosen = np.random.default_rng([settings.seed, 3]).permutation(len(latents))[:_MAX_COMPRESSION_LATENTS]
        scale_db = -settings.spec.floor_db / 2.0
        decoder, weights, change_db = compress_decoder(decoder, weights, latents[chosen], scale_db)
    card = ModelCard(
        name=name,
        title=f"{fitted.family.title}, {settings.spec.sample_rate / 1000:g} kHz",
        family=fitted.family.name,
        description=fitted.family.description,
        spec=SpecCard(**vars(settings.spec)),
        latent_size=settings.latent_size,
        encoder=encoder,
        decoder=decoder,
        key_range=fitted.net.key_range,
        axis_names=_axis_names(fitted, encode),
        data=data_info(settings.data, len(fitted.notes)),
        training=_training_info(fitted, name, weights, change_db),
    )
    optimized = encode if draft else _with_optimization(encode, card, weights)
    bank = encode_bank(settings, fitted.notes, optimized, statistics_scale(stats.std), report)
    file = ModelFile(card, weights, stats, bank)
    return with_corrections(file, settings.bank or settings.data, report) if corrections and not draft else file


def _training_info(fitted: Fitted, name: str, weights: dict[str, Array], change_db: float) -> TrainingInfo:
    settings: dict[str, Any] = {
        **vars(fitted.fit),
        "data": fitted.settings.data.name,
        "split": Path(fitted.settings.split).name,
        "best_epoch": fitted.state.best_epoch,
        "threads": fitted.settings.threads,
        "parameters": sum(weight.size for weight in weights.values()),
    }
    if fitted.settings.seed_of_split != fitted.settings.seed:
        settings["split_seed"] = fitted.settings.seed_of_split
    if change_db:
        settings["decoder_factorised_rms_db"] = round(change_db, 3)
    return TrainingInfo(
        command=training_command(fitted.settings, fitted.fit, fitted.family.fit(fitted.settings.spec), name),
        seed=fitted.settings.seed,
        epochs=fitted.state.epoch,
        seconds=round(fitted.state.seconds, 3),
        versions=versions(torch=torch.__version__),
        settings=settings,
        beta_convention=BETA_CONVENTION if fitted.fit.beta else "",
    )


def encoder_of(fitted: Fitted) -> Encode:
    """Return the net's encoder for numpy frames [n, bins] and their pitches [n]; one sequence for a recurrent net."""

    def encode(unit: Array, pitch: Array) -> Array:
        with torch.no_grad():
            latents: Array = fitted.net.encode(torch.from_numpy(unit), torch.from_numpy(pitch)).numpy()
        return latents

    return encode


def _with_optimization(encode: Encode, card: ModelCard, weights: dict[str, Array]) -> Encode:
    """Return the encoder followed by a Gauss-Newton step against the stored decoder.

    The latent vectors of recurrent and of pitch-conditioned nets are not optimised. Optimised at their own key, the
    latter would be worse at all other keys (docs/benchmarks/models.md).
    """
    if card.key_range is not None:
        return encode
    rows = _FRAMES_PER_STEP * (card.latent_size + 1)
    decoder = Network(card.decoder, weights, card.latent_size, rows, key_range=card.key_range)
    if decoder.recurrent:
        return encode
    return lambda unit, pitch: optimize_latents(decoder, unit, encode(unit, pitch), pitch)


def _sample_latents(fitted: Fitted) -> Array:
    """Return latent vectors [n, latent] of some frames of every training note; of sequences for a recurrent net."""
    rng = np.random.default_rng([fitted.settings.seed, 1])
    notes = subsample_notes(fitted.training_notes, MAX_NOTES, rng)
    sampled = sample_epoch((notes,), STATS_FRAMES_PER_NOTE, rng, window=fitted.net.window)
    with torch.no_grad():
        latents = [fitted.net.encode(part.x, part.pitch) for part in sampled.batches(_MAX_COMPRESSION_LATENTS)]
    return torch.cat(latents).flatten(end_dim=-2).numpy()


def _axis_names(fitted: Fitted, encode: Encode) -> tuple[str, ...]:
    rng = np.random.default_rng([fitted.settings.seed, 2])
    notes = subsample_notes(fitted.training_notes, MAX_NOTES, rng)
    pitches = {row: notes.pitches[row] for row in notes.rows}
    return named_axes(fitted.cache, pitches, encode, rng, whole=fitted.net.window > 1)
