"""Mixes the corrections of notes into one, at the pitch of the mix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, noise_share
from synth_app.modelfile.correction import Correction, knot_basis, knot_frames
from synth_app.modelfile.soft_shape import band_bins, pack_soft, unpack_soft
from synth_app.spectrum import FrameSpec

_LEAST_SHAPES = 8
_LEAST_TOTAL = 1e-3  # of weights that may cancel out


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
    found = [part.note.correction for part in corrected if part.note.correction is not None]
    knots = max(each.knots for each in found)
    frames = knot_frames(length, knots)
    levels = np.zeros((knots, spec.bins))
    for part in corrected:
        levels += part.weight * _moved_levels(part, frames, pitch, spec)
    shapes = max(_LEAST_SHAPES, *(len(each.scale_db) // 4 - 1 for each in found))
    mixed = _fit_knots(levels, length, shapes)
    return replace(mixed, noise=_mixed_noise(corrected, length), soft=_mixed_soft(corrected, pitch, spec),
                   velocity=_mixed_velocity(corrected))  # fmt: skip


def _moved_levels(
    part: CorrectedPart, frames: NDArray[np.float64], pitch: float, spec: FrameSpec
) -> NDArray[np.float32]:
    """Return a part's levels [knots, bins] at frames of the mix, at the pitch of the mix."""
    assert part.note.correction is not None
    at = np.interp(frames, np.arange(len(part.at)), part.at)
    return _moved(part.note.correction.levels_db(at, len(part.note.z)), part.pitch, pitch, spec)


def _moved(levels: NDArray[np.float32], from_pitch: float, pitch: float, spec: FrameSpec) -> NDArray[np.float32]:
    """Return levels [rows, bins] of a key at another one."""
    if abs(from_pitch - pitch) < 0.01:  # semitones
        return levels
    from synth_app.engine.spectral.detail import add_moved  # compiled: it is imported when sounds are mixed

    moved = np.zeros_like(levels)
    spacing, new_spacing = (_hz(each) * spec.n_fft / spec.sample_rate for each in (from_pitch, pitch))
    for before, after in zip(levels, moved, strict=True):
        add_moved(before, spacing, new_spacing, after)
    return moved


def _mixed_noise(parts: Sequence[CorrectedPart], length: int) -> bytes:
    """Return the weighted mean share of noise of the parts where it is known, in dB at harmonic numbers."""
    frames = knot_frames(length, noise_share.KNOTS)
    share_db, total = np.zeros((noise_share.KNOTS, noise_share.BANDS)), 0.0
    for part in parts:
        assert part.note.correction is not None
        if part.note.correction.noise:
            at = np.interp(frames, np.arange(len(part.at)), part.at)
            share_db += part.weight * part.note.correction.noise_db(at, len(part.note.z))
            total += part.weight
    return noise_share.pack_noise(share_db / total) if total > _LEAST_TOTAL else b""


def _mixed_soft(parts: Sequence[CorrectedPart], pitch: float, spec: FrameSpec) -> bytes:
    """Return the weighted mean shape of soft strokes at ``pitch``; one of a note without it is 0 dB."""
    levels = np.zeros(spec.bins)
    for part in parts:
        assert part.note.correction is not None
        if part.note.correction.soft:
            shape = unpack_soft(part.note.correction.soft, spec.bins)
            levels += part.weight * _moved(shape[None], part.pitch, pitch, spec)[0]
    bands = np.interp(band_bins(spec.bins), np.arange(spec.bins), levels)
    return pack_soft(bands) if levels.any() else b""


def _mixed_velocity(parts: Sequence[CorrectedPart]) -> int:
    total = sum(part.weight for part in parts)
    if total < _LEAST_TOTAL:
        return 100
    mean = sum(part.weight * part.note.correction.velocity for part in parts if part.note.correction) / total
    return int(np.clip(round(mean), 1, 127))


def _fit_knots(levels: NDArray[np.float64], length: int, shapes: int) -> Correction:
    """Return the correction with these levels [knots, bins] at the knots, in their strongest ``shapes``."""
    mean = knot_basis(np.arange(length), length, len(levels)).mean(axis=0) @ levels
    u, s, v = np.linalg.svd(levels - mean, full_matrices=False)
    count = min(shapes, len(s))
    return Correction.of(np.concatenate([mean[None], v[:count]]), (u[:, :count] * s[:count]).T)


def _hz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))
