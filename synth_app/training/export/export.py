"""Export of a trained net to a model file: operations, statistics, axis names, note bank and card."""

import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

import synth_app
from synth_app.dataset.nsynth import read_notes
from synth_app.decoder import Network, optimize_latents
from synth_app.modelfile import BankNote, DataInfo, LatentStats, ModelCard, ModelFile, TrainingInfo
from synth_app.modelfile.card import SpecCard
from synth_app.support.loading import loading, read_bytes
from synth_app.training.data.batch_sampler import sample_epoch, subsample_notes
from synth_app.training.data.frame_cache import Array
from synth_app.training.export.axis_names import axis_names, descriptors
from synth_app.training.export.compress import compress_decoder
from synth_app.training.export.corrections import with_corrections
from synth_app.training.export.note_bank import (
    Encode,
    bank_note,
    choose_bank,
    hold_seconds,
    instrument_names,
    read_source,
    statistics_scale,
)
from synth_app.training.fit.job import Fitted
from synth_app.training.progress import Progress, Report
from synth_app.training.settings import list_changes, spec_name

_STATS_FRAMES_PER_NOTE = 16
_NAMING_FRAMES_PER_NOTE = 4
_MAX_NOTES = 8192  # for statistics and axis names
_MAX_COMPRESSION_LATENTS = 8192  # latent vectors that the compression is computed for
_MAX_NOTICE_BYTES = 2**20
_FRAMES_PER_STEP = 16  # so that the decoded frames stay in the CPU's cache
BETA_CONVENTION = "squared error averaged over bins, KL divergence summed over dimensions"


def to_model_file(fitted: Fitted, name: str, report: Report) -> ModelFile:
    """Make the model file of a trained net, without scores.

    Args:
        fitted: the net and its job.
        name: of the model, as in its file name.
        report: called with the progress of the note bank.
    """
    settings = fitted.settings
    encode = encoder_of(fitted)
    latents = _sample_latents(fitted)
    stats = LatentStats.of(latents)
    encoder, decoder, tensors = fitted.net.export()
    weights = {key: np.ascontiguousarray(value.numpy(), np.float32) for key, value in tensors.items()}
    chosen = np.random.default_rng([settings.seed, 3]).permutation(len(latents))[:_MAX_COMPRESSION_LATENTS]
    decoder, weights, change_db = compress_decoder(decoder, weights, latents[chosen], -settings.spec.floor_db / 2.0)
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
        data=_data_info(settings.data, len(fitted.notes)),
        training=_training_info(fitted, name, weights, change_db),
    )
    bank = _bank(fitted, _with_optimization(encode, card, weights), statistics_scale(stats.std), report)
    return with_corrections(ModelFile(card, weights, stats, bank), settings.bank or settings.data, report)


def _training_info(fitted: Fitted, name: str, weights: dict[str, Array], change_db: float) -> TrainingInfo:
    settings: dict[str, Any] = {
        **vars(fitted.fit),
        "data": fitted.settings.data.name,
        "split": fitted.settings.split,
        "best_epoch": fitted.state.best_epoch,
        "threads": fitted.settings.threads,
        "parameters": sum(weight.size for weight in weights.values()),
    }
    if fitted.settings.seed_of_split != fitted.settings.seed:
        settings["split_seed"] = fitted.settings.seed_of_split
    if change_db:
        settings["decoder_factorised_rms_db"] = round(change_db, 3)
    return TrainingInfo(
        command=_command(fitted, name),
        seed=fitted.settings.seed,
        epochs=fitted.state.epoch,
        seconds=round(fitted.state.seconds, 3),
        versions={
            "synth_app": synth_app.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        settings=settings,
        beta_convention=BETA_CONVENTION if fitted.fit.beta else "",
    )


def _command(fitted: Fitted, name: str) -> str:
    """Return the command that trains this model."""
    settings = fitted.settings
    return (
        f"synth-app train {settings.data.name} --family {settings.family} --spec {spec_name(settings.spec)} --latent "
        f"{settings.latent_size} --seed {settings.seed} --split {settings.split} "
        + "".join(f"--also {data.name} " for data in settings.also)
        + "".join(f"--set {change} " for change in list_changes(fitted.fit, fitted.family.fit(settings.spec)))
        + (f"--bank {settings.bank.name} " if settings.bank else "")
        + f"--out {name}.safetensors"
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
    notes = subsample_notes(fitted.training_notes, _MAX_NOTES, rng)
    sampled = sample_epoch((notes,), _STATS_FRAMES_PER_NOTE, rng, window=fitted.net.window)
    with torch.no_grad():
        latents = [fitted.net.encode(part.x, part.pitch) for part in sampled.batches(_MAX_COMPRESSION_LATENTS)]
    return torch.cat(latents).flatten(end_dim=-2).numpy()


def _bank(fitted: Fitted, encode: Encode, z_std: Array, report: Report) -> tuple[BankNote, ...]:
    data, spec = fitted.settings.bank or fitted.settings.data, fitted.settings.spec
    names, hold_s = instrument_names(data), hold_seconds(data)
    chosen = list(read_notes(data)) if fitted.settings.bank else choose_bank(fitted.notes)
    bank: list[BankNote] = []
    for i, note in enumerate(chosen):
        instrument = names.get(note.instrument_str, note.instrument_str)
        entry = bank_note(data, note, instrument, spec, encode, z_std, hold_s)
        if entry is not None:
            bank.append(entry)
        report(Progress("bank", i + 1, len(chosen)))
    return tuple(bank)


def _axis_names(fitted: Fitted, encode: Encode) -> tuple[str, ...]:
    rng = np.random.default_rng([fitted.settings.seed, 2])
    notes = subsample_notes(fitted.training_notes, _MAX_NOTES, rng)
    units: list[Array] = []
    pitches: list[int] = []
    latents: list[Array] = []
    for row in notes.rows:
        frames = fitted.cache.unit(row)
        index = np.sort(rng.permutation(len(frames))[:_NAMING_FRAMES_PER_NOTE])
        units.append(frames[index].astype(np.float32))
        pitches += [notes.pitches[row]] * len(index)
        if fitted.net.window > 1:
            whole = frames.astype(np.float32)
            latents.append(encode(whole, np.full(len(whole), pitches[-1], np.float32))[index])
    unit = np.concatenate(units)
    pitch = np.array(pitches, np.float32)
    return axis_names(
        np.concatenate(latents) if latents else encode(unit, pitch), descriptors(unit, pitch, fitted.settings.spec)
    )


def _data_info(data: Path, notes: int) -> DataInfo:
    """Return the data set's provenance from its source.json, with the text of its NOTICE file if there is one."""
    source = read_source(data)
    soundfont = source.get("soundfont")
    font = soundfont if isinstance(soundfont, dict) else {}
    texts = [str(font.get("copyright", "")), str(font.get("comment", ""))]
    notice = data / "NOTICE"
    if notice.is_file():
        with loading(notice, "a notice", "replace or remove it"):
            texts.append(read_bytes(notice, _MAX_NOTICE_BYTES).decode("utf-8", "replace").strip())
    return DataInfo(
        name=str(font.get("name") or data.name),
        licence=_licence(" ".join(texts)),
        notice="\n".join(text for text in texts if text),
        notes=notes,
        command=str(source.get("command", "")),
    )


def _licence(text: str) -> str:
    for licence in ("MIT", "CC-BY-4.0", "CC0"):
        if licence.lower() in text.lower():
            return licence
    return "see the notice" if text.strip() else "unknown"
