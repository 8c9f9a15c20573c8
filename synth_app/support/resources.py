"""Folders of files that come with the program: ``assets`` (fonts, icons, presets) and ``models``."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parents[1]


def resource_folder(name: Literal["assets", "models"]) -> Path:
    """Return a folder of shipped files.

    A wheel and the app folder hold it inside the package. In a checkout it lies at the top level, wherever the checkout
    was moved to.

    Args:
        name: "assets" or "models".

    Returns:
        The folder; it does not exist if the installation is incomplete.
    """
    inside = _PACKAGE / name
    if not inside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return _PACKAGE.parent / name
    return inside
