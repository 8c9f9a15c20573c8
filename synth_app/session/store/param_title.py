"""The names of parameters that the window shows."""

from collections.abc import Sequence

from synth_app.params import MACROS, param


def param_title(name: str, macro_names: Sequence[str]) -> str:
    """Return the label of a parameter: of a macro, the name that the user gave to it.

    Args:
        name: of the parameter.
        macro_names: of the patch, "" for none.

    Raises:
        UserError: the parameter is unknown.
    """
    given = macro_names[MACROS.index(name)] if name in MACROS else ""
    return given or param(name).label
