"""Mixes the corrections of notes into one, at the pitch of the mix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote
from synth_app.modelfile.correction import Correction, knot_basis, knot_frames
from synth_app.spectrum import FrameSpec

_SHAPES = 8


@dataclass(frozen=True)
class CorrectedPart:
    """A note in a mix.

    Attributes:
        note: the note. pitch: MIDI, of its recording.
        weight: in the mix; all weights sum to 1.
        at: float64 [length], fractional frame of the note for every frame of the mix.
    """

    note: BankNote
    pitch: float
    weight: float
    at: NDArray[np.float64]


def mix_corrections(parts: Sequence[CorrectedPart], pitch: float, spec: FrameSpec) -> Correction | None:
    """Return the weighted mean of the notes' corrections, moved to ``pitch``; None if no note has one.

    A note without a correction counts as one of 0 dB.
    """
    corrected = [part for part in parts if part.note.correction is not None]
    if not corrected:
        return None
    if len(parts) == 1:
        return parts[0].note.correction
    length = len(parts[0].at)
    frames = knot_frames(length, Correction.KNOTS)
    levels = np.zeros((Correction.KNOTS, spec.bins))
    for part in corrected:
        levels += part.weight * _moved_levels(part, frames, pitch, spec)
    return _fit_knots(levels, length)


def center_levels_db(note: BankNote) -> NDArray[np.float32] | None:
    """Return the mean of a note's correction over its loop, float32 [bins] in dB; None without a correction."""
    if note.correction is None:
        return None
    loop = np.arange(note.marks.loop_start, note.marks.loop_end)
    mean: NDArray[np.float32] = note.correction.levels_db(loop, len(note.z)).mean(axis=0)
    return mean


def _moved_levels(
    part: CorrectedPart, frames: NDArray[np.float64], pitch: float, spec: FrameSpec
) -> NDArray[np.float32]:
    """Return a part's levels [knots, bins] at frames of the mix, at the pitch of the mix."""
    assert part.note.correction is not None
    at = np.interp(frames, np.arange(len(part.at)), part.at)
    levels = part.note.correction.levels_db(at, len(part.note.z))
    if abs(part.pitch - pitch) < 0.01:  # semitones
        return levels
    from synth_app.engine.spectral.detail import add_moved  # compiled: it is imported when sounds are mixed

    moved = np.zeros_like(levels)
    spacing, new_spacing = (_hz(each) * spec.n_fft / spec.sample_rate for each in (part.pitch, pitch))
    for before, after in zip(levels, moved, strict=True):
        add_moved(before, spacing, new_spacing, after)
    return moved


def _fit_knots(levels: NDArray[np.float64], length: int) -> Correction:
    """Return the correction with these levels [knots, bins] at the knots, in their strongest shapes."""
    mean = knot_basis(np.arange(length), length, len(levels)).mean(axis=0) @ levels
    u, s, v = np.linalg.svd(levels - mean, full_matrices=False)
    count = min(_SHAPES, len(s))
    return Correction.of(np.concatenate([mean[None], v[:count]]), (u[:, :count] * s[:count]).T)


def _hz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))
