"""Finds in sampled sound when a note is first heard and when a change of its spectrum is half done."""

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.telemetry import Frames
from synth_app.support.errors import UserError

AUDIBLE = 1e-3  # amplitude of the first sample that counts as heard: -60 dBFS
WINDOW = 512  # samples of the Hann window that spectra are taken with: 10.7 ms, 5.3 ms at half height
STEADY = 4800  # samples looked at before the change, and again once it is over
SETTLE = 7200  # samples after the event by which the change is over: 150 ms
_STRIDE = 8  # samples between spectra
_RIPPLE = 0.15  # most that the measure may waver (standard deviation) where nothing changes

Measure = NDArray[np.float64]


def first_audible(audio: Frames) -> int:
    """Index of the first sample, in any channel, of at least ``AUDIBLE``.

    Args:
        audio: float32 [n, channels], full scale 1.

    Raises:
        UserError: there is none.
    """
    heard = np.flatnonzero(np.abs(audio).max(axis=1, initial=0.0) >= AUDIBLE)
    if not len(heard):
        raise UserError("the note was never heard; choose another model or check its note bank")
    return int(heard[0])


def half_change(audio: Frames, event: int) -> float:
    """Samples from ``event`` until the sound has moved half-way from what it was to what it becomes.

    With a(t) the magnitudes of the short-time spectrum centred at t, A their mean over ``STEADY`` samples before the
    event and B the mean over as many after ``SETTLE``, the change done at t is p(t) = <a(t) - A, B - A> / |B - A|^2:
    0 before, 1 after, and w in a cross-fade (1 - w) A + w B of sounds that are alike in phase. Returned is where p
    first reaches 1/2. The window is symmetric, so it spreads a step but does not move its middle. Notes from 390 Hz
    on, whose partials the window tells apart, are timed within a millisecond.

    Args:
        audio: float32 [n, channels]; holds ``STEADY`` samples before the event and SETTLE + STEADY after it.
        event: index of the sample at which the change was asked for.

    Raises:
        UserError: too little sound around the event, no change, or a sound that does not hold still before and after.
    """
    if event < STEADY or event + SETTLE + STEADY > len(audio):
        raise UserError(f"{len(audio)} samples with the event at {event} are too few to find a change in")
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
    done: Measure = (spectra - start) @ change / power
    ripple = max(float(done[before].std()), float(done[after].std()))
    if ripple > _RIPPLE:
        raise UserError(f"the sound is not steady enough to time a change in (it wavers by {ripple:.2f} of the change)")
    return _crossing(done, centres)


def _magnitudes(audio: Frames) -> Measure:
    """Magnitudes [frames, channels * bins] of the Hann-windowed spectra that lie wholly within ``audio``."""
    window = np.sin(np.pi * np.arange(WINDOW) / WINDOW) ** 2
    pieces = np.lib.stride_tricks.sliding_window_view(audio, WINDOW, axis=0)[::_STRIDE]
    return np.abs(np.fft.rfft(pieces * window, axis=-1)).reshape(len(pieces), -1)


def _crossing(done: Measure, centres: NDArray[np.int64]) -> float:
    """Where ``done`` first reaches 1/2 at or after the event at 0, between spectra by a straight line."""
    first = int(np.flatnonzero((done >= 0.5) & (centres >= 0))[0])
    low, high = float(done[first - 1]), float(done[first])
    share = 1.0 if high <= low else min(max((0.5 - low) / (high - low), 0.0), 1.0)
    return float(centres[first - 1]) + share * _STRIDE
