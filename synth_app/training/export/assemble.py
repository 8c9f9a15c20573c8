"""The parts of a model file that need no torch: note bank, names of the dimensions, provenance."""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.modelfile import BankNote, DataInfo
from synth_app.support.loading import loading, read_bytes
from synth_app.training.data.frame_cache import Array, FrameCache
from synth_app.training.export.axis_names import axis_names, descriptors
from synth_app.training.export.note_bank import (
    Encode,
    bank_note,
    choose_bank,
    hold_seconds,
    instrument_names,
    read_source,
)
from synth_app.training.progress import Progress, Report
from synth_app.training.settings import FitSettings, TrainSettings, list_changes, spec_name
from synth_app.version import __version__

STATS_FRAMES_PER_NOTE = 16
MAX_NOTES = 8192  # for statistics and axis names
_NAMING_FRAMES_PER_NOTE = 4
_MAX_NOTICE_BYTES = 2**20


def encode_bank(
    settings: TrainSettings, notes: Sequence[Note], encode: Encode, z_std: Array, report: Report
) -> tuple[BankNote, ...]:
    """Encode the notes of a model's bank: all notes of ``settings.bank``, or some of each instrument of ``notes``.

    Args:
        settings: the job.
        notes: of its data set.
        encode: scaled frames and pitches to latent vectors.
        z_std: standard deviation [latent] of the latent vectors.
        report: called after every note.
    """
    data, spec = settings.bank or settings.data, settings.spec
    names, hold_s = instrument_names(data), hold_seconds(data)
    chosen = list(read_notes(data)) if settings.bank else choose_bank(notes)
    bank: list[BankNote] = []
    for i, note in enumerate(chosen):
        instrument = names.get(note.instrument_str, note.instrument_str)
        entry = bank_note(data, note, instrument, spec, encode, z_std, hold_s)
        if entry is not None:
            bank.append(entry)
        report(Progress("bank", i + 1, len(chosen)))
    return tuple(bank)


def named_axes(
    cache: FrameCache, pitches: Mapping[int, int], encode: Encode, rng: np.random.Generator, *, whole: bool
) -> tuple[str, ...]:
    """Return names of the latent dimensions, after what some frames of the notes sound like.

    Args:
        cache: frames.
        pitches: MIDI, by row of the cache, of the notes to look at.
        encode: scaled frames and pitches to latent vectors.
        rng: chooses the frames.
        whole: encode whole notes, as a recurrent net needs.
    """
    units: list[Array] = []
    keys: list[int] = []
    latents: list[Array] = []
    for row, pitch in pitches.items():
        frames = cache.unit(row)
        index = np.sort(rng.permutation(len(frames))[:_NAMING_FRAMES_PER_NOTE])
        units.append(frames[index].astype(np.float32))
        keys += [pitch] * len(index)
        if whole:
            note = frames.astype(np.float32)
            latents.append(encode(note, np.full(len(note), pitch, np.float32))[index])
    unit, pitch_of = np.concatenate(units), np.array(keys, np.float32)
    z = np.concatenate(latents) if latents else encode(unit, pitch_of)
    return axis_names(z, descriptors(unit, pitch_of, cache.spec))


def versions(**more: str) -> dict[str, str]:
    """Return the versions that a training depends on."""
    return {
        "synth_app": __version__,
        "python": platform.python_version(),
        **more,
        "numpy": np.__version__,
    }


def training_command(settings: TrainSettings, fit: FitSettings, defaults: FitSettings, name: str) -> str:
    """Return the command that trains a model; ``defaults`` are the family's."""
    kind = (
        f"--from {settings.start.stem} "
        if settings.start
        else f"--family {settings.family} --spec {spec_name(settings.spec)} --latent {settings.latent_size} "
    )
    return (
        f"synth-app train {settings.data.name} {kind}--seed {settings.seed} --split {Path(settings.split).name} "
        + "".join(f"--also {data.name} " for data in settings.also)
        + "".join(f"--set {change} " for change in list_changes(fit, defaults))
        + (f"--bank {settings.bank.name} " if settings.bank else "")
        + f"--out {name}.safetensors"
    )


def data_info(data: Path, notes: int) -> DataInfo:
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
        licence=str(source.get("licence") or _licence(" ".join(texts))),
        notice="\n".join(text for text in texts if text),
        notes=notes,
        command=str(source.get("command", "")),
    )


def _licence(text: str) -> str:
    for licence in ("MIT", "CC-BY-4.0", "CC0"):
        if licence.lower() in text.lower():
            return licence
    return "see the notice" if text.strip() else "unknown"
