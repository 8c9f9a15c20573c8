"""A recording beside what a model makes of it: both at the same level from the same onset, and their distance."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.fidelity.sound_pair import LEAD_S, match
from synth_app.evaluation.metrics.frame_audibility import (
    HIGHEST_PARTIAL_HZ,
    PARTIAL_RANGE_DB,
    PARTIALS,
    harmonic_bins,
    midi_hz,
    partial_levels_db,
)
from synth_app.evaluation.metrics.mel_distance import mel_distance_db, mel_levels_db, power_frames
from synth_app.export.render import render_audio
from synth_app.export.request import RenderRequest
from synth_app.patch import ENGINE_RATE, Patch, UserNote
from synth_app.support.errors import UserError

Float32s = NDArray[np.float32]
COMPARED_S = 20.0  # as much of a recording as a note can hold
_TAIL_S = 0.3
_LEAST_S = 0.1
_ALIGNED_S = 1.0  # of the sound, in which the onsets are found; a shorter one is followed by silence
_MATCHED_S = 2.0  # of the sound, in which the levels are made equal
_AUDIBLE = 1e-3  # re the peak
_LEAST_POWER = 1e-14
_LOUD_MOMENTS_DB = 20.0  # below the loudest moment, in which partials are compared


@dataclass(frozen=True)
class Comparison:
    """Two sounds and their distance.

    Attributes:
        source, made: float32 [n] at the engine's rate.
        start_s: where they begin in the recording.
        mel_db: mel distance in dB.
        partials_db: RMS difference of the audible partials' levels in dB; None for a sound without a pitch.
    """

    source: Float32s
    made: Float32s
    start_s: float
    mel_db: float
    partials_db: float | None


def compare(samples: Float32s, rate: int, note: UserNote, patch: Patch) -> Comparison:
    """Play a note at its own key as long as its recording lasts, and compare both.

    Args:
        samples: the recording, float32 [n]. rate: Hz.
        note: one recording as a note of the model, without others.
        patch: of the model, with the note in its slots.

    Raises:
        UserError: the recording is silent or too short, or the model cannot be loaded.
    """
    from synth_app.dataset.audio_io import resample

    whole = resample(samples, rate, ENGINE_RATE)
    first, last = _heard(whole)
    heard = whole[first:last]
    seconds = len(heard) / ENGINE_RATE
    request = RenderRequest(
        replace(patch, user_notes=(note, note)), Path(), round(note.pitch), note.velocity, seconds, _TAIL_S,
        ring_out=False,
    )  # fmt: skip
    lead = round(LEAD_S * ENGINE_RATE)
    length = max(len(heard), round(_ALIGNED_S * ENGINE_RATE)) + 2 * lead
    recording, played = (np.zeros((length, 2), np.float32) for _ in range(2))
    recording[lead : lead + len(heard)] = heard[:, np.newaxis]
    sound = render_audio(request)[: len(played) - lead]
    played[lead : lead + len(sound)] = sound
    pair = match(recording, played, min(seconds, _MATCHED_S))
    source, made = (
        np.ascontiguousarray(each[lead : lead + len(heard)].mean(axis=1)) for each in (pair.source, pair.made)
    )
    source_db, made_db = mel_levels_db(source, ENGINE_RATE), mel_levels_db(made, ENGINE_RATE)
    partials_db = _partials_db(source, made, note.pitch) if note.pitched else None
    mel_db = mel_distance_db(source_db, made_db, float(source_db.max()))
    return Comparison(source, made, first / ENGINE_RATE, mel_db, partials_db)


def write_raw(path: Path, samples: Float32s) -> None:
    """Write samples as raw 32-bit floats, within full scale. Raises UserError if the disk does not take them."""
    try:
        np.clip(samples, -1.0, 1.0).astype(np.float32).tofile(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}; free some space") from error


def _heard(samples: Float32s) -> tuple[int, int]:
    """Return where the audible part of samples begins and ends, at most 20 s of it."""
    peak = float(np.abs(samples).max(initial=0.0))
    audible = np.flatnonzero(np.abs(samples) > _AUDIBLE * peak) if peak > 0.0 else np.zeros(0, np.int64)
    if not len(audible) or audible[-1] - audible[0] < _LEAST_S * ENGINE_RATE:
        raise UserError("less than a tenth of a second is heard; use a longer part of the recording")
    first = int(audible[0])
    return first, min(int(audible[-1]) + 1, first + round(COMPARED_S * ENGINE_RATE))


def _partials_db(source: Float32s, made: Float32s, pitch: float) -> float | None:
    """Return the RMS difference of the partials within 50 dB of the loudest one of their moment, in loud moments."""
    frames = [10.0 * np.log10(power_frames(each, ENGINE_RATE) + _LEAST_POWER) for each in (source, made)]
    bin_hz = ENGINE_RATE / (2 * (frames[0].shape[1] - 1))
    f0_hz = midi_hz(pitch)
    centers = harmonic_bins(f0_hz / bin_hz, int(np.clip(HIGHEST_PARTIAL_HZ // f0_hz, 1, PARTIALS)))
    first, second = (partial_levels_db(each, centers) for each in frames)
    top = first.max(axis=1, keepdims=True)
    counted = (first > top - PARTIAL_RANGE_DB) & (top > top.max() - _LOUD_MOMENTS_DB)
    return float(np.sqrt(np.mean((first - second)[counted] ** 2))) if counted.any() else None
