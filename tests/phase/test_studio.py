"""The studio setting: transforms equal NumPy's, iterations lower the error, noise stays noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.phase import (
    StereoSum,
    begin_from_silence,
    new_state,
    new_studio,
    phase_tables,
    prime,
    reset,
    reset_studio,
    resynthesize,
    spectral_convergence_db,
    stft,
    studio_add,
    sweep_add,
    synthesis_window,
)
from synth_app.phase.fft import fft_plan, irfft, rfft
from synth_app.phase.studio import MOMENTUM, half_turns
from synth_app.phase.studio_state import EDGE
from synth_app.spectrum import FrameSpec
from synth_app.spectrum.windows import window
from synth_app.support.errors import UserError
from tests.phase.oracles import PlainStudio, wrapped
from tests.phase.sounds import NOTE


@settings(max_examples=20, deadline=None, derandomize=True)
@given(power=st.integers(5, 12), seed=st.integers(0, 999))
def test_transforms_equal_numpys(power: int, seed: int) -> None:
    n = 2**power
    plan = fft_plan(n)
    x = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    real, imag, back = np.zeros(n // 2 + 1, np.float32), np.zeros(n // 2 + 1, np.float32), np.zeros(n, np.float32)
    rfft(x, plan, real, imag)
    np.testing.assert_allclose(real + 1j * imag, np.fft.rfft(x.astype(float)), atol=1e-5 * np.sqrt(n))
    irfft(real, imag, plan, back)
    np.testing.assert_allclose(back, x, atol=1e-5)


@pytest.mark.parametrize("n", [16, 96, 1000])
def test_other_lengths_are_refused(n: int) -> None:
    with pytest.raises(UserError, match="power of two"):
        fft_plan(n)


def test_half_turns_equals_atan2() -> None:
    angle = np.linspace(-np.pi, np.pi, 1001)[1:-1]
    got = [half_turns(np.float32(3 * np.cos(a)), np.float32(3 * np.sin(a))) for a in angle]
    np.testing.assert_allclose(got, angle / np.pi, atol=4e-6)
    assert half_turns(np.float32(0), np.float32(0)) == 0


def frames() -> np.ndarray:
    return np.exp(np.random.default_rng(1).normal(0, 1, (8, 129))).astype(np.float32)


@pytest.mark.parametrize("length", [None, 128])
def test_studio_equals_the_plain_version(length: int | None) -> None:
    """Frame by frame against NumPy on whole time lines, each with its own phases."""
    tables = phase_tables("hann", 256, 64, 16)
    kernel, bins = tables.kernel, tables.bins
    state, plain_state, studio = new_state(1, bins), new_state(1, bins), new_studio(2, tables, length)
    synthesis = synthesis_window("hann", 256, 64, length).astype(float)
    plain = PlainStudio(window("hann", 256), synthesis, 64, float(MOMENTUM), EDGE)
    mags = frames()
    for each in (state, plain_state):
        reset(each, 0, kernel, 4)
        prime(mags[0], each, 0, kernel)
    reset_studio(studio, 0)
    for mag in mags:
        left, right = np.zeros((2, bins), np.float32), np.zeros((2, bins), np.float32)
        studio_add(mag, state, studio, 0, kernel, 3, StereoSum(np.float32(1), np.float32(1), left, right))
        start, other = np.zeros((2, bins), np.float32), np.zeros((2, bins), np.float32)
        sweep_add(mag, plain_state, 0, kernel, StereoSum(np.float32(1), np.float32(1), start, other))
        sent, turn = plain.add((start[0] + 1j * start[1]).astype(complex), 3)
        plain_state.phase[0] += np.round(turn * 2.0**32).astype(np.int64).astype(np.uint32).view(np.int32)
        assert np.linalg.norm(left[0] + 1j * left[1] - sent) < 2e-3 * np.linalg.norm(sent)
        np.testing.assert_allclose(right - left, other - start, atol=1e-3)  # the noise's difference is kept
        assert np.median(wrapped((state.phase[0] - plain_state.phase[0]) / 2.0**32)) < 1e-4


def test_studio_without_iterations_equals_sweep() -> None:
    tables = phase_tables("hann", 256, 64, 16)
    kernel, mags = tables.kernel, frames()
    spectra = []
    for iterations in (None, 0, 3):
        state, studio = new_state(1, 129), new_studio(1, tables)
        reset(state, 0, kernel, 4)
        reset_studio(studio, 0)
        prime(mags[0], state, 0, kernel)
        for mag in mags:
            left, right = np.zeros((2, 129), np.float32), np.zeros((2, 129), np.float32)
            if iterations is None:
                sweep_add(mag, state, 0, kernel, StereoSum(np.float32(0.5), np.float32(0.25), left, right))
            else:
                studio_add(
                    mag, state, studio, 0, kernel, iterations, StereoSum(np.float32(0.5), np.float32(0.25), left, right)
                )
        spectra.append((left, right))
    plain, none, three = spectra
    np.testing.assert_allclose(none[0], plain[0], atol=1e-5)
    np.testing.assert_allclose(none[1], plain[1], atol=1e-5)
    assert np.abs(three[0] - plain[0]).max() > 0.05


@pytest.mark.parametrize("hop", [128, 64])
def test_studio_is_better_than_fast_griffin_lim_on_a_note(hop: int) -> None:
    grid = FrameSpec(16000, 512, hop)
    s = np.abs(stft(NOTE, grid))
    reached = {
        name: spectral_convergence_db(s, resynthesize(s, grid, name, seed=1), grid)
        for name in ("studio", "fast_griffinlim", "live")
    }
    assert reached["studio"] < min(reached["fast_griffinlim"], reached["live"]) - 3


def test_a_shorter_synthesis_window_is_fitted_too() -> None:
    """If only the middle half of each frame is played, magnitudes are still closer than those of Sweep."""
    grid, length = FrameSpec(16000, 512, 64), 256
    s = np.abs(stft(NOTE, grid))
    live, studio = (
        spectral_convergence_db(s, resynthesize(s, grid, name, length=length), grid) for name in ("live", "studio")
    )
    assert studio < live - 3


@pytest.mark.parametrize("length", [None, 128])
def test_beginning_from_silence_equals_playing_silence(length: int | None) -> None:
    tables = phase_tables("hann", 256, 64, 16)
    state, studio = new_state(1, 129), new_studio(2, tables, length)
    zeros, (left, right) = np.zeros(129, np.float32), np.zeros((2, 2, 129), np.float32)
    reset(state, 0, tables.kernel, 4)
    for _ in range(6):
        studio_add(zeros, state, studio, 0, tables.kernel, 2, StereoSum(np.float32(1), np.float32(1), left, right))
    for name in ("output", "output_weight", "past", "past_weight", "previous", "previous_goal", "begun"):
        getattr(studio, name)[1] = 7.0
    begin_from_silence(studio, 1)
    for name in ("output", "output_weight", "past", "past_weight", "previous", "previous_goal", "begun"):
        slow, quick = getattr(studio, name)
        np.testing.assert_allclose(quick, slow, atol=1e-6)


def test_silence_ends_silent_without_denormal_numbers() -> None:
    tables = phase_tables("hann", 256, 64, 16)
    state, studio = new_state(1, 129), new_studio(1, tables)
    reset(state, 0, tables.kernel, 4)
    for mag in [*frames(), *np.zeros((12, 129), np.float32)]:
        left, right = np.zeros((2, 129), np.float32), np.zeros((2, 129), np.float32)
        studio_add(mag, state, studio, 0, tables.kernel, 4, StereoSum(np.float32(1), np.float32(1), left, right))
    assert not left.any()
    assert not right.any()
    for values in studio:
        if isinstance(values, np.ndarray):
            size = np.abs(values)
            assert not ((size > 0) & (size < np.finfo(np.float32).tiny)).any()


def test_a_reset_voice_clears_its_output() -> None:
    tables = phase_tables("hann", 256, 64, 16)
    state, studio = new_state(1, 129), new_studio(1, tables)
    played = []
    for _ in range(2):
        reset(state, 0, tables.kernel, 4)
        reset_studio(studio, 0)
        left, right = np.zeros((2, 129), np.float32), np.zeros((2, 129), np.float32)
        for mag in frames():
            studio_add(mag, state, studio, 0, tables.kernel, 4, StereoSum(np.float32(1), np.float32(1), left, right))
        played.append(left)
    np.testing.assert_array_equal(played[0], played[1])
