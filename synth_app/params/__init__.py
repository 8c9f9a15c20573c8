"""The table of sound parameters that the engine, the window, presets and the documentation read."""

from synth_app.params.effects import EFFECTS, EffectSpec
from synth_app.params.registry import ParamRegistry
from synth_app.params.spec import ParamSpec
from synth_app.params.table import PARAMS, defaults, param, param_index, register_effect, unregister_effect

__all__ = [
    "EFFECTS",
    "PARAMS",
    "EffectSpec",
    "ParamRegistry",
    "ParamSpec",
    "defaults",
    "param",
    "param_index",
    "register_effect",
    "unregister_effect",
]
