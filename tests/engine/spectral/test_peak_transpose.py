"""Moved peaks: their shape and position, the lock, and the frequencies known to the phase stage."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.spectral.peak_transpose import MovedFrame, Transposition, peak_shape, shift_peaks
from synth_app.phase import UNKNOWN
from synth_app.spectrum import FrameSpec, db_frames

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
SPEC = FrameSpec(48_000, 2048, 512, "hann")
BIN_HZ = SPEC.sample_rate / SPEC.n_fft


def _frame(partials_hz: NDArray[np.floating], spec: FrameSpec = SPEC, constant: float = 0.0) -> F32:
    """A frame of steady sines, each softer than the one before."""
    t = np.arange(24_000) / spec.sample_rate
    tone = sum(np.sin(2 * np.pi * hz * t + h * h) / (h + 1) for h, hz in enumerate(partials_hz))
    return np.asarray(db_frames(np.asarray(0.1 * tone + constant, np.float32), spec)[20])


def _moved(source: F32, ratio: float, spacing_bins: float, lock: float = 0.0, window: str = "hann") -> tuple[F32, F32]:
    """Return the frame moved with its envelope, and the positions in bins known in the core of every peak, else NaN."""
    out, known_delta = np.zeros_like(source), np.zeros_like(source)
    linear = (10 ** (source / 20)).astype(np.float32)
    shape = peak_shape(window)
    transposition = Transposition(ratio, 1.0, spacing_bins, lock, -200.0)
    moved = MovedFrame(out, known_delta, np.zeros_like(source))
    shift_peaks(source, linear, transposition, shape, np.zeros(len(source) + 1), moved)
    known = np.where(
        known_delta < UNKNOWN, known_delta + np.arange(len(known_delta), dtype=np.float32), np.float32(np.nan)
    )
    return out, known


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "gaussian"])
@pytest.mark.parametrize("semitones", [-5.0, -0.3, 0.5, 4.0, 7.0, 12.0, 19.0])
def test_shifted_partials_equal_an_analysis_at_the_new_pitch(name: str, semitones: float) -> None:
    """Oracle: the same partials synthesised at the new pitch and analysed."""
    spec = FrameSpec(48_000, 2048, 512, name)
    ratio, partials_hz = 2.0 ** (semitones / 12), 401.3 * np.arange(1, 13)
    expected = _frame(partials_hz * ratio, spec)
    out, _ = _moved(_frame(partials_hz, spec), ratio, 17.0, window=name)
    for h in range(1, 13):
        k = round(401.3 * ratio * h / BIN_HZ)
        core = np.arange(k - 1, k + 2)
        core = core[expected[core] > expected[k] - 13.0]
        # Hamming's side lobes (-43 dB) reach into the neighbours' cores, the others' do not
        assert np.abs(out[core] - expected[core]).max() < (1.2 if name == "hamming" else 0.15), h


@pytest.mark.parametrize("ratio", [1.0, 1.4983])
def test_lock_tunes_harmonics_and_leaves_other_partials_alone(ratio: float) -> None:
    """Partials 3 cents off move onto the harmonics; a bell-like one between two harmonics does not."""
    f0_hz = 440.0
    off = np.array([f0_hz * h * 2 ** ((3 if h % 2 else -3) / 1200) for h in range(1, 7)] + [f0_hz * 7.4])
    source = _frame(off)

    def partials(lock: float) -> F64:
        out, _ = _moved(source, ratio, f0_hz / BIN_HZ, lock)
        found = []
        for hz in off:
            k = round(hz * ratio / BIN_HZ)
            k += int(np.argmax(out[k - 1 : k + 2])) - 1
            a, b, c = 10 ** (out[k - 1 : k + 2] / 20)
            delta = np.sign(c - a) * (2 * max(a, c) - b) / (max(a, c) + b)  # two greatest bins of a Hann (Grandke 1983)
            found.append((k + delta) * BIN_HZ / ratio)
        return np.array(found)

    error = 1200 * np.log2(partials(1.0)[:6] / (f0_hz * np.arange(1, 7)))
    assert np.abs(error).max() < 1.0
    assert 1200 * np.log2(partials(1.0)[6] / off[6]) == pytest.approx(0, abs=2.0)
    assert np.abs(1200 * np.log2(partials(0.0) / off)).max() < 2.0


@pytest.mark.parametrize("ratio", [0.9885, 1.0, 1.0116])
@pytest.mark.parametrize("spacing_bins", [2.8, 5.6, 17.3])
def test_the_known_frequency_of_a_peak_is_its_transposed_frequency(ratio: float, spacing_bins: float) -> None:
    """Also where lobes overlap (C2 has 2.8 bins between partials) and the moved frame would give another estimate."""
    source = _frame(spacing_bins * BIN_HZ * np.arange(1, 9))
    still = _known_positions(_moved(source, 1.0, spacing_bins)[1], 8.5 * spacing_bins)
    moved = _known_positions(_moved(source, ratio, spacing_bins)[1], 8.5 * spacing_bins * ratio)
    assert len(still) == len(moved) >= (8 if spacing_bins > 4.0 else 3)
    np.testing.assert_allclose(moved, still * ratio, rtol=1e-6)
    locked = _known_positions(_moved(source, ratio, spacing_bins, lock=1.0)[1], 8.5 * spacing_bins * ratio)
    off = locked / (spacing_bins * ratio)
    assert np.abs(off - np.round(off)).max() * spacing_bins < 0.03


def test_a_frequency_is_known_in_the_core_of_peaks_only() -> None:
    out, known = _moved(_frame(np.array([20.3 * BIN_HZ])), 1.25, 20.3)
    place = known[np.nanargmax(out)]
    near = np.abs(np.arange(len(known)) - place) < 1.5
    near_others = ~near & (np.abs(np.arange(len(known)) - place) < 4.0)
    np.testing.assert_array_equal(known[near], place)
    assert np.isnan(known[near_others]).all()


def test_leakage_to_0_hz_does_not_hide_the_first_partial() -> None:
    """A frame as loud at 0 Hz as at its first partial: the partial must be locked, not stretched like noise."""
    f0 = 5.58
    source = _frame(np.array([5.51, 2 * f0, 3 * f0]) * BIN_HZ, constant=0.1)
    assert source[0] > source[6] - 6.0
    locked = _known_positions(_moved(source, 1.0, f0, lock=1.0)[1], 4 * f0)
    assert np.abs(locked[:, np.newaxis] - f0).min() < 0.01


def _known_positions(known: F32, below: float) -> F64:
    """Return each known position once, in rising order; rounding noise above the tone does not count."""
    known = np.unique(known[known < below]).astype(np.float64)
    apart = [known[0], *(b for a, b in pairwise(known) if b - a > 0.2)]
    return np.array(apart)
