"""Macros: parameters that all voices share move along their curves, and every voice follows a macro as a source."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.engine.control.controls import Controls
from synth_app.params import MACROS, PARAMS, param, param_index
from synth_app.patch import AUTOMATION_RATE_HZ, ENGINE_RATE, Automation, AutomationCurve, NoteOn, Patch, SetPatch
from synth_app.patch.modulation_matrix import Connection, Modulation, mod_target
from synth_app.support.errors import UserError
from tests.engine.helpers import play

STEP = ENGINE_RATE // AUTOMATION_RATE_HZ


def connected(*links: Connection, model: str = "m", **values: float) -> Patch:
    patch = Patch(model, modulation=Modulation(connections=links))
    for name, value in values.items():
        patch = patch.with_param(name, value)
    return patch


def test_a_macro_moves_a_parameter_along_the_curve_of_its_control() -> None:
    spec = param("attack_s")
    links = (Connection("macro2", "attack_s", 0.5), Connection("macro3", "attack_s", -0.25, via="macro4"))
    patch = connected(*links, attack_s=0.01, macro2=0.6, macro3=0.8, macro4=0.5)
    controls = Controls(2, 64, patch)
    wanted = spec.from_normalized(spec.to_normalized(0.01) + 0.5 * 0.6 - 0.25 * 0.8 * 0.5)
    assert controls.params[param_index("attack_s")] == pytest.approx(wanted)
    others = [i for i in range(len(PARAMS)) if i != param_index("attack_s")]
    np.testing.assert_array_equal(controls.params[others], np.array(patch.params)[others])


def test_moves_do_not_add_up_over_time_and_stay_in_range() -> None:
    patch = connected(Connection("macro1", "reverb_mix", 1.0), reverb_mix=0.7, macro1=1.0)
    controls = Controls(2, 64, patch)
    for clock in range(0, 64 * 50, 64):
        controls.set(patch)
        controls.step(clock, 0)
    assert controls.params[param_index("reverb_mix")] == param("reverb_mix").maximum
    controls.set(patch.with_param("macro1", 0.0))
    for clock in range(0, 64 * 3000, 64):
        controls.step(clock, 0)
    assert controls.params[param_index("reverb_mix")] == pytest.approx(0.7, abs=1e-6)


def test_automation_of_a_macro_moves_what_it_is_connected_to() -> None:
    curves = (AutomationCurve.of("macro1", np.array([0.0, 0.5])), AutomationCurve.of("width", np.array([0.0, -0.5])))
    links = (Connection("macro1", "reverb_mix", 0.4), Connection("macro1", "width", 0.2))
    patch = replace(connected(*links, reverb_mix=0.1), automation=Automation(curves))
    controls = Controls(2, 64, patch)
    for clock, macro, width in ((0, 0.0, 1.0), (STEP // 2, 0.25, 0.75), (STEP, 0.5, 0.5), (STEP, 0.5, 0.5)):
        controls.begin(clock, 0)
        assert controls.params[param_index("reverb_mix")] == pytest.approx(0.1 + 0.4 * macro)
        assert controls.params[param_index("width")] == pytest.approx(width + 0.2 * macro)


def test_a_connection_that_is_off_moves_nothing() -> None:
    patch = connected(Connection("macro1", "reverb_mix", 0.4, on=False), macro1=1.0)
    assert tuple(Controls(2, 64, patch).params) == patch.params


def test_a_macro_moves_every_voice_as_another_source_does(models: dict[int, str]) -> None:
    by_macro = connected(Connection("macro5", "tilt", 6.0), model=models[48_000], macro5=0.5)
    by_velocity = connected(Connection("velocity", "tilt", 3.0), model=models[48_000])
    events = (0.0, NoteOn(60, 127))
    moved, asked = (play(each, events, seconds=0.4) for each in (by_macro, by_velocity))
    np.testing.assert_allclose(moved, asked, atol=2e-6)


def test_a_turned_macro_sounds_like_the_moved_parameter(models: dict[int, str]) -> None:
    start = connected(Connection("macro1", "delay_mix", 0.5), model=models[48_000], delay_on=1.0, delay_mix=0.2)
    asked = start.with_param("delay_mix", 0.2 + 0.5 * 0.8)
    moved, wanted = (
        play(start, (0.0, NoteOn(60)), (0.2, SetPatch(each)), seconds=0.8)
        for each in (start.with_param("macro1", 0.8), asked)
    )
    np.testing.assert_allclose(moved, wanted, atol=2e-6)
    assert np.abs(moved - play(start, (0.0, NoteOn(60)), seconds=0.8)).max() > 1e-3


@pytest.mark.parametrize(("source", "via"), [("lfo1", ""), ("macro1", "velocity")])
def test_sources_of_single_notes_cannot_move_what_all_voices_share(source: str, via: str) -> None:
    with pytest.raises(UserError, match="connect a macro to it"):
        Connection(source, "reverb_mix", 0.5, via)


def test_macros_are_no_targets_of_macros() -> None:
    for name in MACROS:
        with pytest.raises(UserError, match="no modulation target"):
            mod_target(name)
