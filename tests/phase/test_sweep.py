"""Sweep against a plain-Python heap, closed-form sines, held frames, resets and broken input."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import hilbert
from scipy.stats import kurtosis

from synth_app.phase import (
    UNKNOWN,
    KernelTables,
    StereoSum,
    SweepState,
    new_state,
    phase_tables,
    prime,
    reset,
    resynthesize,
    spsi_add,
    stft,
    sweep_add,
    sweep_tonal_add,
)
from synth_app.phase.gradients import slope_causal
from synth_app.spectrum import FrameSpec
from synth_app.spectrum.windows import WINDOWS, window
from tests.phase.oracles import heap_frame, wrapped

TURN = 2.0**32
ONE = np.float32(1)
N_FFT, HOP, BINS = 256, 64, 129
SPEC = FrameSpec(16000, 1024, 256)


def spectra() -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, BINS), np.float32), np.zeros((2, BINS), np.float32)


def fresh(seed: int = 1, voices: int = 1) -> tuple[SweepState, KernelTables]:
    kernel = phase_tables("hann", N_FFT, HOP, 16).kernel
    state = new_state(voices, BINS)
    for voice in range(voices):
        reset(state, voice, kernel, seed + voice)
    return state, kernel


def magnitudes(seed: int, frames: int, spread: float = 2.0) -> np.ndarray:
    """Random frames, partly smooth in frequency and time, as decoders make them."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, spread, (frames + 2, BINS + 4))
    smooth = sum(rough[i : i + frames, j : j + BINS] for i in range(3) for j in range(5)) / 6
    return (100 * np.exp(smooth - np.max(smooth))).astype(np.float32)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), spread=st.floats(0.1, 5.0))
def test_equals_the_heap_bin_by_bin(seed: int, spread: float) -> None:
    """Over several frames, each from the kernel's previous phases; blocked bins occur at large spreads."""
    state, kernel = fresh(seed)
    frames = magnitudes(seed, 5, spread)
    prime(frames[0], state, 0, kernel)
    for mag in frames[1:]:  # with equal frames, all arrivals are ties
        old, old_delta = state.magnitude[0].astype(float), state.delta[0].astype(float)
        old_phase = state.phase[0] / TURN
        sweep_tonal_add(mag, mag, False, state, 0, kernel, StereoSum(ONE, ONE, *spectra()))
        slope = np.empty(BINS, np.float32)
        slope_causal(mag, old.astype(np.float32), kernel, slope)
        advance = HOP / N_FFT * (np.arange(BINS) + (old_delta + state.delta[0]) / 2)
        new = mag.astype(float)
        threshold = max(old.max(), new.max()) * 2.0**-17
        expected, tied = heap_frame(old, new, old_phase + advance, slope.astype(float), threshold)
        error = wrapped(state.phase[0] / TURN - expected)[1:-1]
        assume(not tied.any())  # equal magnitudes leave the path open
        assert error.max() < 3e-5


def test_blocked_bins_step_in_time_and_stop_paths() -> None:
    state, kernel = fresh()
    mag = np.full(BINS, 1e-7, np.float32)
    mag[20], mag[60] = 1.0, 0.5
    prime(mag, state, 0, kernel)
    before, delta = state.phase[0].copy(), state.delta[0].astype(float)
    sweep_tonal_add(mag, mag, False, state, 0, kernel, StereoSum(ONE, ONE, *spectra()))
    moved = (state.phase[0] / TURN - before / TURN)[1:-1]
    np.testing.assert_allclose(wrapped(moved - (HOP / N_FFT * (np.arange(BINS) + delta))[1:-1]), 0.0, atol=1e-6)


def sine_frames(name: str, frequency_hz: float, frames: int) -> np.ndarray:
    """Exact magnitudes of a steady sine of amplitude 1."""
    position = frequency_hz * SPEC.n_fft / SPEC.sample_rate
    n = np.arange(SPEC.n_fft)
    s = np.abs(np.fft.rfft(window(name, SPEC.n_fft) * np.cos(2 * np.pi * position * n / SPEC.n_fft)))
    return np.tile(s.astype(np.float32), (frames, 1))


# Largest ripple by window: side lobes get the peak's phase instead of alternating ones, which matters only
# where they are high.
RIPPLE_DB = {"hann": 0.05, "hamming": 0.6, "blackman": 0.05, "gaussian": 0.1}


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("frequency_hz", [440.0, 1001.3, 5003.7])
def test_a_steady_sine_keeps_pitch_and_level(name: str, frequency_hz: float) -> None:
    """The pitch error is below 0.1 cent, and the level as steady as the window allows, with the noise split of live."""
    error_cents, ripple_db = sine_errors("live", name, 8, frequency_hz)
    assert error_cents < 0.1
    assert ripple_db < RIPPLE_DB[name]


@pytest.mark.parametrize(("method", "overlap"), [("live", 4), ("studio", 4), ("studio", 8)])
def test_a_steady_sine_is_level_at_both_hops(method: str, overlap: int) -> None:
    error_cents, ripple_db = sine_errors(method, "hann", overlap, 1001.3)
    assert error_cents < 0.1
    assert ripple_db < 0.1


def sine_errors(method: str, name: str, overlap: int, frequency_hz: float) -> tuple[float, float]:
    """Pitch error in cents and largest departure from the level in dB, both by the analytic signal."""
    grid = FrameSpec(SPEC.sample_rate, SPEC.n_fft, SPEC.n_fft // overlap, name)
    y = resynthesize(sine_frames(name, frequency_hz, 100), grid, method)
    analytic = hilbert(y.astype(float))[3000:-3000]
    cycles = np.unwrap(np.angle(analytic)) / (2 * np.pi)
    slope = np.polyfit(np.arange(len(cycles)), cycles, 1)[0]
    level_db = 20 * np.log10(np.abs(analytic))
    return abs(1200 * np.log2(slope * SPEC.sample_rate / frequency_hz)), float(np.abs(level_db).max())


@pytest.mark.parametrize("method", ["live", "studio"])
def test_partials_of_an_analysed_note_keep_their_pitch(method: str) -> None:
    """Magnitudes measured from a decaying, slightly inharmonic note with breath; below 0.1 cent each partial.

    The partials' frequencies are known; they are read from the resynthesis by the phase's slope after
    demodulation, which a frequency off by 0.1 cent turns by a sixth of a degree per period of 5 ms.
    """
    rate = SPEC.sample_rate
    time = np.arange(2 * rate) / rate
    partials_hz = [330.0 * h * np.sqrt(1 + 3e-4 * h * h) for h in range(1, 9)]
    note = np.sum([np.exp(-0.4 * h * time) / h * np.cos(2 * np.pi * f * time + h)
                   for h, f in enumerate(partials_hz, 1)], axis=0)  # fmt: skip
    note += np.random.default_rng(3).normal(0, 1e-4, len(time))
    wanted = np.abs(stft(note.astype(np.float32), SPEC))
    y = resynthesize(wanted, SPEC, method).astype(float)[: len(time)]
    smooth = np.hanning(1024) / 512
    for f in partials_hz[:5]:
        low = np.convolve(y * np.exp(-2j * np.pi * f * time), smooth, "same")[rate // 4 : -rate // 4]
        slope = np.polyfit(time[: len(low)], np.unwrap(np.angle(low)) / (2 * np.pi), 1, w=np.abs(low))[0]
        assert abs(1200 * np.log2(1 + slope / f)) < 0.1


@pytest.mark.parametrize(("method", "overlap"), [("live", 4), ("live", 8), ("studio", 4), ("studio", 8)])
def test_noise_split_removes_the_ring_of_static_noise(method: str, overlap: int) -> None:
    """Flat held magnitudes: no repetition after n_fft samples, Gaussian amplitudes, the power of the frame."""
    grid = FrameSpec(SPEC.sample_rate, SPEC.n_fft, SPEC.n_fft // overlap)
    flat = np.tile(np.full(513, 8.0, np.float32), (40 * overlap, 1))
    y = resynthesize(flat, grid, method)[4096:-4096].astype(float)

    def repetition(wave: np.ndarray) -> float:
        lag = SPEC.n_fft
        return float(np.dot(wave[lag:], wave[:-lag]) / np.dot(wave, wave))

    assert abs(repetition(y)) < 0.1
    assert abs(kurtosis(y, fisher=False) - 3.0) < 0.3
    expected = 8.0 / np.sqrt((window("hann", 1024) ** 2).sum())  # white noise of this RMS has mean |X|^2 = 64
    assert 20 * np.log10(y.std() / expected) == pytest.approx(0.0, abs=0.5)
    ringing = resynthesize(flat, grid, "sweep")[4096:-4096].astype(float)
    assert repetition(ringing) > 0.5


def test_noise_is_independent_left_and_right_and_tones_are_equal() -> None:
    state, kernel = fresh()
    flat, tone = np.ones(BINS, np.float32), np.zeros(BINS, np.float32)
    tone[39:42] = 0.5, 1.0, 0.5
    for mag, low, high in ((flat, -0.3, 0.3), (tone, 0.999, 1.001)):
        reset(state, 0, kernel, 5)
        prime(mag, state, 0, kernel)
        left, right = spectra()
        for _ in range(3):
            left[:], right[:] = 0, 0
            sweep_add(mag, state, 0, kernel, StereoSum(ONE, ONE, left, right))
        a, b = left[:, 30:-1].ravel(), right[:, 30:-1].ravel()
        assert low < np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b)) < high


@pytest.mark.parametrize("flux", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_tone_and_noise_share_the_power(flux: float) -> None:
    """At any fraction of noise the power is that of the magnitudes; left and right have the tonal part in common."""
    state, kernel = fresh()
    flat = np.full(BINS, 3.0, np.float32)
    state.bin_gain[0], state.has_bin_gain[0] = 2.0, True
    prime(flat, state, 0, kernel)
    power, common, count = np.zeros(BINS), np.zeros(BINS), 4000
    change = flux * float(kernel.flux_range) + (flux > 0) * float(kernel.flux_low)
    for _ in range(count):
        left, right = spectra()
        state.flux[0] = change / (1 - float(kernel.flux_smoothing))  # what is left of it after a still frame
        sweep_add(flat, state, 0, kernel, StereoSum(ONE, ONE, left, right))
        power += (left**2).sum(0) / count
        common += (left * right).sum(0) / count
    inner = slice(40, -4)
    tone = (flux * flux * (3 - 2 * flux)) ** 2
    np.testing.assert_allclose(power[inner].mean(), 36.0, rtol=0.05)
    np.testing.assert_allclose(common[inner].mean(), 36.0 * tone, atol=1.0)


@pytest.mark.parametrize("add", [sweep_add, spsi_add])
def test_a_known_frequency_replaces_the_estimate(add: Any) -> None:
    """A peak advances at the frequency that the caller sets, else at its own."""
    for told in (None, 40.45):
        state, kernel = fresh()
        mag = np.zeros(BINS, np.float32)
        mag[38:43] = 0.1, 0.5, 1.0, 0.5, 0.1
        if told is not None:
            state.known_delta[0, 39:42] = told - np.arange(39, 42)
        prime(mag, state, 0, kernel)
        before = int(state.phase[0, 40])
        add(mag, state, 0, kernel, StereoSum(ONE, ONE, *spectra()))
        turns = (int(state.phase[0, 40]) - before) / 2**32
        wanted = float(kernel.hop_over_n_fft) * (told or 40.0)
        assert abs((turns - wanted + 0.5) % 1.0 - 0.5) < 1e-5
    state.min_tonal[0] = 1.0
    reset(state, 0, kernel, 1)
    assert (state.known_delta[0] == UNKNOWN).all()
    assert not state.min_tonal[0].any()


def test_bins_that_the_caller_sets_as_tonal_have_no_noise() -> None:
    """A constant flat frame is noise, independent left and right; where the caller sets it as tonal both are equal."""
    state, kernel = fresh()
    flat = np.ones(BINS, np.float32)
    prime(flat, state, 0, kernel)
    state.min_tonal[0, 60:90] = 1.0
    left, right = spectra()
    sweep_add(flat, state, 0, kernel, StereoSum(ONE, ONE, left, right))
    np.testing.assert_array_equal(left[:, 60:90], right[:, 60:90])
    assert np.abs(left[:, 95:-1] - right[:, 95:-1]).mean() > 0.3


def test_gains_and_bin_gain_scale_without_touching_phases() -> None:
    mags = magnitudes(2, 4)
    outcomes = []
    for gain, shape in ((1.0, 1.0), (0.25, 1.0), (1.0, 0.25)):
        state, kernel = fresh(3)
        state.bin_gain[0, 50:], state.has_bin_gain[0] = shape, True
        left, right = spectra()
        for mag in mags:
            sweep_add(mag, state, 0, kernel, StereoSum(np.float32(gain), np.float32(2 * gain), left, right))
        outcomes.append((left, right, state.phase[0].copy()))
    (left, right, phase), quieter, shaped = outcomes
    np.testing.assert_allclose(quieter[0], left * 0.25, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(quieter[1], right * 0.25, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(shaped[0][:, 50:], left[:, 50:] * 0.25, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(shaped[0][:, :50], left[:, :50])
    np.testing.assert_array_equal(phase, shaped[2])


@pytest.mark.parametrize("add", [sweep_add, spsi_add])
def test_a_voice_without_bin_gains_sounds_as_with_gains_of_one(add: Any) -> None:
    """Its gains are not even read; after a reset a voice has none."""
    outcomes = []
    for has, gain in ((True, 1.0), (False, np.nan)):
        state, kernel = fresh(3)
        state.bin_gain[0], state.has_bin_gain[0] = gain, has
        left, right = spectra()
        for mag in magnitudes(2, 4):
            add(mag, state, 0, kernel, StereoSum(ONE, ONE, left, right))
        outcomes.append((left, right))
        reset(state, 0, kernel, 1)
        assert not state.has_bin_gain[0]
    np.testing.assert_array_equal(outcomes[0], outcomes[1])


@pytest.mark.parametrize("add", [sweep_add, spsi_add])
def test_invalid_frames_are_sanitized(add: Any) -> None:
    good = magnitudes(11, 6)
    bad = good.copy()
    bad[1, 10:14] = np.nan, np.inf, -np.inf, -3.0
    bad[2, :] = np.nan
    mended = good.copy()
    mended[1, 10:14] = 0.0, 1e4, 0.0, 0.0
    mended[2, :] = 0.0
    sums = []
    for frames in (bad, mended):
        state, kernel = fresh(4)
        left, right = spectra()
        for mag in frames:
            add(mag, state, 0, kernel, StereoSum(ONE, ONE, left, right))
        sums.append(left)
    assert np.isfinite(sums[0]).all()
    np.testing.assert_array_equal(sums[0], sums[1])


def test_after_a_reset_the_output_depends_only_on_the_seed() -> None:
    mags = magnitudes(13, 4)
    state, kernel = fresh(21)

    def play() -> np.ndarray:
        left, right = spectra()
        for mag in mags:
            sweep_add(mag, state, 0, kernel, StereoSum(ONE, ONE, left, right))
        return np.stack([left, right])

    first = play()
    reset(state, 0, kernel, 21)
    np.testing.assert_array_equal(play(), first)
    reset(state, 0, kernel, 22)
    assert np.abs(play() - first).max() > 0.1 * np.abs(first).max()
    phases = state.phase[0][1:-1] / TURN
    reset(state, 0, kernel, 1)
    phases = state.phase[0] / TURN
    assert phases.min() < -0.4
    assert phases.max() > 0.4
    assert abs(phases.mean()) < 0.1


def test_voices_do_not_affect_each_other() -> None:
    mags = magnitudes(17, 8)
    alone, kernel = fresh(30)
    pair, _ = fresh(30, voices=2)
    for i in range(4):
        own, both, other = spectra(), spectra(), spectra()
        sweep_add(mags[i], alone, 0, kernel, StereoSum(ONE, ONE, *own))
        sweep_add(mags[7 - i], pair, 1, kernel, StereoSum(ONE, ONE, *other))
        sweep_add(mags[i], pair, 0, kernel, StereoSum(ONE, ONE, *both))
        np.testing.assert_array_equal(own, both)


def test_silence_is_silent_and_leaves_no_denormal_numbers() -> None:
    state, kernel = fresh()
    sweep_add(magnitudes(1, 1)[0], state, 0, kernel, StereoSum(ONE, ONE, *spectra()))
    for _ in range(500):
        left, right = spectra()
        sweep_add(np.zeros(BINS, np.float32), state, 0, kernel, StereoSum(ONE, ONE, left, right))
    assert not left.any()
    assert not right.any()
    for values in (state.flux, state.tonal, state.delta, *state.scratch):
        if values.dtype == np.float32:
            size = np.abs(values)
            assert not ((size > 0) & (size < np.finfo(np.float32).tiny)).any()


def test_spsi_locks_slopes_to_their_peaks() -> None:
    state, kernel = fresh()
    mag = np.interp(np.arange(BINS), [0, 30, 45, 70, 128], [0.1, 2.0, 0.2, 1.0, 0.1]).astype(np.float32)
    prime(mag, state, 0, kernel)
    before = state.phase[0].copy()
    spsi_add(mag, state, 0, kernel, StereoSum(ONE, ONE, *spectra()))
    phase = state.phase[0]
    assert (phase[1:45] == phase[30]).all()
    assert (phase[46:128] == phase[70]).all()
    expected = before[30] / TURN + HOP / N_FFT * (30 + float(state.delta[0, 30]))
    assert wrapped(np.array(phase[30] / TURN - expected)) < 1e-6
