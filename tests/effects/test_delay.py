"""The delay's impulse response."""

import itertools

import numpy as np
import pytest

from synth_app.params.note_values import note_beats
from tests.effects.helpers import RATE, chain, impulse, noise, params, send, sine, through

BARE = {"delay_on": 1.0, "delay_damp": 0.0, "delay_mix": 1.0}


def echoes(**changed: float) -> list[tuple[int, float, float]]:
    """Return position, left and right level of every echo."""
    heard = through(impulse(2.0), **{**BARE, **changed})
    return [(int(i), float(heard[i, 0]), float(heard[i, 1])) for i in np.flatnonzero(np.abs(heard).max(axis=1))]


def test_each_side_repeats_itself() -> None:
    found = echoes(delay_time_s=0.25, delay_feedback=0.5, delay_width=0.0)
    assert [i for i, _, _ in found] == [12_000 * k for k in range(1, 8)]
    for k, (_, left, right) in enumerate(found):
        assert left == right == pytest.approx(0.5**k, rel=1e-6)


def test_ping_pong_alternates() -> None:
    found = echoes(delay_time_s=0.25, delay_feedback=0.5, delay_width=1.0)
    assert [i for i, _, _ in found] == [12_000 * k for k in range(1, 8)]
    for k, (_, left, right) in enumerate(found):
        loud, still = (left, right) if k % 2 == 0 else (right, left)
        assert loud == pytest.approx(np.sqrt(2.0) * 0.5**k, rel=1e-6)
        assert still == 0.0


def test_mix_keeps_the_power_of_dry_and_wet() -> None:
    heard = through(impulse(0.6), **{**BARE, "delay_mix": 0.3}, delay_time_s=0.5, delay_feedback=0, delay_width=0)
    assert heard[0, 0] ** 2 + heard[24_000, 0] ** 2 == pytest.approx(1.0, abs=1e-6)


def test_damping_reduces_high_frequencies_in_every_echo() -> None:
    heard = through(impulse(1.0), **{**BARE, "delay_damp": 0.5}, delay_time_s=0.2, delay_feedback=0.9, delay_width=0)
    spectra = [np.abs(np.fft.rfft(heard[9600 * k : 9600 * (k + 1), 0])) for k in (1, 2, 3, 4)]
    bin_hz = RATE / 9600
    corner_hz = 20_000 * (800 / 20_000) ** 0.5
    share = 1 - np.exp(-2 * np.pi * corner_hz / RATE)
    wanted = abs(share / (1 - (1 - share) * np.exp(-2j * np.pi * 6000 / RATE)))
    for one, two in itertools.pairwise(spectra):
        assert two[round(6000 / bin_hz)] / one[round(6000 / bin_hz)] == pytest.approx(0.9 * wanted, rel=0.02)


@pytest.mark.parametrize(("choice", "seconds"), [(9, 0.5), (8, 0.375), (3, 1 / 12), (13, 2.0)])
def test_note_values_follow_the_tempo(choice: int, seconds: float) -> None:
    """A quarter, a dotted eighth, a sixteenth and a whole note at 120 bpm."""
    beats = {9: "1/4", 8: "1/8D", 3: "1/16", 13: "1/1"}
    audio = impulse(2.5)
    heard = send(chain(**BARE, delay_sync=choice, delay_feedback=0, delay_width=0), audio)
    expected = seconds if choice != 3 else 60 / 120 * note_beats("1/16")
    assert note_beats(beats[choice]) * 0.5 == pytest.approx(expected)
    assert np.flatnonzero(heard[:, 0]).tolist() == [round(expected * RATE)]
    slow = send(chain(30.0, **BARE, delay_sync=13, delay_feedback=0, delay_width=0), impulse(5.0))
    assert np.flatnonzero(slow[:, 0]).tolist() == [4 * RATE]  # 8 s do not fit: the half


def test_a_change_of_the_time_is_crossfaded() -> None:
    """A sine, and a change to a delay of opposite phase: no step exceeds the sine's slope plus that of a 50 ms fade."""
    effects = chain(**BARE, delay_time_s=0.3, delay_feedback=0.6)
    audio = sine(2.0, 200.0, 0.3)
    first = send(effects, audio[: RATE + 60])  # at the crest
    effects.set_targets(params(**BARE, delay_time_s=0.0525, delay_feedback=0.6), 120.0)
    second = send(effects, audio[RATE + 60 :])
    heard = np.concatenate([first, second])
    loudest = np.abs(heard).max()
    slope = 2 * np.pi * 200 / RATE * loudest
    assert np.abs(np.diff(heard, axis=0)).max() < 1.5 * (slope + 2 * loudest * 1.5 / 2400)


def test_echoes_ring_out_after_switching_off_and_then_the_delay_sleeps() -> None:
    effects = chain(**BARE, delay_time_s=0.1, delay_feedback=0.5)
    send(effects, noise(0.05))
    effects.set_targets(params(), 120.0)
    tail = send(effects, np.zeros((RATE, 2), np.float32))
    assert np.abs(tail[4800:9600]).max() > 0.01
    assert effects.ringing
    send(effects, np.zeros((4 * RATE, 2), np.float32))
    assert not effects.ringing
    audio = noise(0.2, seed=1)
    assert np.array_equal(send(effects, audio), audio)


def test_sound_from_before_the_sleep_does_not_return() -> None:
    effects = chain(**BARE, delay_time_s=0.5, delay_feedback=0.0)
    send(effects, noise(0.4))
    send(effects, np.zeros((3 * RATE, 2), np.float32))
    assert not effects.ringing
    effects.set_targets(params(**BARE, delay_time_s=2.9, delay_feedback=0.0), 120.0)
    heard = send(effects, np.concatenate([impulse(3.0)]))
    assert np.flatnonzero(np.abs(heard).max(axis=1)).tolist() == [round(2.9 * RATE)]
