"""The pitch of one note, on tones whose partials are known and on noise."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from synth_app.spectrum.note_pitch import find_pitch, repeats
from synth_app.spectrum.pitch_strength import candidate_hz, pitch_strengths

RATE = 48_000
CENTS = 0.01


def _hz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def _tone(
    pitch: float, amplitudes: dict[int, float], *, stretch: float = 0.0, decay: float = 1.5, rate: int = RATE,
    vibrato_cents: float = 0.0,
) -> NDArray[np.float32]:  # fmt: skip
    """Two seconds of decaying partials h * sqrt(1 + stretch h^2) of these amplitudes, with random phases."""
    t, turns = np.arange(2 * rate) / rate, np.random.default_rng(1).random(200)
    bend = 2.0 ** (vibrato_cents / 1200.0 * np.sin(2 * np.pi * 5.5 * t))
    phase = np.cumsum(_hz(pitch) * bend) / rate
    numbers = {h: h * np.sqrt((1.0 + stretch * h * h) / (1.0 + stretch)) for h in amplitudes}
    parts = [
        level * np.exp(-decay * np.sqrt(h) * t) * np.sin(2 * np.pi * (numbers[h] * phase + turns[h]))
        for h, level in amplitudes.items()
        if numbers[h] * _hz(pitch) < 0.45 * rate
    ]
    return np.asarray(0.1 * np.sum(parts, axis=0), np.float32)


def _falling(last: int = 30, slope: float = 1.0) -> dict[int, float]:
    return {h: h**-slope for h in range(1, last + 1)}


@pytest.mark.parametrize("pitch", [21.0, 28.3, 40.0, 52.7, 60.0, 71.2, 84.0, 96.4, 108.0])
@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_harmonic_tones_are_found_to_three_cents(pitch: float, slope: float) -> None:
    assert find_pitch(_tone(pitch, _falling(slope=slope)), RATE) == pytest.approx(pitch, abs=3 * CENTS)


@pytest.mark.parametrize(
    "amplitudes",
    [
        {1: 1.0},
        {h: 1 / h for h in range(1, 30, 2)},  # a clarinet's
        {h: 1 / h for h in range(2, 20)},  # without the fundamental
        {1: 0.05, 2: 1.0, 3: 0.3, 4: 0.7, 5: 0.2, 6: 0.4},  # even partials lead: an octave above seems right
        {1: 1.0, 2: 0.03, 3: 0.02},  # almost pure: an octave below explains it as well
        {1: 0.4, 2: 0.2, 3: 1.0, 4: 0.5, 5: 0.2, 6: 0.6, 9: 0.2},  # a twelfth above
    ],
    ids=["sine", "odd", "no fundamental", "even", "almost pure", "third"],
)
@pytest.mark.parametrize("pitch", [43.2, 57.0, 72.4])
def test_uneven_partials_do_not_mislead_by_an_octave(amplitudes: dict[int, float], pitch: float) -> None:
    assert find_pitch(_tone(pitch, amplitudes), RATE) == pytest.approx(pitch, abs=5 * CENTS)


def test_stretched_partials_and_vibrato_stay_within_15_cents() -> None:
    piano = _tone(45.0, _falling(20, 0.8), stretch=3e-4)
    assert find_pitch(piano, RATE) == pytest.approx(45.0, abs=15 * CENTS)
    singer = _tone(62.0, _falling(), vibrato_cents=50.0, decay=0.2)
    assert find_pitch(singer, RATE) == pytest.approx(62.0, abs=15 * CENTS)


def test_soft_rumble_below_a_high_note_is_no_fundamental() -> None:
    """A third of its pitch is heard 30 dB below: its partials 1 and 2 hold next to nothing of the power."""
    high = _tone(96.0, {1: 1.0, 2: 0.3}, decay=0.2)
    rumble = _tone(96.0 - 12.0 * np.log2(3.0), {1: 1.0, 2: 0.7}, decay=0.2)
    assert find_pitch(high + 0.03 * rumble, RATE) == pytest.approx(96.0, abs=5 * CENTS)


@pytest.mark.parametrize("rate", [11_025, 16_000, 44_100, 96_000])
def test_all_rates_and_lengths_will_do(rate: int) -> None:
    tone = _tone(65.5, _falling(8), rate=rate)
    assert find_pitch(tone, rate) == pytest.approx(65.5, abs=3 * CENTS)
    assert find_pitch(tone[: rate // 5], rate) == pytest.approx(65.5, abs=8 * CENTS)
    late = np.concatenate([np.zeros(3 * rate, np.float32), tone])
    assert find_pitch(late, rate) == pytest.approx(65.5, abs=3 * CENTS), "the silence before the note does not count"


def test_a_phrase_has_the_pitch_of_its_longest_note() -> None:
    first, last = _tone(60.0, _falling(), decay=0.2)[: RATE // 2], _tone(67.0, _falling(), decay=0.2)[:RATE]
    phrase = np.concatenate([first * np.float32(1.3), np.zeros(RATE // 4, np.float32), last])
    assert find_pitch(phrase, RATE) == pytest.approx(67.0, abs=5 * CENTS), "though the first note is the loudest"


def test_a_tone_is_found_under_noise() -> None:
    tone = _tone(55.0, _falling(), decay=0.1)
    noise = np.random.default_rng(2).standard_normal(len(tone)).astype(np.float32)
    noise *= np.linalg.norm(tone) / np.linalg.norm(noise) * 0.5  # 6 dB below
    assert find_pitch(tone + noise, RATE) == pytest.approx(55.0, abs=8 * CENTS)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(2 * RATE)
    struck = noise * np.exp(-np.arange(2 * RATE) / 2000.0)
    band = sosfilt(butter(4, [500, 900], "bandpass", fs=RATE, output="sos"), noise)
    low = sosfilt(butter(2, 300, fs=RATE, output="sos"), noise)
    for each in (noise, struck, band, low, np.zeros(RATE), np.zeros(10)):
        assert find_pitch(each.astype(np.float32), RATE) is None
    click = np.zeros(RATE, np.float32)
    click[100] = 1.0
    assert find_pitch(click, RATE) is None
    assert not repeats(noise.astype(np.float32), RATE, 440.0)


def test_strengths_lead_at_the_pitch_and_not_at_its_octaves() -> None:
    strengths = pitch_strengths(_tone(57.0, _falling()), RATE, np.array([0.3]))[0]
    at = {octave: int(np.argmin(np.abs(candidate_hz() - 220.0 * 2.0**octave))) for octave in (-1, 0, 1)}
    assert candidate_hz()[strengths.argmax()] == pytest.approx(220.0, rel=0.015)
    assert strengths[at[0]] > 0.6
    assert strengths[at[-1]] < 0.6 * strengths[at[0]]
    assert strengths[at[1]] < 0.6 * strengths[at[0]]
