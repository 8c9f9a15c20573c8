"""Finds the notes in a long recording, and the course of the pitch in a sound."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth_app.session.sounds.sound_edits import LEAST_SECONDS, Slice
from synth_app.session.sounds.user_sound import Region

Samples = NDArray[np.float32]
MAX_TRACK_SECONDS = 20.0  # as much of a recording as a note can hold
_HOP_S, _WINDOW_S = 0.005, 0.02
_LEAST_RISE_DB, _RISE_S = 9.0, 0.03  # of an onset
_APART_S = 0.09
_QUIET_DB, _SILENT_DB = -45.0, -70.0  # re the loudest moment of a note; re full scale
_LATE_S = _WINDOW_S - _HOP_S  # a window sees a note as soon as its end does
_EARLY_S = 0.005  # by which a slice begins before its onset
_FLOOR = 1e-5


@dataclass(frozen=True)
class PitchTrack:
    """The course of the pitch.

    Attributes:
        times_s: float64 [n], from the start of the sound.
        pitches: float64 [n], MIDI; NaN where no pitch is heard.
    """

    times_s: NDArray[np.float64]
    pitches: NDArray[np.float64]


def find_notes(samples: Samples, rate: int) -> tuple[Slice, ...]:
    """Return the notes of a recording, in order of time.

    A note begins where the level, measured over 20 ms, or that of its upper frequencies rises by 9 dB within 30 ms. It
    ends where the next one begins, or 45 dB below its loudest moment.

    Args:
        samples: float32 [n], mono.
        rate: Hz.
    """
    from synth_app.spectrum.note_pitch import find_pitch

    levels_db = _levels_db(samples, rate)
    onsets = _onsets(levels_db, _levels_db(np.diff(samples, prepend=np.float32(0.0)), rate))
    bounds = [*onsets, len(levels_db)]
    found = []
    for first, after in pairwise(bounds):
        last = _end(levels_db, first, after)
        start_s = max(first * _HOP_S + _LATE_S - _EARLY_S, 0.0)
        end_s = min(last * _HOP_S, len(samples) / rate)
        if end_s - start_s >= LEAST_SECONDS:
            part = samples[round(start_s * rate) : round(end_s * rate)]
            peak_db = 20.0 * float(np.log10(max(float(np.abs(part).max()), _FLOOR)))
            found.append(Slice(Region(start_s=start_s, end_s=end_s), find_pitch(part, rate), peak_db))
    return tuple(found)


def track_pitch(samples: Samples, rate: int) -> PitchTrack:
    """Follow the pitch through the first 20 s of a sound by pYIN (Mauch & Dixon 2014).

    Args:
        samples: float32 [n], mono.
        rate: Hz.
    """
    import soxr

    from synth_app.evaluation.metrics.pitch import HIGHEST_HZ, LOWEST_HZ
    from synth_app.support.compiling.librosa_import import librosa

    track_rate, frame = min(rate, 16_000), 2048
    part = soxr.resample(samples[: round(MAX_TRACK_SECONDS * rate)], rate, track_rate)
    hop = frame // 4
    padded = np.pad(part, (0, max(frame - len(part), 0)))
    highest_hz = min(HIGHEST_HZ, 0.45 * track_rate)
    hz, voiced, _ = librosa.pyin(
        padded, fmin=LOWEST_HZ, fmax=highest_hz, sr=track_rate, frame_length=frame, hop_length=hop, resolution=0.2
    )
    pitches = np.where(voiced, 69.0 + 12.0 * np.log2(np.where(voiced, hz, 440.0) / 440.0), np.nan)
    return PitchTrack(np.arange(len(pitches)) * hop / track_rate, pitches)


def _levels_db(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the RMS level of windows of 20 ms every 5 ms, in dB re full scale."""
    hop, window = max(round(_HOP_S * rate), 1), max(round(_WINDOW_S * rate), 1)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, len(samples), hop)
    ends = np.minimum(starts + window, len(samples))
    mean = (power[ends] - power[starts]) / np.maximum(ends - starts, 1)
    return np.asarray(10.0 * np.log10(np.maximum(mean, _FLOOR**2)))


def _onsets(levels_db: NDArray[np.float64], upper_db: NDArray[np.float64]) -> list[int]:
    """Return the first frame that sees each note."""
    from scipy.signal import find_peaks

    loud = levels_db > max(_SILENT_DB, float(levels_db.max(initial=_SILENT_DB)) + _QUIET_DB)
    rises = np.maximum(_rise(levels_db), _rise(upper_db)) * loud
    padded = np.concatenate([[0.0], rises, [0.0]])
    peaks, _ = find_peaks(padded, height=_LEAST_RISE_DB, distance=round(_APART_S / _HOP_S))
    return [int(peak) - 1 for peak in peaks]


def _rise(levels_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the level rises from just before each frame to its highest within 30 ms."""
    steps = round(_RISE_S / _HOP_S)
    before = np.concatenate([np.full(1, 20.0 * np.log10(_FLOOR)), levels_db[:-1]])
    padded = np.concatenate([levels_db, np.full(steps, -np.inf)])
    highest = np.lib.stride_tricks.sliding_window_view(padded, steps + 1).max(axis=1)[: len(levels_db)]
    return np.asarray(highest - before)


def _end(levels_db: NDArray[np.float64], first: int, after: int) -> int:
    """Return the frame behind the last one of a note that is heard."""
    part = levels_db[first:after]
    heard = np.flatnonzero(part > max(float(part.max()) + _QUIET_DB, _SILENT_DB))
    return first + int(heard[-1]) + 1 + round(_WINDOW_S / _HOP_S) if len(heard) else first
