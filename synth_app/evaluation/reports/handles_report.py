"""Measures the handles of a model on notes that nothing was fitted to: what moves, and what else changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Model
from synth_app.handles import SPECTRAL_HANDLES, HandleScale, HandleSound, Move, SoundReader, fit_scale, move_handles
from synth_app.handles.descriptors import LOUDNESS
from synth_app.modelfile import BankNote, note_center
from synth_app.spectrum import from_unit
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.training.export.note_bank import bank_note, hold_seconds, statistics_scale

Floats = NDArray[np.float64]
T = TypeVar("T")
ASKED, ENOUGH = 1.0, 0.7  # steps: of a move, and what counts as reached
_PATH_FRAMES = 8  # of the sustain, where the loudness is measured
_TIMED_RUNS = 3  # the fastest counts
_FINE_S = 1e-5
# the thread's own time, without that of other programs, where the system measures it finely (not on Windows)
_clock_s = time.thread_time if time.get_clock_info("thread_time").resolution <= _FINE_S else time.perf_counter


@dataclass(frozen=True)
class HandleFigures:
    """What one handle does when it is asked for one step up.

    Attributes:
        handle: its name. step: one step in its unit.
        reached_share: share of the sounds that move by at least ``ENOUGH`` steps, 0 to 1.
        reached_5, reached_50: steps moved, 5th percentile and median.
        side_50, side_95: changes of the other handles in steps, median and 95th percentile of all of them.
        worst_side_50: median change of the handle that changes most.
        loudness_50_db, loudness_95_db: change of the sustain's K-weighted loudness, median and 95th percentile.
        move_ms: computing time of a move, median; slopes at the sound are known.
    """

    handle: str
    step: float
    reached_share: float
    reached_5: float
    reached_50: float
    side_50: float
    side_95: float
    worst_side_50: float
    loudness_50_db: float
    loudness_95_db: float
    move_ms: float


@dataclass(frozen=True)
class HandlesReport:
    """All figures of one model.

    Attributes:
        model: its name. sounds, instruments: how many were moved.
        read_ms: computing time to read a sound with its slopes, median. fit_s: time to fit the scale to the bank.
        handles: of each handle.
    """

    model: str
    sounds: int
    instruments: int
    read_ms: float
    fit_s: float
    handles: tuple[HandleFigures, ...]


@dataclass(frozen=True)
class _Measured:
    reached: Floats  # [6] steps
    loudness_db: float
    seconds: float


def handles_report(
    model: Model, folder: Path, count: int, seed: int, progress: Callable[[int, int], None]
) -> HandlesReport:
    """Ask each handle for one step up on randomly chosen notes of a folder, and measure what changes.

    Args:
        model: with a note bank.
        folder: in NSynth's layout, of notes that the model was not trained on.
        count: number of notes. seed: of their choice.
        progress: called with (notes done, all notes).

    Raises:
        UserError: the folder cannot be read or has only silent notes, or the bank is too small.
    """
    notes = read_notes(folder)
    chosen = [notes[i] for i in np.random.default_rng(seed).permutation(len(notes))[:count]]
    with BlasThreadLimit():
        started = time.perf_counter()
        reader = SoundReader(model)
        scale = fit_scale(reader)
        fit_s = time.perf_counter() - started
        rows: list[list[_Measured]] = []
        read_s, instruments = [], set()
        for done, note in enumerate(chosen):
            encoded = _encoded(model, folder, note)
            if encoded is not None:
                instruments.add(note.instrument_str)
                row, seconds = _measure(reader, scale, encoded)
                rows.append(row)
                read_s.append(seconds)
            progress(done + 1, len(chosen))
    if not rows:
        raise UserError(f"{folder}: no note sounds; check it with `synth-app dataset check {folder}`")
    figures = tuple(_figures(i, scale, [row[i] for row in rows]) for i in range(len(SPECTRAL_HANDLES)))
    return HandlesReport(model.card.name, len(rows), len(instruments), 1e3 * float(np.median(read_s)), fit_s, figures)


def _encoded(model: Model, folder: Path, note: Note) -> BankNote | None:
    def encode(unit: NDArray[np.float32], pitches: NDArray[np.float32]) -> NDArray[np.float32]:
        return model.encode(from_unit(unit, model.spec.floor_db), pitches)[0]

    z_std = statistics_scale(model.stats.std)
    return bank_note(folder, note, note.instrument_str, model.spec, encode, z_std, hold_seconds(folder))


def _measure(reader: SoundReader, scale: HandleScale, note: BankNote) -> tuple[list[_Measured], float]:
    """Move each handle of a note. Return what was measured, and the seconds that reading the note took."""
    sound = HandleSound(note_center(note)[0].astype(np.float64), float(note.pitch))
    seconds, slopes = _timed(partial(reader.slopes, sound.z, sound))
    path = note.z[_spread(note.marks.loop_start, note.marks.loop_end)].astype(np.float64)
    before = reader.values(path, sound)[:, LOUDNESS]
    row = []
    for i in range(len(SPECTRAL_HANDLES)):
        taken, move = _timed(partial(move_handles, reader, scale, sound, {i: ASKED}, slopes=slopes))
        after = reader.values(path + move.offset, sound)[:, LOUDNESS] + move.gain_db
        row.append(_Measured(_reached(reader, scale, sound, move), float(np.mean(after - before)), taken))
    return row, seconds


def _reached(reader: SoundReader, scale: HandleScale, sound: HandleSound, move: Move) -> Floats:
    """Return the steps that a move makes, measured anew."""
    values = reader.values(np.stack([sound.z, sound.z + move.offset]), sound)
    change: Floats = ((values[1] - values[0]) / scale.step)[:LOUDNESS]
    return change


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of computing of the fastest of some calls, and the result of the last."""
    fastest = np.inf
    for _ in range(_TIMED_RUNS):
        started = _clock_s()
        result = call()
        fastest = min(fastest, _clock_s() - started)
    return float(fastest), result


def _spread(start: int, stop: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(start, stop - 1, _PATH_FRAMES).astype(np.intp))


def _figures(i: int, scale: HandleScale, measured: list[_Measured]) -> HandleFigures:
    reached = np.stack([each.reached for each in measured])
    side = np.abs(np.delete(reached, i, axis=1))
    loudness = np.abs([each.loudness_db for each in measured])
    return HandleFigures(
        SPECTRAL_HANDLES[i].name,
        float(scale.step[i]),
        float(np.mean(reached[:, i] >= ENOUGH)),
        float(np.percentile(reached[:, i], 5)),
        float(np.median(reached[:, i])),
        float(np.median(side)),
        float(np.percentile(side, 95)),
        float(np.median(side, axis=0).max()),
        float(np.median(loudness)),
        float(np.percentile(loudness, 95)),
        1e3 * float(np.median([each.seconds for each in measured])),
    )
