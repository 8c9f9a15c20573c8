"""One more effect from outside the package: one registry entry puts it into the table and into the chain."""

from collections.abc import Iterator

import numpy as np
import pytest

from synth_app.effects.glides import Coefficients
from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import Floats, Samples
from synth_app.params import EFFECTS, PARAMS, EffectSpec, ParamSpec, param_index, register_effect, unregister_effect
from synth_app.support.errors import UserError
from tests.effects.helpers import noise, through


class Inverter(EffectProcessor):
    """Multiplies samples by a gain of -1 to 1."""

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        assert rate > 0.0
        assert len(coefficients) == len(PARAMS)
        self._gain = np.float32(1.0)

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        on = params[param_index("inverter_on")] > 0.5
        self._gain = np.float32(params[param_index("inverter_gain")] if on else 1.0)

    def process(self, out: Samples) -> None:
        out *= self._gain

    def skip_silence(self) -> bool:
        return True


def spec(**changed: object) -> EffectSpec:
    """The dummy effect, with some attributes changed."""
    switch = ParamSpec("inverter_on", "Inverter", "", 0, 1, 0, "steps", 20, "effects", "Inverts.", ("Off", "On"))
    gain = ParamSpec("inverter_gain", "Gain", "", -1, 1, -1, "linear", 20, "effects", "Gain.")
    fields: dict[str, object] = {"name": "inverter", "processor": Inverter, "parameters": (switch, gain)}
    return EffectSpec(**{**fields, **changed})  # type: ignore[arg-type]  # the fields have several types


@pytest.fixture
def inverter() -> Iterator[EffectSpec]:
    """The dummy effect, registered."""
    effect = spec()
    register_effect(effect)
    yield effect
    unregister_effect(effect)


@pytest.mark.usefixtures("inverter")
def test_an_effect_from_outside_changes_the_output() -> None:
    audio = noise(0.1)
    assert np.array_equal(through(audio), audio)
    assert np.array_equal(through(audio, inverter_on=1.0), -audio)
    assert np.array_equal(through(audio, inverter_on=1.0, inverter_gain=0.5), np.float32(0.5) * audio)


def test_an_effect_from_outside_leaves_no_trace_when_it_is_removed() -> None:
    before = list(PARAMS), list(EFFECTS)
    effect = spec()
    register_effect(effect)
    assert PARAMS[-1] is effect.knobs[0]
    unregister_effect(effect)
    assert (list(PARAMS), list(EFFECTS)) == before


def test_effects_that_do_not_fit_the_registry_are_refused() -> None:
    switch, gain = spec().parameters
    with pytest.raises(UserError, match="must be the switch 'inverter_on'"):
        spec(parameters=(gain, switch))
    with pytest.raises(UserError, match="begins with 'flanger_'"):
        spec(name="flanger", parameters=(ParamSpec(**{**vars(switch), "name": "flanger_on"}), gain))
    with pytest.raises(UserError, match="audible names 'gain_db'; its parameters are inverter_on, inverter_gain"):
        spec(audible={"gain_db": 1.0})
    with pytest.raises(UserError, match="audible sets inverter_gain to 2; give -1 to 1"):
        spec(audible={"inverter_gain": 2.0})


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
def test_every_shipped_effect_names_its_processor_and_its_parameters(effect: EffectSpec) -> None:
    assert issubclass(effect.load_processor(), EffectProcessor)  # type: ignore[arg-type]  # a class for shipped effects
    assert set(effect.overridden) | set(effect.overridden.values()) <= {each.name for each in effect.parameters}


def test_an_effect_that_is_refused_leaves_no_parameter_behind() -> None:
    switch, gain = spec().parameters
    before = list(PARAMS), list(EFFECTS)
    with pytest.raises(UserError, match="'inverter_gain' exists already"):
        register_effect(spec(parameters=(switch, gain, gain)))
    assert (list(PARAMS), list(EFFECTS)) == before


def test_an_effect_below_another_parameter_is_not_removed() -> None:
    effect, extra = spec(), ParamSpec("extra", "Extra", "", 0, 1, 0, "linear", 0, "output", "Does nothing.")
    register_effect(effect)
    PARAMS.add(extra)
    before = list(PARAMS), list(EFFECTS)
    with pytest.raises(UserError, match="other parameters were added after"):
        unregister_effect(effect)
    assert (list(PARAMS), list(EFFECTS)) == before
    PARAMS.remove_last("extra")
    unregister_effect(effect)
    with pytest.raises(UserError, match="not registered"):
        unregister_effect(effect)
