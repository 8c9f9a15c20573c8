"""The user's settings beyond one session: favourites, the author of new presets, and whether the tour was seen."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from synth_app.session.state.json_files import MAX_BYTES, config_path, write_text
from synth_app.support.loading import loading, read_bytes


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


def load_settings(path: Path) -> UserSettings:
    """Read the settings, or return the defaults if there is no file.

    Raises:
        UserError: the file is damaged; it is left unchanged.
    """
    with loading(path, "a settings file", "repair or remove it; it holds your favourites"):
        try:
            return UserSettings.model_validate_json(read_bytes(path, MAX_BYTES))
        except FileNotFoundError:
            return UserSettings()


def save_settings(path: Path, settings: UserSettings) -> None:
    """Write the settings atomically. Raises UserError if the file cannot be written."""
    write_text(path, settings.model_dump_json(indent=2), "settings are not kept")
