"""Corrections of a model's note bank, fitted to the recordings that the bank was encoded from."""

from dataclasses import replace
from pathlib import Path

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Model
from synth_app.decoder.correction_fit import SHAPES, fit_correction
from synth_app.modelfile import BankNote, ModelFile
from synth_app.modelfile.correction import Correction
from synth_app.support.errors import UserError
from synth_app.training.export.note_bank import recorded_frames
from synth_app.training.progress import Progress, Report


def with_corrections(file: ModelFile, data: Path, report: Report, shapes: int = SHAPES) -> ModelFile:
    """Return the model with a correction for every note of its bank.

    Args:
        file: the model.
        data: folder in NSynth's layout that the bank was encoded from.
        report: called after every note.
        shapes: number of moving shapes of each correction; 0 keeps the mean alone.

    Raises:
        UserError: the folder lacks a note of the bank, or its recording does not fit the note's path.
    """
    model, notes = Model(file), {note.note_str: note for note in read_notes(data)}
    bank = []
    for i, entry in enumerate(file.bank):
        bank.append(replace(entry, correction=_fit(model, entry, notes.get(entry.name), data, shapes)))
        report(Progress("corrections", i + 1, len(file.bank)))
    return replace(file, bank=tuple(bank))


def _fit(model: Model, entry: BankNote, note: Note | None, data: Path, shapes: int) -> Correction:
    if note is None:
        raise UserError(f"{data} has no note {entry.name}; give the data set that the model's bank was made from")
    found = recorded_frames(data, note, model.spec)
    frames = 0 if found is None else len(found[1])
    if found is None or frames != len(entry.z):
        raise UserError(
            f"{data}: {entry.name} has {frames} frames, the model's bank {len(entry.z)}; give the data set that the "
            "bank was made from"
        )
    return fit_correction(model, entry, found[1], float(entry.pitch), shapes)
