"""Random instruments against closed forms and an independent estimate of their pitch."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal
from scipy.optimize import minimize_scalar

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.synthesis.curve import Curve, shaped
from synth_app.dataset.synthesis.key_press import BAND_HZ, RATE_HZ, Array, KeyPress, Voice
from synth_app.dataset.synthesis.methods import additive, breath, fm, modal, ring, strings, subtractive, vocal, wind
from synth_app.dataset.synthesis.oscillators import control_times, impulse_train, pulse, saw, sum_partials
from synth_app.dataset.synthesis.patch import HIGHEST_KEY, LOWEST_KEY, METHODS, random_patch
from synth_app.dataset.synthesis.pitch import PitchContour
from synth_app.dataset.synthesis.sweep import KINDS, swept

Draw = Callable[[np.random.Generator], Voice]
DRAWS: tuple[Draw, ...] = tuple(
    module.draw for module in (additive, breath, fm, modal, ring, strings, subtractive, vocal, wind)
)


def first_partial_hz(sound: Array, key_hz: float) -> float:
    """Frequency of the strongest line within a semitone of the key, at the highest value of its windowed DTFT."""
    part = sound[RATE_HZ // 4 : RATE_HZ // 4 + RATE_HZ] * np.blackman(RATE_HZ)
    turns = np.arange(RATE_HZ) / RATE_HZ

    def level(hz: float) -> float:
        return -float(np.abs(np.sum(part * np.exp(-2j * np.pi * hz * turns))))

    grid = np.arange(8 * RATE_HZ // 2 + 1) / 8  # Hz
    near = np.abs(np.log2(np.maximum(grid, 1.0) / key_hz)) < 1 / 12
    coarse = float(grid[near][np.abs(np.fft.rfft(part, 8 * RATE_HZ))[near].argmax()])
    return float(minimize_scalar(level, bounds=(coarse - 0.2, coarse + 0.2), method="bounded").x)


def cents(hz: float, key_hz: float) -> float:
    return float(1200.0 * np.log2(hz / key_hz))


@pytest.mark.parametrize("index", [3, 10, 12])
@pytest.mark.parametrize("draw", [additive.draw, fm.draw, modal.draw, ring.draw, strings.draw, subtractive.draw])
def test_a_note_sounds_at_its_key(draw: Draw, index: int) -> None:
    """Only patches of one steady oscillator: unison and pairs of partials beat around the key."""
    for seed in range(index, 200):
        voice = draw(np.random.default_rng(seed))
        if is_single(voice):
            break
    for key in (31, 60, 93):
        key_press = KeyPress(key, 100)
        sound = voice.render(key_press, np.random.default_rng(1))
        assert abs(cents(first_partial_hz(sound, key_press.f0_hz), key_press.f0_hz)) < 1.0, (voice, key)


def is_single(voice: Voice) -> bool:
    """Whether only one oscillator runs, at a steady pitch that a quarter second after the start has settled."""
    pitch = getattr(voice, "pitch", PitchContour())
    single = len(getattr(voice, "unison_cents", (0,))) == len(getattr(voice, "detune_cents", (0,))) == 1
    one_wave = all(osc.sweep == 0.0 and osc.interval == 0.0 for osc in getattr(voice, "oscillators", ()))
    heard = getattr(voice, "filter_kind", "lowpass") == "lowpass" and getattr(voice, "noise", 0.0) == 0.0
    envelope = getattr(voice, "envelope", None)
    decay_s = np.max(getattr(voice, "decays_s", getattr(voice, "decay_s", 0.0)))
    lasting = decay_s > 4.0 if envelope is None else envelope.sustain > 0.1
    beatless = getattr(voice, "beat_cents", 0.0) == 0.0
    free = not isinstance(voice, ring.Ring) or (voice.fixed_hz == 0.0 and voice.ratio in (0.5, 1.5, 2.5, 3.0))
    return pitch.steady and pitch.scoop_cents == 0.0 and single and one_wave and heard and lasting and beatless and free


@pytest.mark.parametrize("method", METHODS)
def test_every_method_makes_valid_and_reproducible_notes(method: str) -> None:
    indices = [index for index in range(16) if random_patch(5, index).method == method][:2]
    for index in indices:
        patch = random_patch(5, index)
        assert patch.voice.family in FAMILIES
        assert all(LOWEST_KEY <= key <= HIGHEST_KEY for key in patch.keys)
        assert all(3 <= step <= 7 for step in np.diff(patch.keys))
        key = patch.keys[len(patch.keys) // 2]
        sound = patch.render(key, patch.velocities[0])
        assert sound.shape == (4 * RATE_HZ,)
        assert np.isfinite(sound).all()
        peak = np.abs(sound).max()
        assert 0.01 < peak < 1.5
        assert abs(sound.mean()) < 2e-3 * peak
        assert np.abs(sound[-5:]).max() < 0.02 * peak
        np.testing.assert_array_equal(sound, random_patch(5, index).render(key, patch.velocities[0]))
        assert not np.array_equal(sound, random_patch(6, index).render(key, patch.velocities[0]))


@pytest.mark.parametrize("draw", DRAWS)
def test_high_notes_stay_below_the_band_edge(draw: Draw) -> None:
    """At key 100 an aliased partial would appear near the top of the spectrum."""
    for seed in range(4):
        key_press = KeyPress(100, 127)
        sound = draw(np.random.default_rng(seed)).render(key_press, np.random.default_rng(0))
        middle = sound[RATE_HZ : RATE_HZ + 8192] * np.blackman(8192)
        power = np.abs(np.fft.rfft(middle)) ** 2
        hz = np.fft.rfftfreq(8192, 1 / RATE_HZ)
        noisy = draw in (breath.draw, wind.draw, vocal.draw, subtractive.draw)
        if power.max() > 1e-12 and not noisy:
            assert power[hz > BAND_HZ + 300].max() < 1e-8 * power.max(), seed


@pytest.mark.parametrize("wave", ["impulses", "saw", "pulse"])
def test_closed_forms_equal_sums_of_harmonics(wave: str) -> None:
    cycles = 1234.5 * np.arange(RATE_HZ // 4) / RATE_HZ + 0.3
    k = np.arange(1, int(BAND_HZ / 1234.5) + 1)[:, None]
    made = {"impulses": impulse_train, "saw": saw, "pulse": lambda c: pulse(c, 0.29)}[wave](cycles)
    turns = 2 * np.pi * k * cycles
    wanted = {
        "impulses": np.cos(turns).sum(axis=0),
        "saw": (np.sin(turns) / k).sum(axis=0),
        "pulse": ((np.sin(turns) - np.sin(turns + 2 * np.pi * 0.29 * k)) / k).sum(axis=0),
    }[wave]
    window = scipy.signal.windows.blackmanharris(
        8192
    )  # levels of all harmonics; the running sum is half a sample beside the integral
    levels = [np.abs(np.fft.rfft(x[-8192:] * window)) for x in (made, wanted)]
    lines = np.rint(k[:, 0] * 1234.5 / RATE_HZ * 8192).astype(int)
    rise = 1.0 if wave == "impulses" else np.pi * k[:, 0] * 1234.5 / RATE_HZ
    wanted_lines = levels[1][lines] * (1.0 if wave == "impulses" else rise / np.sin(rise))
    np.testing.assert_allclose(levels[0][lines], wanted_lines, rtol=2e-2)
    between = np.ones(len(levels[0]), bool)
    for line in lines:
        between[max(line - 6, 0) : line + 7] = False
    between[:20] = False  # the integrator's leak
    assert levels[0][between].max() < 1e-4 * levels[0].max()


def test_partials_follow_their_levels_and_stay_inside_the_band() -> None:
    cycles = 440.0 * np.arange(9600) / RATE_HZ
    t = control_times(9600)
    levels = np.stack([1.0 - t, 0.5 * np.ones_like(t), np.ones_like(t)])
    made = sum_partials(cycles, np.array([1.0, 2.5, 51.0]), levels, np.array([0.0, 0.25, 0.0]))
    time = np.arange(9600) / RATE_HZ
    wanted = (1.0 - time) * np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * (1100 * time + 0.25))
    np.testing.assert_allclose(made, wanted, atol=2e-5)


def test_shaping_has_the_requested_gain_and_no_output_before_the_sound() -> None:
    curve = Curve(tilt_db=-3.0, bumps=((700.0, 0.3, 12.0),), high_hz=6000.0, high_slope=18.0)
    impulse = np.zeros(RATE_HZ)
    impulse[100] = 1.0
    made = shaped(impulse, curve.gain_db)
    hz = np.array([120.0, 700.0, 1000.0, 3000.0, 12_000.0])
    response = 20 * np.log10(np.abs(np.exp(-2j * np.pi * np.outer(hz, np.arange(RATE_HZ)) / RATE_HZ) @ made))
    np.testing.assert_allclose(response, curve.gain_db(hz), atol=0.1)
    assert np.sum(made[:100] ** 2) < 1e-6 * np.sum(made**2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sweep_with_constant_cutoff_is_a_second_order_section(kind: str) -> None:
    impulse = np.zeros(8192)
    impulse[0] = 1.0
    response = np.abs(np.fft.rfft(swept(impulse, kind, np.full(8192, 1500.0), 4.0)))
    low, centre, high = response[[0, 256, -1]]  # 0 Hz, 1500 Hz, 24 kHz
    wanted = {"lowpass": (1.0, 4.0, 0.0), "bandpass": (0.0, 1.0, 0.0), "highpass": (0.0, 4.0, 1.0)}[kind]
    np.testing.assert_allclose((low, centre, high), wanted, atol=1e-3)
