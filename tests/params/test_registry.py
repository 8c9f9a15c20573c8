"""One more parameter from outside the package: one entry in the registry reaches the engine and the files."""

import numpy as np
import pytest

from synth_app.engine.control.controls import Controls
from synth_app.params import PARAMS, ParamRegistry, ParamSpec, defaults, param, param_index
from synth_app.patch import Automation, AutomationCurve, Patch
from synth_app.patch.target import Target
from synth_app.session import SessionStore
from synth_app.session.presets.patch_variation import lock_names
from synth_app.session.state.session_file import SavedSession
from synth_app.session.store.transitions import restore_state, to_saved_session
from synth_app.support.errors import UserError


def test_a_parameter_from_outside_is_known_by_name(dummy: ParamSpec) -> None:
    assert param("dummy") is dummy
    assert param_index("dummy") == len(PARAMS) - 1
    assert defaults()[-1] == 1.0
    assert Target.parse("dummy").spec is dummy
    assert "dummy" in lock_names(2)


@pytest.mark.usefixtures("dummy")
def test_a_parameter_from_outside_reaches_the_engines_controls() -> None:
    controls = Controls(2, 64, Patch("m"))
    controls.set(Patch("m").with_param("dummy", 9.0))
    controls.step(64, 0)
    assert 1.0 < controls.params[param_index("dummy")] < 6.0, "it glides"
    for clock in range(0, 64 * 2000, 64):
        controls.step(clock, 0)
    assert controls.params[param_index("dummy")] == 6.0
    assert controls.offset.shape == (2,)


@pytest.mark.usefixtures("dummy")
def test_a_parameter_from_outside_can_be_automated() -> None:
    patch = Patch("m", automation=Automation((AutomationCurve.of("dummy", np.full(3, 0.25)),)))
    controls = Controls(2, 64, patch)
    controls.begin(0, 0)
    assert controls.params[param_index("dummy")] == pytest.approx(4.0)


@pytest.mark.usefixtures("dummy")
def test_a_parameter_from_outside_is_saved_and_loaded() -> None:
    store = SessionStore()
    store.set_param("dummy", -3.0)
    saved = to_saved_session(store.state, ("", ""), None, SavedSession().window)
    assert saved.params["dummy"] == -3.0
    assert restore_state(SavedSession.model_validate_json(saved.model_dump_json())).patch.value("dummy") == -3.0


def test_sessions_of_versions_with_other_parameters_still_load() -> None:
    assert restore_state(SavedSession(params={"dummy": 2.0, "morph": 0.5})).patch == Patch("").with_param("morph", 0.5)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (ParamSpec("morph", "", "", 0, 1, 0, "linear", 0, "", ""), "already"),
        (ParamSpec("x", "", "", 1, 1, 1, "linear", 0, "", ""), "minimum < maximum"),
        (ParamSpec("x", "", "", 0, 1, 2, "linear", 0, "", ""), "default"),
        (ParamSpec("x", "", "", 0, 1, 1, "log", 0, "", ""), "above 0"),
    ],
)
def test_parameters_that_cannot_work_are_refused(spec: ParamSpec, said: str) -> None:
    registry = ParamRegistry(PARAMS)
    with pytest.raises(UserError, match=said):
        registry.add(spec)
    assert list(registry) == list(PARAMS)


def test_only_the_last_parameter_can_be_removed() -> None:
    registry = ParamRegistry(PARAMS)
    with pytest.raises(UserError, match="last"):
        registry.remove_last("morph")
    registry.remove_last(PARAMS[-1].name)
    assert not registry.has(PARAMS[-1].name)


def test_a_slice_is_a_tuple() -> None:
    first, second = PARAMS[:2]
    assert PARAMS[:2] == (first, second)
