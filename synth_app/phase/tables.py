"""Tables of the phase stage that depend only on window, n_fft and hop: gradient maps, lobe, noise.

Two ratios of magnitudes determine the phase gradients; for a single component they are exact:

* across bins, ``t = (s[k+1] - s[k-1]) / (s[k+1] + s[k-1])`` gives the distance delta, in bins, from bin k
  to a steady sine (for Hann ``delta = 4t / (3 + sqrt(9 - 8t^2))``);
* across frames, ``u = (sqrt(s) - sqrt(old)) / (sqrt(s) + sqrt(old))`` gives the time tau of an impulse, and
  with it the slope ``-tau / n_fft`` turns per bin (for Hann
  ``tau = n_fft / pi * atan(u / tan(pi hop / (2 n_fft)))``).

Both maps are odd and smooth. They are computed from the window itself and fitted by odd rational functions. So every
window has its own gradients, and the kernels need no look-up tables, which would prevent vectorisation.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum.windows import window
from synth_app.support.disk_cache import cached_on_disk
from synth_app.support.errors import UserError

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Int32s = NDArray[np.int32]

LOBE_FLOOR = 0.02  # -34 dB: level of the lobe beyond the main lobe

BLOCK_OCTAVES = 17  # bins this far (102 dB) below the loudest one take no part in phase propagation
PEAK_DB = (4.0, 10.0)  # height of a peak over its valleys: not tonal ... fully tonal
LOBE_EXCESS = 3.0  # a bin may exceed the window's lobe by this factor and still count as tonal
BASS_BINS = 12  # number of lowest bins that are always tonal
FLUX_AT_75 = (0.03, 0.10)  # relative change per hop, at 75 % overlap: static ... changing
FLUX_SMOOTHING_AT_75 = 0.5  # weight of the newest change, at 75 % overlap

# A main lobe is inverted up to this distance in bins, where the map is still one-to-one and smooth.
_FIT_POINTS = 401  # samples of a map for its fit
_ADVANCE_REACH = {"hann": 1.0, "hamming": 1.0, "blackman": 1.4, "gaussian": 1.4}


class OddRational(NamedTuple):
    """``x (p0 + p1 z + p2 z^2 + p3 z^3) / (1 + q1 z + q2 z^2 + q3 z^3)``, z = x^2, x clipped to +-limit."""

    p0: np.float32
    p1: np.float32
    p2: np.float32
    p3: np.float32
    q1: np.float32
    q2: np.float32
    q3: np.float32
    limit: np.float32


class EvenPolynomial(NamedTuple):
    """``min(1 + c1 z + c2 z^2 + c3 z^3 + c4 z^4, limit)``, z = x^2."""

    c1: np.float32
    c2: np.float32
    c3: np.float32
    c4: np.float32
    limit: np.float32


class KernelTables(NamedTuple):
    """What the compiled kernels read: arrays and float32 scalars only."""

    advance: OddRational
    slope: OddRational
    slope_lookahead: OddRational
    lobe: EvenPolynomial
    noise: Float32s
    bin_advance: Int32s
    hop_over_n_fft: np.float32
    rise_knee: np.float32
    block_bits: np.int32
    peak_low: np.float32
    peak_high: np.float32
    lobe_excess: np.float32
    flux_low: np.float32
    flux_range: np.float32
    flux_smoothing: np.float32


@dataclass(frozen=True)
class PhaseTables:
    """Tables for one window, n_fft and hop, in the model's own sample rate.

    Attributes:
        window_name: name of the analysis window.
        n_fft: transform length in samples.
        hop: samples between frames.
        kernel: the arrays and thresholds that the compiled kernels take.
    """

    window_name: str
    n_fft: int
    hop: int
    kernel: KernelTables

    @property
    def bins(self) -> int:
        """Bins per frame, n_fft // 2 + 1."""
        return self.n_fft // 2 + 1


@lru_cache(maxsize=16)
def phase_tables(window_name: str, n_fft: int, hop: int, noise_frames: int = 256, seed: int = 0) -> PhaseTables:
    """Build (or fetch) the tables of one frame grid.

    Args:
        window_name: hann, hamming, blackman or gaussian.
        n_fft: transform length in samples, even.
        hop: samples between frames, at most n_fft // 2.
        noise_frames: length of the noise table; it repeats after noise_frames * hop samples.
        seed: of the noise.

    Raises:
        UserError: a value outside its range.
    """
    if window_name not in _ADVANCE_REACH:
        raise UserError(f"unknown window {window_name!r}; choose one of {', '.join(_ADVANCE_REACH)}")
    if n_fft < 32 or n_fft % 2:
        raise UserError(f"n_fft {n_fft} must be even and at least 32")
    if not 1 <= hop <= n_fft // 2:
        raise UserError(f"hop {hop} must be within 1-{n_fft // 2} (half of n_fft) for phase reconstruction")
    if noise_frames < 4:
        raise UserError(f"noise_frames {noise_frames} must be at least 4")
    per_hop = 4.0 * hop / n_fft  # thresholds are stated at 75 % overlap; change per hop grows with the hop
    f32 = np.float32
    bins = np.arange(n_fft // 2 + 1, dtype=np.int64)
    kernel = KernelTables(
        advance=OddRational(*advance_map(window_name)),
        slope=OddRational(*slope_map(window_name, n_fft, hop / 2.0)),
        slope_lookahead=OddRational(*slope_map(window_name, n_fft, float(hop))),
        lobe=EvenPolynomial(*lobe_map(window_name)),
        noise=noise_table(window_name, n_fft, hop, noise_frames, seed),
        bin_advance=to_turn32(bins * hop % n_fft / n_fft),
        hop_over_n_fft=f32(hop / n_fft),
        rise_knee=f32(hop / (2.0 * n_fft)),
        block_bits=np.int32(BLOCK_OCTAVES << 23),  # in a float32's exponent
        peak_low=f32(10.0 ** (PEAK_DB[0] / 20.0)),
        peak_high=f32(10.0 ** (PEAK_DB[1] / 20.0)),
        lobe_excess=f32(LOBE_EXCESS),
        flux_low=f32(FLUX_AT_75[0] * per_hop),
        flux_range=f32((FLUX_AT_75[1] - FLUX_AT_75[0]) * per_hop),
        flux_smoothing=f32(min(1.0, FLUX_SMOOTHING_AT_75 * per_hop)),
    )
    for table in kernel:
        if isinstance(table, np.ndarray):
            table.flags.writeable = False
    return PhaseTables(window_name, n_fft, hop, kernel)


def to_turn32(turns: Float64s) -> Int32s:
    """Convert phase in turns to a 32-bit phase accumulator; 2^32 is one turn, so overflow wraps the phase."""
    return np.round(turns * 2.0**32).astype(np.int64).astype(np.uint32).view(np.int32)


@cached_on_disk
def advance_map(window_name: str) -> Float32s:
    """Fit the distance in bins of a steady sine to the ratio t of a bin's neighbours; an ``OddRational``."""
    delta = np.linspace(0.0, _ADVANCE_REACH[window_name], _FIT_POINTS)
    upper, lower = np.abs(_transform(window_name, 1.0 - delta)), np.abs(_transform(window_name, 1.0 + delta))
    return fit_odd_rational((upper - lower) / (upper + lower), delta)


@cached_on_disk
def slope_map(window_name: str, n_fft: int, half_gap: float) -> Float32s:
    """Fit the phase slope in turns per bin to the ratio u of two frames' magnitude roots; an ``OddRational``.

    The frames' centres are 2 * half_gap samples apart. An impulse at time tau from the middle between them has the
    weight w(tau + half_gap) in the earlier frame and w(tau - half_gap) in the later one. Its phase falls by tau / n_fft
    turns per bin.
    """
    reach = n_fft / 2.0 - half_gap
    if reach <= 0.0:  # the frames do not overlap, so no impulse is in both
        return np.zeros(8, np.float32)
    tau = np.linspace(0.0, reach, _FIT_POINTS)
    wave = np.append(window(window_name, n_fft), window(window_name, n_fft)[0])
    position = np.arange(n_fft + 1) - n_fft / 2.0
    earlier = np.sqrt(np.maximum(np.interp(tau + half_gap, position, wave), 0.0))
    later = np.sqrt(np.maximum(np.interp(tau - half_gap, position, wave), 0.0))
    ratio = (later - earlier) / (later + earlier + 1e-30)
    rising = int(np.argmax(ratio)) + 1  # the map of a window with a pedestal falls near its ends: use the rising part
    return fit_odd_rational(ratio[:rising], -tau[:rising] / n_fft)


def fit_odd_rational(x: Float64s, y: Float64s) -> Float32s:
    """Fit an ``OddRational`` y(x), x >= 0, by linearised least squares, reweighted to minimise the greatest error.

    Lower orders are tried too, because a function of low order makes the full fit singular.
    """
    best_error, best = np.inf, np.zeros(8)
    powers = np.vander(x * x, 4, increasing=True)
    for order_p, order_q in ((3, 3), (3, 2), (2, 2), (2, 1)):
        weight, levelling = np.ones_like(x), np.ones_like(x)
        columns = np.hstack([x[:, None] * powers[:, : order_p + 1], -y[:, None] * powers[:, 1 : order_q + 1]])
        for _ in range(30):
            scale = weight * levelling
            found = np.linalg.lstsq(columns * scale[:, None], y * scale, rcond=None)[0]
            p = np.append(found[: order_p + 1], np.zeros(3 - order_p))
            q = np.concatenate([[1.0], found[order_p + 1 :], np.zeros(3 - order_q)])
            denominator = powers @ q
            error = np.abs(x * (powers @ p) / denominator - y)
            if denominator.min() > 1e-3 and error.max() < best_error:
                best_error, best = error.max(), np.concatenate([p, q[1:], [x[-1]]])
            weight = 1.0 / np.abs(denominator)
            levelling *= np.sqrt(error / error.max() + 0.01)
            levelling /= levelling.max()
    return np.asarray(best, np.float32)


@cached_on_disk
def lobe_map(window_name: str) -> Float32s:
    """Fit W(0) / W(x) on the main lobe over the distance x in bins, down to LOBE_FLOOR; an ``EvenPolynomial``."""
    x = np.linspace(0.0, 3.0, 3001)
    lobe = _transform(window_name, x)
    lobe /= lobe[0]
    end = int(np.argmax(lobe < LOBE_FLOOR))
    z, inverse = x[1:end] ** 2, 1.0 / lobe[1:end]
    powers = np.stack([z, z**2, z**3, z**4], axis=1)
    fit = np.linalg.lstsq(powers / inverse[:, None], (inverse - 1.0) / inverse, rcond=None)[0]
    return np.array([*fit, 1.0 / LOBE_FLOOR], np.float32)


@cached_on_disk
def noise_table(window_name: str, n_fft: int, hop: int, frames: int, seed: int) -> Float32s:
    """Compute consecutive zero-phase spectra of periodic white noise, mean power 1 in every bin.

    They are the STFT of one periodic signal of frames * hop samples. So overlapping frames agree with each other, and
    the table can be read in a loop.

    Returns:
        float32 [frames, 2, bins], real and imaginary planes.
    """
    noise = np.random.default_rng(seed).standard_normal(frames * hop)
    start = np.arange(frames)[:, None] * hop - n_fft // 2
    cuts = noise[(start + np.arange(n_fft)) % len(noise)]
    spectra = np.fft.rfft(cuts * window(window_name, n_fft), axis=1)
    spectra[:, 1::2] *= -1.0  # phases relative to the frame's centre
    spectra /= np.sqrt((np.abs(spectra) ** 2).mean(axis=0))
    return np.stack([spectra.real, spectra.imag], axis=1).astype(np.float32)


def _transform(window_name: str, at_bins: Float64s) -> Float64s:
    """Return the window's zero-phase Fourier transform at fractional bins; its shape does not depend on n_fft."""
    length = 1024
    wave = window(window_name, length)
    time = (np.arange(length) - length // 2) / length
    return np.asarray(np.cos(2.0 * np.pi * np.outer(at_bins, time)) @ wave)
