"""The table of sound parameters that the engine, the window, presets and the documentation read."""

from synth_app.params.effects import EFFECTS, EffectSpec
from synth_app.params.handles import HANDLE_REACH, HANDLES, SPECTRAL_HANDLES, Handle, handle_index
from synth_app.params.macros import MACROS
from synth_app.params.registry import ParamRegistry
from synth_app.params.spec import ParamSpec
from synth_app.params.table import PARAMS, defaults, param, param_index, register_effect, unregister_effect

__all__ = [
    "EFFECTS",
    "HANDLES",
    "HANDLE_REACH",
    "MACROS",
    "PARAMS",
    "SPECTRAL_HANDLES",
    "EffectSpec",
    "Handle",
    "ParamRegistry",
    "ParamSpec",
    "defaults",
    "handle_index",
    "param",
    "param_index",
    "register_effect",
    "unregister_effect",
]
