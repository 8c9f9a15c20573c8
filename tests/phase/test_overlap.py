"""Windows add up to one, at any rate, and the inverse STFT is SciPy's."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import signal

from synth_app.phase import istft, overlap_add, stft, synthesis_window, to_irfft
from synth_app.spectrum import FrameSpec
from synth_app.spectrum.windows import WINDOWS, window
from synth_app.support.errors import UserError


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize(
    ("hop", "length", "scale"), [(256, None, 1), (128, 512, 1), (128, 256, 3), (100, 500, 1), (64, 512, Fraction(3, 2))]
)
def test_analysis_times_synthesis_adds_up_to_one(name: str, hop: int, length: int | None, scale: Fraction) -> None:
    n_fft = 1024
    synthesis = synthesis_window(name, n_fft, hop, length, scale)
    fine_n, fine_hop = int(n_fft * scale), int(hop * scale)
    assert synthesis.dtype == np.float32
    assert len(synthesis) == int((length or n_fft) * scale)
    start = (fine_n - len(synthesis)) // 2
    product = window(name, fine_n)[start : start + len(synthesis)] * synthesis / float(scale)
    total = np.zeros(12 * fine_n)
    for at in range(0, len(total) - len(product), fine_hop):
        total[at : at + len(product)] += product
    np.testing.assert_allclose(total[fine_n : -2 * fine_n], 1.0, atol=2e-6)
    assert signal.check_NOLA(window(name, n_fft), n_fft, n_fft - hop)


@pytest.mark.parametrize("name", WINDOWS)
def test_inverse_is_scipys_least_squares_inverse(name: str) -> None:
    """On inconsistent spectra, for which another synthesis window would give another result."""
    rng = np.random.default_rng(5)
    grid = FrameSpec(16000, 256, 64, name)
    spectra = (rng.normal(size=(40, 129)) + 1j * rng.normal(size=(40, 129))).astype(np.complex64)
    spectra[:, [0, -1]] = spectra[:, [0, -1]].real
    ours = istft(spectra, grid)
    signed = spectra * (-1.0) ** np.arange(129)
    _, theirs = signal.istft(signed.T, window=window(name, 256), nperseg=256, noverlap=192, boundary=True)
    theirs /= window(name, 256).sum()
    middle = slice(256, 2000)
    np.testing.assert_allclose(ours[middle], theirs[middle], atol=1e-5)


@pytest.mark.parametrize("name", WINDOWS)
def test_stft_round_trip_and_convention(name: str) -> None:
    grid = FrameSpec(16000, 512, 128, name)
    x = np.random.default_rng(6).normal(size=5000).astype(np.float32)
    spectra = stft(x, grid)
    assert spectra.shape == (40, 257)
    np.testing.assert_allclose(istft(spectra, grid, 256)[:4800], x[:4800], atol=2e-5)
    np.testing.assert_allclose(istft(spectra, grid)[:4800], x[:4800], atol=2e-5)
    impulse = np.zeros(5000, np.float32)
    impulse[1280] = 1.0
    np.testing.assert_allclose(stft(impulse, grid)[10], 1.0, atol=1e-6)  # centred: phase 0 in every bin


@pytest.mark.parametrize("length", [512, 256])
def test_zero_padded_spectra_play_at_three_times_the_rate(length: int) -> None:
    """16 kHz frames of a sine, inverted with 3 n_fft and overlap-added at 3 hop, are the sine at 48 kHz."""
    grid = FrameSpec(16000, 512, 64)
    time = np.arange(6000)
    x = np.cos(2 * np.pi * 1234.5 / 16000 * time).astype(np.float32)
    synthesis = synthesis_window("hann", 512, 64, length, 3)
    out = np.zeros(3 * (6000 + 1024), np.float32)
    padded = np.zeros(769, np.complex64)
    for m, frame in enumerate(stft(x, grid)):
        to_irfft(np.stack([frame.real, frame.imag]), padded)
        wave = np.fft.irfft(padded).astype(np.float32)
        overlap_add(wave, synthesis, out, 3 * (m * 64 + (512 - length) // 2))
    y = out[3 * 256 :][6000:12000]
    expected = np.cos(2 * np.pi * 1234.5 / 48000 * np.arange(6000, 12000))
    assert np.abs(y - expected).max() < 1e-3


def test_to_irfft_keeps_a_plain_transform_and_halves_a_padded_nyquist() -> None:
    spectrum = np.arange(1, 11, dtype=np.float32).reshape(2, 5)
    plain, padded = np.zeros(5, np.complex64), np.zeros(9, np.complex64)
    to_irfft(spectrum, plain)
    to_irfft(spectrum, padded)
    np.testing.assert_array_equal(plain, [1 + 6j, -2 - 7j, 3 + 8j, -4 - 9j, 5 + 10j])
    np.testing.assert_array_equal(padded, [*plain[:4], plain[4] / 2, 0, 0, 0, 0])


def test_the_ring_wraps_around() -> None:
    ring = np.zeros(10, np.float32)
    overlap_add(np.arange(8, dtype=np.float32), np.full(6, 2, np.float32), ring, 7)
    np.testing.assert_array_equal(ring, [8, 10, 12, 0, 0, 0, 0, 2, 4, 6])


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("hann", 1024, 256, 1026, 1), "1026"),
        (("hann", 1024, 256, 511, 1), "511"),
        (("hann", 1024, 256, 200, 1), "too short"),
        (("hann", 1024, 256, 512, Fraction(1, 2)), "1/2"),
        (("hann", 1024, 256, 512, Fraction(160, 147)), "whole"),
    ],
)
def test_impossible_windows_are_refused(arguments: tuple[str, int, int, int, Fraction | int], part: str) -> None:
    with pytest.raises(UserError, match=part):
        synthesis_window(*arguments)
