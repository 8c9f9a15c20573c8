"""Detects the first audible sample of a note, and the moment at which a spectral change is half done."""

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.telemetry import Frames
from synth_app.support.errors import UserError

AUDIBLE = 1e-3  # lowest audible amplitude: -60 dBFS
WINDOW = 512  # length of the Hann window in samples: 10.7 ms, 5.3 ms at half height
STEADY = 4800  # samples analyzed before the change, and again after it
SETTLE = 7200  # samples after the event at which the change is complete: 150 ms
_STRIDE = 8  # samples between spectra
_RIPPLE = 0.15  # highest standard deviation of the progress where nothing changes

Measure = NDArray[np.float64]


def first_audible(audio: Frames) -> int:
    """Return the index of the first sample, in any channel, of at least ``AUDIBLE``.

    Args:
        audio: float32 [n, channels], full scale 1.

    Raises:
        UserError: there is no such sample.
    """
    audible = np.flatnonzero(np.abs(audio).max(axis=1, initial=0.0) >= AUDIBLE)
    if not len(audible):
        raise UserError("the note was never audible; choose another model or check its note bank")
    return int(audible[0])


def half_change(audio: Frames, event: int) -> float:
    """Return the samples from ``event`` until half of the spectral change is done.

    Let a(t) be the magnitudes of the short-time spectrum centred at t, A their mean over ``STEADY`` samples before the
    event, and B the mean over as many samples after ``SETTLE``. The progress at t is
    p(t) = <a(t) - A, B - A> / |B - A|^2: 0 before, 1 after, and w in a cross-fade (1 - w) A + w B of sounds with equal
    phases. The result is where p first reaches 1/2. The window is symmetric, so it spreads a step but does not move
    its middle. The result is exact to 1 ms for notes from 390 Hz on, whose partials the window resolves.

    Args:
        audio: float32 [n, channels] with ``STEADY`` samples before the event and SETTLE + STEADY after it.
        event: index of the sample at which the change was requested.

    Raises:
        UserError: too few samples around the event, no change, or a sound that is not steady before and after.
    """
    if event < STEADY or event + SETTLE + STEADY > len(audio):
        raise UserError(f"{len(audio)} samples with the event at {event} are too few to detect a change")
    audio = audio[event - STEADY : event + SETTLE + STEADY]
    spectra = _magnitudes(audio)
    centres = np.arange(len(spectra)) * _STRIDE + WINDOW // 2 - STEADY
    before = centres <= -WINDOW // 2
    after = centres >= SETTLE
    start = spectra[before].mean(axis=0)
    change = spectra[after].mean(axis=0) - start
    power = float(change @ change)
    if power <= 1e-12:
        raise UserError("the sound did not change; choose another model or slider")
    progress: Measure = (spectra - start) @ change / power
    ripple = max(float(progress[before].std()), float(progress[after].std()))
    if ripple > _RIPPLE:
        raise UserError(
            f"the sound is not steady: it varies by {ripple:.2f} of the change (limit {_RIPPLE}); choose another model"
        )
    return _crossing(progress, centres)


def _magnitudes(audio: Frames) -> Measure:
    """Return the magnitudes [frames, channels * bins] of all whole Hann-windowed frames of ``audio``."""
    window = np.sin(np.pi * np.arange(WINDOW) / WINDOW) ** 2
    pieces = np.lib.stride_tricks.sliding_window_view(audio, WINDOW, axis=0)[::_STRIDE]
    return np.abs(np.fft.rfft(pieces * window, axis=-1)).reshape(len(pieces), -1)


def _crossing(progress: Measure, centres: NDArray[np.int64]) -> float:
    """Return where ``progress`` first reaches 1/2 at or after the event at 0, by linear interpolation."""
    first = int(np.flatnonzero((progress >= 0.5) & (centres >= 0))[0])
    low, high = float(progress[first - 1]), float(progress[first])
    fraction = 1.0 if high <= low else min(max((0.5 - low) / (high - low), 0.0), 1.0)
    return float(centres[first - 1]) + fraction * _STRIDE
