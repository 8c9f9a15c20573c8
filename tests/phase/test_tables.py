"""The gradient maps are exact for sines and impulses, and the noise is one signal's STFT."""

import numpy as np
import pytest

from synth_app.phase.gradients import advance_gradient, odd_rational, root_ratio, slope_causal, slope_lookahead
from synth_app.phase.tables import LOBE_FLOOR, noise_table, phase_tables
from synth_app.phase.tonality import inverse_lobe
from synth_app.spectrum.windows import WINDOWS, window
from synth_app.support.errors import UserError
from tests.phase.oracles import Array, hann_causal_slope, hann_delta


def sine_magnitudes(name: str, n_fft: int, bin_position: float) -> Array:
    n = np.arange(n_fft) - n_fft // 2
    return np.abs(np.fft.fft(window(name, n_fft) * np.exp(2j * np.pi * bin_position * n / n_fft)))[: n_fft // 2 + 1]


@pytest.mark.parametrize("name", WINDOWS)
def test_advance_finds_a_steady_sine(name: str) -> None:
    kernel = phase_tables(name, 1024, 256).kernel
    for offset in (-0.5, -0.31, 0.0, 0.123, 0.5):
        s = sine_magnitudes(name, 1024, 100 + offset).astype(np.float32)
        delta = np.empty(513, np.float32)
        advance_gradient(s, kernel, delta)
        assert delta[100] == pytest.approx(offset, abs=3e-5)
        if offset > 0:
            assert delta[101] == pytest.approx(offset - 1, abs=3e-5)


def test_hann_maps_have_their_closed_forms() -> None:
    rng = np.random.default_rng(3)
    old, new = np.exp(rng.normal(0, 0.7, (2, 513)))
    for hop in (64, 128, 256):
        kernel = phase_tables("hann", 1024, hop).kernel
        delta, slope = np.empty(513, np.float32), np.empty(513, np.float32)
        advance_gradient(new.astype(np.float32), kernel, delta)
        slope_causal(new.astype(np.float32), old.astype(np.float32), kernel, slope)
        np.testing.assert_allclose(delta, hann_delta(new), atol=2e-5)
        np.testing.assert_allclose(slope, hann_causal_slope(old, new, hop / 1024), atol=2e-4)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("hop", [128, 256])
def test_slope_finds_an_impulse(name: str, hop: int) -> None:
    """An impulse tau after the frame's centre has phase -tau / n_fft turns per bin."""
    n_fft = 1024
    kernel = phase_tables(name, n_fft, hop).kernel
    w = window(name, n_fft)
    for tau in (-150, -20, 0, 70, 150):
        before, after = w[n_fft // 2 + tau + hop], w[n_fft // 2 + tau - hop]
        slope = np.empty(1, np.float32)
        slope_lookahead(np.full(1, before, np.float32), np.full(1, after, np.float32), kernel, slope)
        assert slope[0] == pytest.approx(-tau / n_fft, abs=2e-3)


def test_a_held_frame_and_half_overlap_give_no_slope() -> None:
    kernel = phase_tables("hamming", 1024, 512).kernel
    assert root_ratio(np.float32(0.3), np.float32(0.3)) == 0
    assert odd_rational(np.float32(0.7), kernel.slope_lookahead) == 0
    assert odd_rational(np.float32(0.0), kernel.slope) == 0


@pytest.mark.parametrize("name", WINDOWS)
def test_lobe_is_the_windows_transform(name: str) -> None:
    kernel = phase_tables(name, 1024, 256).kernel
    for x in (0.0, 0.4, 0.9, 1.3, 1.6):
        spectrum = sine_magnitudes(name, 1024, 100 + x)
        lobe = spectrum[100] / window(name, 1024).sum()
        if lobe > LOBE_FLOOR:
            assert 1 / inverse_lobe(np.float32(x), kernel) == pytest.approx(lobe, rel=0.35)
    assert inverse_lobe(np.float32(50.0), kernel) == pytest.approx(1 / LOBE_FLOOR)


def test_noise_table_is_one_signals_stft() -> None:
    n_fft, hop, frames = 256, 64, 32
    table = noise_table("hann", n_fft, hop, frames, seed=4)
    spectra = (table[:, 0] + 1j * table[:, 1]).astype(complex)
    np.testing.assert_allclose((np.abs(spectra) ** 2).mean(axis=0), 1.0, rtol=1e-5)
    assert np.abs(spectra.mean()) < 0.05
    # overlap-add round the circle and analyse again: the same but for the levelling of each bin
    signed = spectra * (-1.0) ** np.arange(n_fft // 2 + 1)
    w, length = window("hann", n_fft), frames * hop
    y, weight = np.zeros(length), np.zeros(length)
    places = [(np.arange(n_fft) + m * hop) % length for m in range(frames)]
    for place, frame in zip(places, np.fft.irfft(signed, n_fft, axis=1), strict=True):
        y[place] += frame * w
        weight[place] += w**2
    again = np.fft.rfft((y / weight)[np.array(places)] * w, axis=1)
    assert np.linalg.norm(again - signed) < 0.15 * np.linalg.norm(signed)
    shuffled = signed[np.random.default_rng(0).permutation(frames)]
    assert np.linalg.norm(again - shuffled) > 0.9 * np.linalg.norm(signed)


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (("kaiser", 1024, 256), "kaiser"),
        (("hann", 1023, 256), "1023"),
        (("hann", 16, 4), "16"),
        (("hann", 1024, 0), "hop 0"),
        (("hann", 1024, 513), "513"),
        (("hann", 1024, 256, 3), "noise_frames 3"),
    ],
)
def test_bad_grids_are_refused(args: tuple[str, int, int], part: str) -> None:
    with pytest.raises(UserError, match=part):
        phase_tables(*args)
