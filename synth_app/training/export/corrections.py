"""Corrections of a model's note bank, fitted to the recordings that the bank was encoded from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.decoder import Model
from synth_app.decoder.correction_fit import SHAPES, fit_correction, partial_spacing
from synth_app.decoder.noise_fit import fit_noise
from synth_app.decoder.soft_fit import Stroke, fit_soft
from synth_app.modelfile import BankNote, ModelFile
from synth_app.modelfile.path_smoothing import jitter, smooth_unresolved
from synth_app.params import param
from synth_app.support.errors import UserError
from synth_app.training.export.note_bank import recorded_frames
from synth_app.training.progress import Progress, Report

_LEAST_JITTER = 0.05  # a path that has been smoothed stays as it is
_NoteKey = tuple[str, int]  # instrument and pitch


@dataclass(frozen=True)
class _Recordings:
    """A folder in NSynth's layout: its notes by name, and by instrument and pitch."""

    folder: Path
    by_name: dict[str, Note]
    by_key: dict[_NoteKey, tuple[Note, ...]]


def with_corrections(
    file: ModelFile, data: Path, report: Report, shapes: int = SHAPES, velocities: Path | None = None
) -> ModelFile:
    """Return the model with a correction for every note of its bank.

    Args:
        file: the model.
        data: folder in NSynth's layout that the bank was encoded from.
        report: called after every note.
        shapes: number of moving shapes of each correction; 0 keeps the mean alone.
        velocities: folder of the same notes at other velocities; by default ``data``.

    Raises:
        UserError: a folder is not readable, or ``data`` lacks a note of the bank, or its recording does not fit the
            note's path.
    """
    model, recordings = Model(file), _recordings(data)
    strokes = recordings if velocities is None else _recordings(velocities)
    bank = []
    for i, entry in enumerate(file.bank):
        bank.append(_corrected(model, entry, recordings, strokes, shapes))
        report(Progress("corrections", i + 1, len(file.bank)))
    return replace(file, bank=tuple(bank))


def _recordings(folder: Path) -> _Recordings:
    notes = read_notes(folder)
    by_key = dict[_NoteKey, tuple[Note, ...]]()
    for note in notes:
        key = (note.instrument_str, note.pitch)
        by_key[key] = (*by_key.get(key, ()), note)
    return _Recordings(folder, {note.note_str: note for note in notes}, by_key)


def _corrected(model: Model, entry: BankNote, recordings: _Recordings, strokes: _Recordings, shapes: int) -> BankNote:
    """Return a bank note with its correction, and with the gain of its recording."""
    data, note = recordings.folder, recordings.by_name.get(entry.name)
    if note is None:
        raise UserError(f"{data} has no note {entry.name}; give the data set that the model's bank was made from")
    found = recorded_frames(data, note, model.spec)
    frames = 0 if found is None else len(found[1])
    if found is None or frames != len(entry.z):
        raise UserError(
            f"{data}: {entry.name} has {frames} frames, the model's bank {len(entry.z)}; give the data set that the "
            "bank was made from"
        )
    audio, rate = read_audio(data, note)
    hop_s, pitch = model.spec.hop_seconds, float(entry.pitch)
    noise = fit_noise(audio, rate, pitch, found[0] * hop_s, frames * hop_s)
    others = _other_strokes(model, note, strokes)
    soft = fit_soft(Stroke(note.velocity, found[1]), others, model.spec, param("velocity_tilt").default)
    spacing = partial_spacing(model.spec, pitch)
    release = entry.marks.release_start
    gain_db = smooth_unresolved(found[1].max(axis=1)[:, None], release, spacing, 1.0 / hop_s)[:, 0]
    z = smooth_unresolved(entry.z, release, spacing, 1.0 / hop_s)
    entry = replace(entry, gain_db=gain_db, z=z if jitter(entry.z, z) > _LEAST_JITTER else entry.z)
    return replace(entry, correction=fit_correction(model, entry, found[1], pitch, shapes, noise, soft))


def _other_strokes(model: Model, note: Note, strokes: _Recordings) -> Sequence[Stroke]:
    """Return the recordings of a note at other velocities."""
    others = []
    for each in strokes.by_key.get((note.instrument_str, note.pitch), ()):
        if each.velocity != note.velocity:
            found = recorded_frames(strokes.folder, each, model.spec)
            if found is not None:
                others.append(Stroke(each.velocity, found[1]))
    return others
