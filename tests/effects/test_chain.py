"""The whole chain: bit-exact when off, independent of the block size, without clicks, asleep in silence."""

import itertools
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.effects.chain import EffectChain
from synth_app.params import EFFECTS, ParamSpec, param
from tests.effects.helpers import ALL_ON, RATE, Samples, chain, noise, params, send, sine, through

SPECS = [spec for effect in EFFECTS for spec in effect.parameters]


def test_switched_off_effects_change_no_sample() -> None:
    """All other parameters are changed too, and the mix is 0."""
    audio = noise(0.3)
    changed = {spec.name: spec.minimum for spec in SPECS if not spec.name.endswith("_on")}
    assert np.array_equal(through(audio, **changed), audio)
    on = dict.fromkeys(("eq_on", "chorus_on", "delay_on", "reverb_on"), 1.0)
    nothing = {"eq_tilt_db": 0.0, "chorus_mix": 0.0, "delay_mix": 0.0, "reverb_mix": 0.0}
    assert np.array_equal(through(audio, **on, **nothing), audio)
    for effect in EFFECTS:
        assert not np.array_equal(through(audio, **effect.audible_values), audio), effect.name


@st.composite
def journeys(draw: st.DrawFn) -> list[tuple[int, dict[str, float]]]:
    """Random parameter changes: (sample, values by name); switches are frequent."""
    changes = []
    for _ in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.sampled_from(SPECS), min_size=1, max_size=6, unique_by=lambda spec: spec.name))
        values = {spec.name: draw(st.floats(spec.minimum, spec.maximum)) for spec in chosen}
        values |= {effect.switch_name: float(draw(st.booleans())) for effect in EFFECTS}
        changes.append((draw(st.integers(0, 5000)), values))
    return sorted(changes, key=lambda change: change[0])


def travel(changes: list[tuple[int, dict[str, float]]], audio: Samples, block: int) -> Samples:
    effects, now = chain(), dict[str, float]()
    bounds = [0, *(at for at, _ in changes), len(audio)]
    out = []
    for (start, stop), change in itertools.zip_longest(itertools.pairwise(bounds), changes):
        out.append(send(effects, audio[start:stop], block))
        if change is not None:
            now |= change[1]
            effects.set_targets(params(**now), 120.0)
    return np.concatenate(out)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(changes=journeys(), block=st.sampled_from([1, 7, 64, 128, 999]), seed=st.integers(0, 99))
def test_the_block_size_does_not_change_the_samples(
    changes: list[tuple[int, dict[str, float]]], block: int, seed: int
) -> None:
    audio = noise(6000 / RATE, 0.3, seed)
    audio[2000:4000] = 0.0  # some fall asleep here
    whole = travel(changes, audio, 6000)
    assert np.array_equal(travel(changes, audio, block), whole)
    assert np.isfinite(whole).all()


def test_falling_asleep_does_not_depend_on_blocks() -> None:
    """Short tails end in the middle of a block, and the next sound wakes the effects."""
    audio = np.concatenate([noise(0.05), np.zeros((3 * RATE + 77, 2), np.float32), noise(0.05, seed=1)])
    short = {"chorus_on": 1.0, "delay_on": 1.0, "delay_time_s": 0.02, "delay_feedback": 0.0, "reverb_on": 1.0,
             "reverb_decay_s": 0.2, "reverb_size": 0.0, "eq_on": 1.0, "eq_tilt_db": 4.0, "limiter_on": 1.0}  # fmt: skip
    changes: list[tuple[int, dict[str, float]]] = [(0, short), (len(audio) - 1000, {"chorus_on": 0.0})]
    whole = travel(changes, audio, len(audio))
    for block in (64, 1000, 4096):
        assert np.array_equal(travel(changes, audio, block), whole), block


def test_switched_off_just_before_silence_and_on_again() -> None:
    """The chorus falls asleep while its mix still glides to 0; it must begin from 0 again."""
    audio = np.concatenate([noise(0.05), np.zeros((6000, 2), np.float32), noise(0.1, seed=1)])
    on = {"chorus_on": 1.0, "chorus_mix": 1.0}
    changes = [(0, on), (2400, {"chorus_on": 0.0}), (len(audio) - 2400, on)]
    whole = travel(changes, audio, len(audio))
    for block in (1, 64, 1000):
        assert np.array_equal(travel(changes, audio, block), whole), block
    late = slice(len(audio) - 2400, len(audio) - 2390)
    assert np.abs(whole[late] - audio[late]).max() < 0.02 * np.abs(audio).max()


def middle_and_ends(spec: ParamSpec) -> list[tuple[float, float]]:
    """The largest steps of a parameter."""
    return [(spec.minimum, spec.maximum), (spec.maximum, spec.minimum)]


@pytest.mark.parametrize("name", [spec.name for spec in SPECS])
def test_no_parameter_clicks(name: str) -> None:
    """A low sine with all effects on has no step between samples above three times the steepest one near the change.

    A click is a jump: of 0.3, the sine's level, it would be twenty times as steep as the sine.
    """
    steady = {"chorus_rate_hz": 0.3, "delay_time_s": 0.1, "delay_damp": 0.0, "reverb_damp": 0.0, "delay_feedback": 0.3}
    audio = sine(1.2, 100.0, 0.3)
    spec = param(name)
    for before, after in middle_and_ends(spec):
        effects = chain(**{**ALL_ON, **steady, name: before})
        heard = send(effects, audio[: RATE // 2])
        effects.set_targets(params(**{**ALL_ON, **steady, name: after}), 120.0)
        heard = np.concatenate([heard, send(effects, audio[RATE // 2 :])])
        steps = np.abs(np.diff(heard[RATE // 5 :], axis=0)).max(axis=1)  # the sine's own beginning left out
        at = RATE // 2 - RATE // 5
        usual = max(steps[: at - 100].max(), steps[-4800:].max())
        assert steps.max() < 3.0 * usual, (before, after, steps.max() / usual, steps.argmax() - at)


def test_after_its_tail_the_chain_sleeps_and_costs_almost_nothing() -> None:
    effects = chain(**ALL_ON, reverb_decay_s=0.5, delay_feedback=0.3, delay_time_s=0.1)
    send(effects, noise(0.2))
    tail = send(effects, np.zeros((RATE // 2, 2), np.float32))
    assert np.abs(tail[-4800:]).max() > 1e-4
    assert effects.ringing
    send(effects, np.zeros((4 * RATE, 2), np.float32))
    assert not effects.ringing
    assert not send(effects, np.zeros((4800, 2), np.float32)).any()


def best_block_s(effects: EffectChain, audio: Samples, blocks: int) -> list[float]:
    """Seconds per block of 128 samples: the best of groups of 64, so that other work on the machine is left out."""
    times = []
    for _ in range(blocks):
        out = audio.copy()
        start = time.perf_counter()
        effects.process(out)
        times.append(time.perf_counter() - start)
    return [min(group) for group in np.array_split(np.array(times), max(blocks // 64, 1))]


def test_a_long_decay_does_not_slow_down_in_small_numbers() -> None:
    """Denormal numbers would cost ten to a hundred times as much."""
    effects = chain(**ALL_ON, reverb_decay_s=3.0, delay_feedback=0.9, delay_time_s=0.05, delay_damp=1.0)
    loud = min(best_block_s(effects, noise(128 / RATE), 128))
    silence = np.zeros((128, 2), np.float32)
    fading = best_block_s(effects, silence, 12 * RATE // 128)
    assert max(fading) < 2.0 * loud + 20e-6
    assert not effects.ringing
    assert min(best_block_s(effects, silence, 128)) < 0.3 * loud + 20e-6


@pytest.mark.parametrize(
    "alone",
    [
        {"eq_on": 1.0, "eq_tilt_db": -12.0},
        {"delay_on": 1.0, "delay_time_s": 4.0, "delay_feedback": 0.0, "delay_damp": 1.0},
    ],
)
def test_filters_do_not_slow_down_in_silence(alone: dict[str, float]) -> None:
    """Without a flush they would hold denormal numbers for seconds."""
    effects = chain(**alone)
    loud = min(best_block_s(effects, noise(128 / RATE), 128))
    assert max(best_block_s(effects, np.zeros((128, 2), np.float32), 6 * RATE // 128)) < 1.5 * loud + 4e-6


def test_panic_ends_all_tails_without_a_click() -> None:
    effects = chain(**ALL_ON, reverb_decay_s=20.0, delay_feedback=0.95)
    send(effects, sine(0.5, 100.0, 0.3))
    effects.fade_out()
    silence = np.zeros((RATE // 4, 2), np.float32)
    heard = send(effects, silence)
    assert np.abs(heard[:480]).max() > 1e-3
    assert not heard[4000:].any()
    assert not effects.ringing
    assert np.abs(np.diff(heard[64:], axis=0)).max() < 0.02


def test_nothing_is_allocated() -> None:
    effects = chain(**ALL_ON)
    audio = noise(128 / RATE)
    for _ in range(20):
        effects.process(audio.copy())
    blocks = [audio.copy() for _ in range(50)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for block in blocks:
        effects.process(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - before < 2048
