"""Folders of the program: the files that come with it, and the user's own, where each system wants them."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parents[1]
_NAME = "synth_app"
Kind = Literal["cache", "config", "data", "log", "music"]


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


def user_folder(kind: Kind) -> Path:
    """Return a folder; it need not exist.

    Args:
        kind: "cache" for what can be made again, "config" for settings and sessions, "data" for presets and models,
            "log", or "music" for recordings and pictures, which the user looks for.
    """
    import platformdirs  # not needed by commands that only print help

    match kind:
        case "cache":
            return platformdirs.user_cache_path(_NAME, appauthor=False)
        case "config":
            return platformdirs.user_config_path(_NAME, appauthor=False)
        case "data":
            return platformdirs.user_data_path(_NAME, appauthor=False)
        case "log":
            return platformdirs.user_log_path(_NAME, appauthor=False)
        case "music":
            return platformdirs.user_music_path() / _NAME
