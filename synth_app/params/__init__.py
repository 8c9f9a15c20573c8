"""The one table of sound parameters that engine, window, presets and documentation are fed from."""

from synth_app.params.table import PARAMS, ParamSpec, defaults, param, param_index

__all__ = ["PARAMS", "ParamSpec", "defaults", "param", "param_index"]
