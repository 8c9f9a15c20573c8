"""The table of sound parameters that the engine, the window, presets and the documentation read."""

from synth_app.params.registry import ParamRegistry
from synth_app.params.spec import ParamSpec
from synth_app.params.table import PARAMS, defaults, param, param_index

__all__ = ["PARAMS", "ParamRegistry", "ParamSpec", "defaults", "param", "param_index"]
