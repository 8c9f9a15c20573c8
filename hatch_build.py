"""Puts the shipped files into the wheel. A link to a checkout needs no copy of them: it finds them there."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {"assets": "synth_app/assets", "models": "synth_app/models"}


class ShippedFiles(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``SHIPPED`` to a wheel; ``synth_app/support/resources.py`` finds them here and there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders unless the wheel is the link of an editable installation."""
        if version != "editable":
            build_data["force_include"].update(SHIPPED)
