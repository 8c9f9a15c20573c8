"""The auditory model and PSM against closed forms, plain recurrences, and properties of the measures."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from synth_app.evaluation.psm import adapt, internal_representation, measure_similarity
from synth_app.evaluation.psm.adaptation import THRESHOLD
from synth_app.evaluation.psm.auditory_model import (
    bandwidth_hz,
    centre_frequencies,
    gammatone,
    hair_cells,
    modulation_filters,
)
from synth_app.evaluation.psm.similarity import compare, weighted_quantile
from synth_app.support.errors import UserError

RATE = 16_000
TIME = np.arange(RATE) / RATE


def tone(frequency_hz: float = 1000.0, level: float = 0.1) -> np.ndarray:
    return level * np.sin(2 * np.pi * frequency_hz * TIME)


def note(f0_hz: float = 220.0) -> np.ndarray:
    """A decaying harmonic note of one second."""
    partials = [np.sin(2 * np.pi * f0_hz * k * TIME + k) * np.exp(-k * TIME) / k for k in range(1, 20)]
    return 0.1 * np.sum(partials, axis=0)


def snr_noise(sound: np.ndarray, snr_db: float, seed: int) -> np.ndarray:
    wave = np.random.default_rng(seed).standard_normal(len(sound))
    return wave * np.sqrt(np.mean(sound**2) / np.mean(wave**2)) * 10 ** (-snr_db / 20)


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_gammatone_filters_are_the_published_impulse_response(rate: int) -> None:
    """g(t) = t^3 exp(-2 pi 1.019 ERB t) cos(2 pi f t), gain 1 at the centre."""
    centres = centre_frequencies(rate)
    assert np.isclose(centres, 1000.0).sum() == 1
    assert 235 <= centres[0] < 270
    assert 12_500 < centres[-1] <= 14_500 or (rate < 29_000 and centres[-1] < rate / 2)
    impulse = np.zeros(rate // 4)
    impulse[0] = 1.0
    found = gammatone(impulse, rate)
    t = np.arange(len(impulse)) / rate
    hz = np.fft.rfftfreq(8 * len(impulse), 1 / rate)
    for i, centre in enumerate(centres):
        if centre > rate / 6:  # sampled, the closed form folds over there
            continue
        erb = 24.7 * (4.37e-3 * centre + 1.0)
        wanted = t**3 * np.exp(-2 * np.pi * 1.019 * erb * t) * np.cos(2 * np.pi * centre * t)
        a, b = (np.abs(np.fft.rfft(g, 8 * len(impulse))) for g in (found[i], wanted))
        assert a[np.argmin(np.abs(hz - centre))] == pytest.approx(1.0, abs=0.01)
        np.testing.assert_allclose(a / a.max(), b / b.max(), atol=0.03)
        assert np.sum(a**2) * hz[1] / a.max() ** 2 == pytest.approx(bandwidth_hz(centre), rel=0.03)


def test_hair_cells_rectify_and_smooth() -> None:
    steady = hair_cells(np.full((1, 2000), 0.3), RATE)
    assert steady[0, -1] == pytest.approx(0.3)
    assert np.all(hair_cells(np.full((1, 100), -0.3), RATE) == 0.0)
    fast = hair_cells(np.sin(2 * np.pi * 7000 * TIME)[None], RATE)[0, RATE // 2 :]
    slow = hair_cells(np.sin(2 * np.pi * 100 * TIME)[None], RATE)[0, RATE // 2 :]
    assert fast.mean() == pytest.approx(slow.mean(), rel=0.05) == pytest.approx(1 / np.pi, rel=0.05)
    assert np.ptp(fast) < 0.4 * np.ptp(slow)  # phase locking is lost at high frequencies


@pytest.mark.parametrize("level", [THRESHOLD, 1e-3, 0.1, 1.0])
def test_steady_state_of_five_loops_is_the_32nd_root(level: float) -> None:
    steady = adapt(np.full((1, 40_000), level), 4000.0)[0, -1]
    root = THRESHOLD ** (1 / 32)
    assert steady == pytest.approx(100.0 * (level ** (1 / 32) - root) / (1.0 - root), abs=1e-3)


def test_loops_are_the_plain_recurrence() -> None:
    """Python's own floats, loop by loop instead of sample by sample."""
    rng = np.random.default_rng(3)
    x = 10 ** rng.uniform(-7, 0, (2, 300))
    wanted = np.maximum(x, 1e-5)
    for i, tau in enumerate((0.005, 0.050, 0.129, 0.253, 0.500)):
        rest = 1e-5 ** (1 / 2 ** (i + 1))
        ceiling = 10.0 * (1 - rest**2) - 1
        a = np.exp(-1 / (tau * RATE))
        for row in wanted:
            state = rest
            for n, value in enumerate(row):
                out = value / state
                if out > 1:
                    out = 1 + ceiling * np.tanh((out - 1) / ceiling)  # the sigmoid is a tanh
                state = a * state + (1 - a) * out
                row[n] = out
    root = 1e-5 ** (1 / 32)
    np.testing.assert_allclose(adapt(x, RATE), 100 * (wanted - root) / (1 - root), rtol=1e-9, atol=1e-9)


def test_overshoot_is_limited_and_rest_is_zero() -> None:
    onset = np.concatenate([np.zeros(1000), np.full(1000, 0.5)])[None]
    limited, free = adapt(onset, RATE)[0], adapt(onset, RATE, limit=0.0)[0]
    assert np.all(limited[:1000] == pytest.approx(0.0, abs=1e-9))
    assert free.max() > 10 * limited.max()
    assert limited[1000] == limited.max() > 3 * limited[-1]


def test_modulation_filters_follow_their_modulation() -> None:
    t = np.arange(4 * RATE) / RATE
    for i, hz in ((1, 5.0), (2, 10.0), (3, 10 * 5 / 3), (5, 10 * (5 / 3) ** 3)):
        wave = (3.0 * np.sin(2 * np.pi * hz * t))[None]
        rms = np.sqrt((modulation_filters(wave, RATE, "filterbank")[:, 0, 1600:] ** 2).mean(axis=1))
        assert rms.argmax() == i
        assert rms[i] == pytest.approx(3.0 / np.sqrt(2), rel=0.1)  # real part and envelope have one scale
    steady = modulation_filters(np.full((1, 2 * RATE), 7.0), RATE, "filterbank")[:, 0, -1]
    assert steady[0] == pytest.approx(7.0, rel=1e-3)
    assert np.all(np.abs(steady[3:]) < 0.4 * 7.0)
    eight_hz = modulation_filters(np.sin(2 * np.pi * 8.0 * t)[None], RATE, "lowpass")[0, 0, 200:]
    assert 20 * np.log10(eight_hz.std() * np.sqrt(2)) == pytest.approx(-3.0, abs=0.3)


def test_sounds_below_the_threshold_give_no_activity() -> None:
    quiet, loud = (internal_representation(tone(level=10 ** (db / 20)), RATE) for db in (-106.0, -60.0))
    assert np.abs(quiet).max() < 1e-9
    assert loud[0].max() > 10.0
    levels = [internal_representation(tone(level=10 ** (db / 20)), RATE)[0, :, -1].max() for db in (-80, -60, -40, -20)]
    steps = np.diff(levels)
    assert np.all(steps > 5.0)  # nearly logarithmic: equal steps of level give steps of like size
    assert steps.max() < 2.2 * steps.min()


@pytest.mark.parametrize("modulation", ["filterbank", "lowpass"])
@pytest.mark.parametrize("sound", [tone(), note(), snr_noise(note(), 0.0, 0), np.zeros(4000)])
def test_identity_is_one(sound: np.ndarray, modulation: str) -> None:
    found = measure_similarity(sound, sound.copy(), RATE, modulation=modulation)
    assert found.psm == pytest.approx(1.0)
    assert found.psm_t == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(3))
def test_more_noise_is_less_similar(seed: int) -> None:
    sound = note(110.0 * 2**seed)
    found = [measure_similarity(sound, sound + snr_noise(sound, snr, seed), RATE) for snr in (70, 55, 40, 25, 10)]
    psm, psm_t = [s.psm for s in found], [s.psm_t for s in found]
    assert np.all(np.diff(psm) < 0)
    assert psm[0] > 0.99
    assert psm[-1] < 0.87
    assert psm_t[0] > 0.95
    assert np.all(np.diff(psm_t[:3]) < 0)
    assert max(psm_t[3:]) < psm_t[2]


def test_noise_that_is_masked_hurts_less() -> None:
    """Noise of one power: in the tone's own band, and three octaves above it."""
    wave = np.random.default_rng(1).standard_normal(RATE)
    sound = tone(500.0)
    scores = []
    for low, high in ((450.0, 550.0), (3950.0, 4050.0)):
        band = sosfilt(butter(4, (low, high), "bandpass", fs=RATE, output="sos"), wave)
        band *= 10 ** (-45 / 20) * np.sqrt(np.mean(sound**2) / np.mean(band**2))
        scores.append(measure_similarity(sound, sound + band, RATE))
    assert scores[0].psm > scores[1].psm + 0.02
    assert scores[0].psm_t > scores[1].psm_t + 0.1


def test_level_is_aligned_only_on_request() -> None:
    sound = note()
    assert measure_similarity(sound, 0.5 * sound, RATE).psm == pytest.approx(1.0)
    assert measure_similarity(sound, 0.5 * sound, RATE, align_level=False).psm < 0.9999


def test_polarity_and_sample_rate_hardly_matter() -> None:
    import soxr

    sound = note()
    degraded = sound + snr_noise(sound, 40.0, 0)
    assert measure_similarity(sound, -sound, RATE).psm > 0.97
    slow = measure_similarity(sound, degraded, RATE).psm
    finer, finer_degraded = (soxr.resample(s, RATE, 2 * RATE) for s in (sound, degraded))
    fast = measure_similarity(finer, finer_degraded, 2 * RATE).psm
    assert fast == pytest.approx(slow, abs=0.06)  # more filters, in which there is nothing of either


def test_missing_disturbs_half_as_much_as_added() -> None:
    """Closed form on one channel of four values: y is drawn half-way to x only where it is weaker."""
    x = np.array([1.0, 2.0, 3.0, 10.0])[None, None]
    y = np.array([1.0, 2.0, 3.0, 2.0])[None, None]
    assert compare(x, y, 4).psm == pytest.approx(np.corrcoef(x.ravel(), [1, 2, 3, 6])[0, 1])
    assert compare(y, x, 4).psm == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1])


def test_channels_are_weighted_by_power_and_moments_by_activity() -> None:
    x = np.array([[[1.0, -1.0, 1.0, -1.0]], [[2.0, -2.0, 2.0, -2.0]]])
    y = x * np.array([1.0, -1.0])[:, None, None]  # alike in the first modulation filter, opposite in the second
    assert compare(x, y, 4).psm == pytest.approx((1.0 * 4 - 1.0 * 16) / 20)
    assert weighted_quantile(np.array([0.9, 0.1, 0.5]), np.array([90.0, 4.0, 6.0]), 0.05) == 0.5
    assert weighted_quantile(np.array([0.9, 0.1, 0.5]), np.array([90.0, 6.0, 6.0]), 0.05) == 0.1
    assert weighted_quantile(np.array([0.9, 0.1]), np.zeros(2), 0.05) == 0.1


def test_moments_under_rest_are_masked_and_do_not_count() -> None:
    """Ten moments of four channels, alike but for one that is reversed."""
    x = np.tile(np.array([1.0, 2.0, 3.0, 4.0])[:, None], 10)[None]
    y = x.copy()
    y[0, :, 3] = [4.0, 3.0, 2.0, 1.0]
    assert compare(x, y, 1).psm_t < 0.5
    x[0, :, 3] -= 9.0
    y[0, :, 3] -= 9.0
    assert compare(x, y, 1).psm_t == pytest.approx(1.0)


def test_invalid_sounds_are_refused() -> None:
    with pytest.raises(UserError, match="cut them to one length"):
        measure_similarity(np.zeros(100), np.zeros(99), RATE)
    with pytest.raises(UserError, match="one finite channel"):
        measure_similarity(np.full(100, np.nan), np.zeros(100), RATE)
    with pytest.raises(UserError, match="filterbank, lowpass"):
        internal_representation(np.zeros(100), RATE, "envelope")
