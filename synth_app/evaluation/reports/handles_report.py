"""Measures the handles of a model on notes that nothing was fitted to: what moves, and what else changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Model
from synth_app.handles import (
    HandleScale,
    HandleSound,
    PathReader,
    PathScale,
    SoundReader,
    fit_scale,
    model_path_scale,
    move_handles,
)
from synth_app.handles.descriptors import LOUDNESS
from synth_app.modelfile import BankNote, note_center
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.params import HANDLES, SPECTRAL_HANDLES
from synth_app.spectrum import from_unit
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.training.export.note_bank import bank_note, hold_seconds, statistics_scale

Floats = NDArray[np.float64]
T = TypeVar("T")
ASKED, ENOUGH = 1.0, 0.7  # steps: of a move, and what counts as reached
_PATH_FRAMES = 8  # of the sustain, where the loudness is measured
_CHECKED_DENSITY = 4  # frames of a path that are measured, for each that the handles read
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
class _Fitted:
    """What measures a model: how handles read it, a denser reading of paths that checks them, and the sliders' ends."""

    reader: SoundReader
    scale: HandleScale
    path: PathReader
    path_scale: PathScale
    checked: PathReader
    limits: Floats


@dataclass(frozen=True)
class _Measured:
    reached: Floats  # [8] steps
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
        scale, path_scale = fit_scale(reader), model_path_scale(model)
        checked = PathReader(reader, _CHECKED_DENSITY)
        fitted = _Fitted(reader, scale, PathReader(reader), path_scale, checked, latent_ranges(model.stats, model.bank))
        fit_s = time.perf_counter() - started
        rows: list[list[_Measured]] = []
        read_s, instruments = [], set()
        for done, note in enumerate(chosen):
            encoded = _encoded(model, folder, note)
            if encoded is not None:
                instruments.add(note.instrument_str)
                row, seconds = _measure(fitted, encoded)
                rows.append(row)
                read_s.append(seconds)
            progress(done + 1, len(chosen))
    if not rows:
        raise UserError(f"{folder}: no note sounds; check it with `synth-app dataset check {folder}`")
    figures = tuple(_figures(i, fitted, [row[i] for row in rows]) for i in range(len(HANDLES)))
    return HandlesReport(model.card.name, len(rows), len(instruments), 1e3 * float(np.median(read_s)), fit_s, figures)


def _encoded(model: Model, folder: Path, note: Note) -> BankNote | None:
    def encode(unit: NDArray[np.float32], pitches: NDArray[np.float32]) -> NDArray[np.float32]:
        return model.encode(from_unit(unit, model.spec.floor_db), pitches)[0]

    z_std = statistics_scale(model.stats.std)
    return bank_note(folder, note, note.instrument_str, model.spec, encode, z_std, hold_seconds(folder))


def _measure(fitted: _Fitted, note: BankNote) -> tuple[list[_Measured], float]:
    """Move each handle of a note. Return what was measured, and the seconds that reading the note took."""
    sound = HandleSound(note_center(note)[0].astype(np.float64), float(note.pitch))
    seconds, slopes = _timed(partial(fitted.reader.slopes, sound.z, sound))
    before = _state(fitted, note)
    row = []
    for i in range(len(SPECTRAL_HANDLES)):
        taken, move = _timed(
            partial(move_handles, fitted.reader, fitted.scale, sound, {i: ASKED}, limits=fitted.limits, slopes=slopes)
        )
        moved = replace(note, z=(note.z + move.offset).astype(np.float32))
        row.append(_measured(_state(fitted, moved), before, move.gain_db, taken))
    slots = [(note, sound.pitch, 1.0)]
    wanted = fitted.path.values(note, sound.pitch) + ASKED * fitted.path_scale.step
    taken, bite_db = _timed(partial(fitted.path.find_bite_db, slots, wanted[0]))
    row.append(_measured(_state(fitted, note, bite_db=bite_db), before, 0.0, taken))
    taken, movement_db = _timed(partial(fitted.path.find_movement_db, slots, wanted[1]))
    row.append(_measured(_state(fitted, note, movement_db=movement_db), before, 0.0, taken))
    return row, seconds


def _state(fitted: _Fitted, note: BankNote, bite_db: float = 0.0, movement_db: float = 0.0) -> tuple[Floats, Floats]:
    """Return where the handles of a note are in steps, float64 [8], and the loudness of its sustain, float64 [n].

    The spectral handles are those of the centre; where the path moves more or less, those of its mean.
    """
    pitch = float(note.pitch)
    center = note_center(note)[0].astype(np.float64)
    sound = HandleSound(center, pitch)
    held = note.z[_spread(note.marks.loop_start, note.marks.loop_end)].astype(np.float64)
    factor = 10.0 ** (movement_db / 20.0)
    values = fitted.reader.values(np.concatenate([center[None], held, center + factor * (held - center)]), sound)
    as_recorded, as_moved = values[1 : 1 + len(held)], values[1 + len(held) :]
    spectral = (values[0] + as_moved.mean(axis=0) - as_recorded.mean(axis=0)) / fitted.scale.step
    path = fitted.checked.values(note, pitch, bite_db, movement_db) / fitted.path_scale.step
    return np.concatenate([spectral[:LOUDNESS], path]), as_moved[:, LOUDNESS]


def _measured(after: tuple[Floats, Floats], before: tuple[Floats, Floats], gain_db: float, seconds: float) -> _Measured:
    loudness_db = float(np.mean(after[1] - before[1])) + gain_db
    return _Measured(after[0] - before[0], loudness_db, seconds)


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


def _figures(i: int, fitted: _Fitted, measured: list[_Measured]) -> HandleFigures:
    reached = np.stack([each.reached for each in measured])
    side = np.abs(np.delete(reached, i, axis=1))
    loudness = np.abs([each.loudness_db for each in measured])
    steps = (*fitted.scale.step[:LOUDNESS], *fitted.path_scale.step)
    return HandleFigures(
        HANDLES[i].name,
        float(steps[i]),
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
