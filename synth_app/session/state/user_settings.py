"""The user's settings beyond one session: favourites, the author of new presets, and whether the tour was seen."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from synth_app.session.state.json_files import config_path, load_or_set_aside, write_text


class UserSettings(BaseModel):
    """The settings file. It ignores unknown fields, which a newer version may have written."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: Literal[1] = 1
    author: str = ""
    favourites: tuple[str, ...] = ()
    toured: bool = False  # the tour was finished or skipped


def settings_path() -> Path:
    """Return the path of the settings file."""
    return config_path("settings.json")


def load_settings(path: Path) -> tuple[UserSettings, str]:
    """Read the settings.

    Returns:
        the settings and "", or defaults and one line for the user. See ``load_or_set_aside``.
    """
    return load_or_set_aside(path, UserSettings, "Your settings, with the favourites,")


def save_settings(path: Path, settings: UserSettings) -> None:
    """Write the settings atomically. Raises UserError if the file cannot be written."""
    write_text(path, settings.model_dump_json(indent=2), "settings are not kept")
