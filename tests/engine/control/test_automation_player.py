"""Automation: the controls follow the curves on the sample clock, live as offline."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth_app.engine.control.automation_player import AutomationPlayer
from synth_app.engine.control.controls import MORPH, Controls
from synth_app.params import PARAMS, param, param_index
from synth_app.patch import (
    AUTOMATION_RATE_HZ,
    ENGINE_RATE,
    Automation,
    AutomationCurve,
    NoteOff,
    NoteOn,
    Patch,
    SetPatch,
)
from synth_app.support.errors import UserError
from tests.engine.helpers import play, rms_db

STEP = ENGINE_RATE // AUTOMATION_RATE_HZ  # samples between two values of a curve
RAMP = np.linspace(0.0, 1.0, 51)  # one second and a little


def bright(morph: NDArray[np.floating] = RAMP, **how: bool) -> Automation:
    """Morph moved along a curve."""
    return Automation((AutomationCurve.of("morph", morph),), **how)


def targets_at(patch: Patch, clock: int, phrase_start: int = 0, latent: int = 2) -> NDArray[np.float64]:
    replay = AutomationPlayer(latent)
    replay.set(patch)
    out = np.array([*patch.params, *np.resize(patch.offset or (0.0,), latent)])
    replay.write(clock, phrase_start, out)
    return out


def test_a_curve_is_followed_on_the_sample_clock() -> None:
    values = np.array([0.0, 0.5, -0.25, 0.125])
    patch = replace(Patch("m", automation=bright(values)), offset=(0.0, 0.0)).with_param("morph", 0.25)
    for clock in (0, STEP // 4, STEP, 2 * STEP + STEP // 2, 3 * STEP + STEP // 2, 5 * STEP):
        at = clock / STEP % 4
        wanted = 0.25 + np.interp(at, np.arange(5), [*values, values[0]])
        assert targets_at(patch, clock)[MORPH] == pytest.approx(np.clip(wanted, 0, 1), abs=1e-6)


def test_without_looping_the_end_is_held_and_a_phrase_restarts() -> None:
    patch = Patch("m", automation=bright(looping=False))
    assert targets_at(patch, 99 * STEP)[MORPH] == 1.0
    assert targets_at(patch, 99 * STEP, 99 * STEP - 25 * STEP)[MORPH] == pytest.approx(0.5, abs=1e-3)
    free = Patch("m", automation=bright(with_keys=False))
    assert targets_at(free, 10 * STEP, 7 * STEP)[MORPH] == pytest.approx(0.2, abs=1e-3), "runs with the clock"
    still = Patch("m", automation=bright(playing=False))
    assert targets_at(still, 25 * STEP)[MORPH] == 0.0


def test_parameters_move_in_normalized_values_and_dimensions_in_latent_units() -> None:
    spec = param("attack_s")
    curves = (AutomationCurve.of("attack_s", np.array([0.0, 0.25])), AutomationCurve.of("z2", np.array([0.0, -3.0])))
    patch = Patch("m", offset=(0.5, 1.0), automation=Automation(curves)).with_param("attack_s", 0.01)
    moved = targets_at(patch, STEP)
    assert moved[param_index("attack_s")] == pytest.approx(spec.from_normalized(spec.to_normalized(0.01) + 0.25))
    np.testing.assert_allclose(moved[len(PARAMS) :], (0.5, -2.0))
    untouched = [i for i in range(len(PARAMS)) if i != param_index("attack_s")]
    np.testing.assert_array_equal(moved[untouched], np.array(patch.params)[untouched])
    assert len(targets_at(patch, STEP, latent=1)) == len(PARAMS) + 1, "a smaller model has no second dimension"


def test_moving_the_control_moves_the_whole_curve() -> None:
    controls = Controls(2, 64, Patch("m", offset=(0.0, 0.0), automation=bright(np.array([0.0, 0.5, 0.0]))))
    controls.begin(STEP, 0)
    assert controls.params[MORPH] == pytest.approx(0.5)
    controls.set(replace(Patch("m", automation=bright(np.array([0.0, 0.5, 0.0])))).with_param("morph", 0.3))
    controls.begin(STEP, 0)
    assert controls.params[MORPH] == pytest.approx(0.8, abs=1e-6)
    controls.set(Patch("m").with_param("morph", 0.3))
    for _ in range(200):
        controls.step(STEP, 0)
    assert controls.params[MORPH] == pytest.approx(0.3, abs=1e-6), "without automation the control counts"


@seed(4)
@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_any_block_sizes_give_the_same_samples(models: dict[int, str], blocks: list[int]) -> None:
    from synth_app.engine.engine import Engine, prepare_instrument

    moves = Automation(
        (*bright().curves, AutomationCurve.of("gain_db", -0.5 * RAMP), AutomationCurve.of("z2", 2.0 * RAMP))
    )
    patch = Patch(models[48_000], slot_a=0, slot_b=1, automation=moves)
    whole = play(patch, (0.0, NoteOn(60)), seconds=0.5)
    engine = Engine(seed=1)
    engine.install(prepare_instrument(patch.model), patch)
    engine.post(NoteOn(60))
    out, done = np.zeros_like(whole), 0
    while done < len(out):
        n = blocks[done % len(blocks)]
        engine.render(out[done : done + n])
        done += n
    np.testing.assert_array_equal(out, whole)


def test_automation_sounds_like_the_moves_that_it_records(models: dict[int, str]) -> None:
    """The same curve sent as 50 patches a second, and as automation: the sound is nearly the same."""
    plain = Patch(models[48_000], slot_a=0, slot_b=1)
    hand = [(0.0, NoteOn(60))] + [
        (i / AUTOMATION_RATE_HZ, SetPatch(plain.with_param("morph", float(value)))) for i, value in enumerate(RAMP)
    ]
    by_hand = play(plain, *hand, seconds=1.0)
    replayed = play(replace(plain, automation=bright()), (0.0, NoteOn(60)), seconds=1.0)
    still = play(plain, (0.0, NoteOn(60)), seconds=1.0)
    error, moved = rms_db(by_hand - replayed), rms_db(by_hand - still)
    assert moved > error + 10, f"{error:.1f} dB apart; the automation itself makes {moved:.1f} dB"


def test_the_output_level_is_moved_too(models: dict[int, str]) -> None:
    down = Automation((AutomationCurve.of("gain_db", np.array([0.0, *[-1.0] * 49])),), looping=False)
    audio = play(Patch(models[48_000], automation=down), (0.0, NoteOn(60)), seconds=0.6)
    assert rms_db(audio[-4800:]) < rms_db(audio[:4800]) - 30


def test_every_phrase_restarts_the_automation(models: dict[int, str]) -> None:
    """After a phrase that ended bright, the next one begins dull at once, without a glide."""
    patch = Patch(
        models[48_000], slot_a=0, slot_b=1, automation=bright(np.array([0.0] * 5 + [1.0] * 45), looping=False)
    )
    patch = patch.with_param("release_s", 0.02)
    audio = play(patch, (0.0, NoteOn(60)), (0.5, NoteOff(60)), (1.0, NoteOn(60)), (1.02, NoteOn(64)), seconds=1.1)

    def brightness(at_s: float) -> float:
        cut = audio[round(at_s * ENGINE_RATE) :][:2048, 0] * np.hanning(2048)
        power = np.abs(np.fft.rfft(cut)) ** 2
        return float(10 * np.log10(power[128:].sum() / power.sum()))  # above 3 kHz

    assert brightness(0.3) > brightness(0.01) + 10
    assert brightness(1.0) == pytest.approx(brightness(0.0), abs=3)


def test_invalid_automation_is_refused() -> None:
    with pytest.raises(UserError, match=r"cannot move .loudness.*morph"):
        AutomationCurve.of("loudness", RAMP)
    with pytest.raises(UserError, match="not a number"):
        AutomationCurve("z1", np.array([np.nan], np.float32).tobytes())
    with pytest.raises(UserError, match="same length"):
        Automation((AutomationCurve.of("z1", RAMP), AutomationCurve.of("z2", RAMP[:-1])))
    with pytest.raises(UserError, match="different controls"):
        Automation((AutomationCurve.of("z1", RAMP), AutomationCurve.of("z1", RAMP)))
    with pytest.raises(UserError, match=r"61\.00 s"):
        Automation((AutomationCurve.of("z1", np.zeros(61 * AUTOMATION_RATE_HZ)),))
    with pytest.raises(UserError, match="same length"):
        Automation(())
