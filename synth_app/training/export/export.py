"""A fitted net to a model file: programs, statistics, axis names, note bank and card."""

import platform
from pathlib import Path

import numpy as np
import torch

import synth_app
from synth_app.dataset.nsynth import read_notes
from synth_app.decoder import Network, refine
from synth_app.modelfile import BankNote, DataInfo, LatentStats, ModelCard, ModelFile, TrainingInfo
from synth_app.modelfile.card import SpecCard
from synth_app.training.data.batch_sampler import draw_epoch, fewer
from synth_app.training.data.frame_cache import Array
from synth_app.training.export.axis_names import axis_names, descriptors
from synth_app.training.export.compress import compress_decoder
from synth_app.training.export.note_bank import (
    Encode,
    bank_note,
    choose_bank,
    held_seconds,
    instrument_names,
    read_source,
    statistics_scale,
)
from synth_app.training.fit.job import Fitted
from synth_app.training.progress import Progress, Report
from synth_app.training.settings import fit_changes, spec_name

_STATS_FRAMES_PER_NOTE = 16
_NAMED_FRAMES_PER_NOTE = 4
_MOST_NOTES = 8192  # whose frames are looked at
_COMPRESSED_ON = 8192  # codes
_REFINED_AT_ONCE = 16  # frames: what they decode to stays in the cache
BETA_CONVENTION = "squared error averaged over bins, KL divergence summed over dimensions"


def to_model_file(fitted: Fitted, name: str, report: Report) -> ModelFile:
    """Everything about a fitted net that playing and judging it needs, but for its scores.

    Args:
        fitted: the net and its job.
        name: of the model, as in its file name.
        report: told of bank notes.
    """
    settings = fitted.settings
    encode = encoder_of(fitted)
    codes = _drawn_codes(fitted)
    stats = LatentStats.of(codes)
    encoder, decoder, tensors = fitted.net.export()
    weights = {key: np.ascontiguousarray(value.numpy(), np.float32) for key, value in tensors.items()}
    some = np.random.default_rng([settings.seed, 3]).permutation(len(codes))[:_COMPRESSED_ON]
    decoder, weights, change_db = compress_decoder(decoder, weights, codes[some], -settings.spec.floor_db / 2.0)
    kind = spec_name(settings.spec)
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
        training=TrainingInfo(
            command=f"synth-app train {settings.data.name} --family {settings.family} --spec {kind} --latent "
            f"{settings.latent_size} --seed {settings.seed} --split {settings.split} "
            + "".join(f"--also {data.name} " for data in settings.also)
            + "".join(f"--set {change} " for change in fit_changes(fitted.fit, fitted.family.fit(settings.spec)))
            + (f"--bank {settings.bank.name} " if settings.bank else "")
            + f"--out {name}.safetensors",
            seed=settings.seed,
            epochs=fitted.standing.epoch,
            seconds=round(fitted.standing.seconds, 3),
            versions={
                "synth_app": synth_app.__version__,
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
            settings={
                **vars(fitted.fit),
                "data": settings.data.name,
                "split": settings.split,
                "best_epoch": fitted.standing.best_epoch,
                "threads": settings.threads,
                "parameters": sum(weight.size for weight in weights.values()),
                **({"decoder_factorised_rms_db": round(change_db, 3)} if change_db else {}),
            },
            beta_convention=BETA_CONVENTION if fitted.fit.beta else "",
        ),
    )
    return ModelFile(
        card, weights, stats, _bank(fitted, _refined(encode, card, weights), statistics_scale(stats.std), report)
    )


def encoder_of(fitted: Fitted) -> Encode:
    """The net's encoder on numpy frames [n, bins] and their pitches [n]; for a recurrent net they are one sequence."""

    def encode(unit: Array, pitch: Array) -> Array:
        with torch.no_grad():
            codes: Array = fitted.net.encode(torch.from_numpy(unit), torch.from_numpy(pitch)).numpy()
        return codes

    return encode


def _refined(encode: Encode, card: ModelCard, weights: dict[str, Array]) -> Encode:
    """The encoder, its codes refined for the decoder as it is stored.

    A recurrent net's are left as they are, and those of a net that is told the pitch: refined at their own key they
    would be worse at all others (docs/benchmarks.md).
    """
    if card.key_range is not None:
        return encode
    rows = _REFINED_AT_ONCE * (card.latent_size + 1)
    decoder = Network(card.decoder, weights, card.latent_size, rows, key_range=card.key_range)
    if decoder.recurrent:
        return encode
    return lambda unit, pitch: refine(decoder, unit, encode(unit, pitch), pitch)


def _drawn_codes(fitted: Fitted) -> Array:
    """Codes [n, latent] of some frames of every training note; a recurrent net's of some sequences."""
    rng = np.random.default_rng([fitted.settings.seed, 1])
    learned = fewer(fitted.learned, _MOST_NOTES, rng)
    drawn = draw_epoch((learned,), _STATS_FRAMES_PER_NOTE, rng, window=fitted.net.window)
    with torch.no_grad():
        codes = [fitted.net.encode(part.x, part.pitch) for part in drawn.batches(_COMPRESSED_ON)]
    return torch.cat(codes).flatten(end_dim=-2).numpy()


def _bank(fitted: Fitted, encode: Encode, z_std: Array, report: Report) -> tuple[BankNote, ...]:
    data, spec = fitted.settings.bank or fitted.settings.data, fitted.settings.spec
    names, held_s = instrument_names(data), held_seconds(data)
    chosen = list(read_notes(data)) if fitted.settings.bank else choose_bank(fitted.notes)
    bank: list[BankNote] = []
    for i, note in enumerate(chosen):
        instrument = names.get(note.instrument_str, note.instrument_str)
        entry = bank_note(data, note, instrument, spec, encode, z_std, held_s)
        if entry is not None:
            bank.append(entry)
        report(Progress("bank", i + 1, len(chosen)))
    return tuple(bank)


def _axis_names(fitted: Fitted, encode: Encode) -> tuple[str, ...]:
    rng = np.random.default_rng([fitted.settings.seed, 2])
    learned = fewer(fitted.learned, _MOST_NOTES, rng)
    units: list[Array] = []
    pitches: list[int] = []
    codes: list[Array] = []
    for row in learned.rows:
        frames = fitted.cache.unit(row)
        pick = rng.permutation(len(frames))[:_NAMED_FRAMES_PER_NOTE]
        units.append(frames[np.sort(pick)].astype(np.float32))
        pitches += [learned.pitches[row]] * len(pick)
        if fitted.net.window > 1:
            whole = frames.astype(np.float32)
            codes.append(encode(whole, np.full(len(whole), pitches[-1], np.float32))[np.sort(pick)])
    unit = np.concatenate(units)
    pitch = np.array(pitches, np.float32)
    return axis_names(
        np.concatenate(codes) if codes else encode(unit, pitch), descriptors(unit, pitch, fitted.settings.spec)
    )


def _data_info(data: Path, notes: int) -> DataInfo:
    """Provenance as the data set's source.json has it, with the texts of its NOTICE file if there is one."""
    source = read_source(data)
    font = source.get("soundfont")
    told = font if isinstance(font, dict) else {}
    texts = [str(told.get("copyright", "")), str(told.get("comment", ""))]
    notice = data / "NOTICE"
    if notice.is_file():
        texts.append(notice.read_text(encoding="utf-8").strip())
    return DataInfo(
        name=str(told.get("name") or data.name),
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
