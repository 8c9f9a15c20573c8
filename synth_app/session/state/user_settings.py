"""The user's settings beyond one session: favourites, the author of new presets, and whether the tour was seen."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from synth_app.session.state.json_files import config_path, write_text
from synth_app.support.errors import UserError


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
    try:
        return UserSettings.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return UserSettings()
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UserError(
            f"{path}: settings cannot be read; repair or remove the file, which holds your favourites"
        ) from error


def save_settings(path: Path, settings: UserSettings) -> None:
    """Write the settings atomically. Raises UserError if the file cannot be written."""
    write_text(path, settings.model_dump_json(indent=2), "settings are not kept")
