"""Families of models: every module of this package with a ``FAMILY`` is one; torch is imported with it."""

import importlib
import pkgutil

from synth_app.support.errors import UserError
from synth_app.training.families.base import Family, FrameNet, VariationalNet

__all__ = ["Family", "FrameNet", "VariationalNet", "families", "family"]


def families() -> dict[str, Family]:
    """All families by name."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    entries = [module.FAMILY for module in modules if hasattr(module, "FAMILY")]
    return {entry.name: entry for entry in entries}


def family(name: str) -> Family:
    """The family of that name.

    Raises:
        UserError: there is none.
    """
    known = families()
    if name not in known:
        raise UserError(f"no model family {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]
