"""The studio setting: its transforms are NumPy's, its rounds fit, its noise stays noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.errors import UserError
from synth_app.phase import (
    new_state,
    new_studio,
    phase_tables,
    prime,
    reset,
    reset_studio,
    resynthesize,
    studio_add,
    sweep_add,
)
from synth_app.phase.fft import fft_plan, irfft, rfft
from synth_app.phase.studio import half_turns
from synth_app.spectrum import FrameSpec
from tests.phase.oracles import wrapped


@settings(max_examples=20, deadline=None, derandomize=True)
@given(power=st.integers(4, 12), seed=st.integers(0, 999))
def test_transforms_are_numpys(power: int, seed: int) -> None:
    n = 2**power
    plan = fft_plan(n)
    x = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    real, imag, back = np.zeros(n // 2 + 1, np.float32), np.zeros(n // 2 + 1, np.float32), np.zeros(n, np.float32)
    rfft(x, plan, real, imag)
    np.testing.assert_allclose(real + 1j * imag, np.fft.rfft(x.astype(float)), atol=1e-5 * np.sqrt(n))
    irfft(real, imag, plan, back)
    np.testing.assert_allclose(back, x, atol=1e-5)


@pytest.mark.parametrize("n", [8, 96, 1000])
def test_other_lengths_are_refused(n: int) -> None:
    with pytest.raises(UserError, match="power of two"):
        fft_plan(n)


def test_half_turns_is_atan2() -> None:
    angle = np.linspace(-np.pi, np.pi, 1001)[1:-1]
    got = [half_turns(np.float32(3 * np.cos(a)), np.float32(3 * np.sin(a))) for a in angle]
    np.testing.assert_allclose(got, angle / np.pi, atol=4e-6)
    assert half_turns(np.float32(0), np.float32(0)) == 0


def frames() -> np.ndarray:
    return np.exp(np.random.default_rng(1).normal(0, 1, (8, 129))).astype(np.float32)


def test_without_rounds_it_is_sweep_and_with_rounds_magnitudes_stay() -> None:
    tables = phase_tables("hann", 256, 64, 16)
    kernel, mags = tables.kernel, frames()
    spectra = []
    for rounds in (None, 0, 3):
        state, studio = new_state(1, 129), new_studio(1, tables)
        reset(state, 0, kernel, 4)
        reset_studio(studio, 0)
        prime(mags[0], state, 0, kernel)
        for mag in mags:
            left, right = np.zeros((2, 129), np.float32), np.zeros((2, 129), np.float32)
            if rounds is None:
                sweep_add(mag, state, 0, kernel, np.float32(0.5), np.float32(0.25), left, right)
            else:
                studio_add(mag, state, studio, 0, kernel, rounds, np.float32(0.5), np.float32(0.25), left, right)
        spectra.append((left, right))
    # the lively frames are all tone: Sweep goes on from the very phases that were sent out
    sent = np.arctan2(left[1], left[0])[1:-1] / (2 * np.pi)
    np.testing.assert_allclose(wrapped(sent - state.phase[0, 1:-1] / 2.0**32), 0.0, atol=1e-4)
    plain, none, three = spectra
    np.testing.assert_allclose(none[0], plain[0], atol=1e-5)
    np.testing.assert_allclose(none[1], plain[1], atol=1e-5)
    assert np.abs(three[0] - plain[0]).max() > 0.05
    level = np.hypot(*three[0])[1:-1]
    assert np.median(np.abs(level - 0.5 * mags[-1][1:-1]) / (0.5 * mags[-1][1:-1])) < 0.5


def test_static_noise_does_not_ring() -> None:
    grid = FrameSpec(16000, 1024, 256)
    y = resynthesize(np.full((160, 513), 8.0, np.float32), grid, "studio")[4096:-4096].astype(float)
    assert abs(np.dot(y[1024:], y[:-1024]) / np.dot(y, y)) < 0.1


def test_a_reset_voice_forgets_what_it_committed() -> None:
    tables = phase_tables("hann", 256, 64, 16)
    state, studio = new_state(1, 129), new_studio(1, tables)
    played = []
    for _ in range(2):
        reset(state, 0, tables.kernel, 4)
        reset_studio(studio, 0)
        left, right = np.zeros((2, 129), np.float32), np.zeros((2, 129), np.float32)
        for mag in frames():
            studio_add(mag, state, studio, 0, tables.kernel, 4, np.float32(1), np.float32(1), left, right)
        played.append(left)
    np.testing.assert_array_equal(played[0], played[1])
