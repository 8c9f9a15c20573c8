"""What the user prefers beyond one session: favourites, the name new presets are signed with, what was seen."""

from pathlib import Path
from typing import Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, ValidationError

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path


class UserSettings(BaseModel):
    """As JSON."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # a newer version may keep more here

    version: Literal[1] = 1
    author: str = ""
    favourites: tuple[str, ...] = ()
    toured: bool = False  # the tour was seen, or left


def settings_path() -> Path:
    """Where they are kept."""
    return user_config_path("synth_app", appauthor=False) / "settings.json"


def load_settings(path: Path) -> UserSettings:
    """Read them; defaults where there are none.

    Raises:
        UserError: the file is damaged; it is left as it is.
    """
    try:
        return UserSettings.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return UserSettings()
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UserError(f"{path}: settings cannot be read; mend or remove the file, favourites are in it") from error


def save_settings(path: Path, settings: UserSettings) -> None:
    """Write them, whole or not at all. Raises UserError if that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; settings are not kept") from error
    with atomic_path(path) as temporary:
        temporary.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
