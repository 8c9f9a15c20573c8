"""The session as a file: versioned JSON, written whole or not at all, a damaged one set aside."""

import logging
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.params import PARAMS
from synth_app.patch import UserNote
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.session.state.saved_automation import SavedAutomation
from synth_app.session.state.saved_notes import SavedNote, SavedPad
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

logger = logging.getLogger(__name__)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SavedDevice(_Strict):
    """DeviceSettings as JSON."""

    device: str | None = None
    rate: int = 48_000
    block: int = 256
    reserve_ms: int = Field(default=20, ge=0, le=1000)

    def settings(self) -> DeviceSettings:
        """The same as a message."""
        return DeviceSettings(self.device, self.rate, self.block, self.reserve_ms)


ThemeName = Literal["dark", "light"]


class WindowSettings(_Strict):
    """How the window was left. ``zoom`` None follows the window's size."""

    width: int = Field(default=1280, ge=320, le=32_768)
    height: int = Field(default=720, ge=240, le=32_768)
    maximized: bool = False
    zoom: float | None = Field(default=None, ge=0.5, le=4.0)
    theme: ThemeName = "dark"
    calm: bool = False  # nothing moves by itself


class SavedSession(_Strict):
    """Everything restored at start. Slots are kept by note name, so that a rebuilt bank still fits."""

    version: Literal[1] = 1
    model: str = ""
    slot_a: str = ""
    slot_b: str = ""
    offset: tuple[float, ...] = ()
    params: dict[str, float] = {}
    quality: str = DEFAULT_QUALITY
    custom: tuple[SavedNote | None, SavedNote | None] = (None, None)
    modulation: dict[str, JsonValue] = {}  # as saved_modulation has it, which knows what of it fits
    gesture: SavedAutomation | None = None
    field: SavedPad = SavedPad()
    preset: str = ""  # key in the library
    locks: dict[str, bool] = {}
    device: SavedDevice = SavedDevice()
    window: WindowSettings = WindowSettings()

    @model_validator(mode="before")
    @classmethod
    def _with_axes_in_the_field(cls, data: Any) -> Any:
        """Sessions of earlier versions kept the pad's dimensions beside the pad."""
        if isinstance(data, dict) and "pad" in data and isinstance(data.get("field", {}), dict):
            field = {**data.get("field", {}), "axes": data["pad"]}
            return {**{name: value for name, value in data.items() if name != "pad"}, "field": field}
        return data

    def known_params(self) -> dict[str, float]:
        """Parameters that this version has; others come from another version and are left out."""
        names = {spec.name for spec in PARAMS}
        return {name: value for name, value in self.params.items() if name in names}

    def user_notes(self, latent_size: int) -> tuple[UserNote | None, UserNote | None]:
        """The slots' own notes, as far as they belong to a model of that size."""
        a, b = (note.custom() if note and note.latent_size == latent_size else None for note in self.custom)
        return a, b


def session_path() -> Path:
    """Where the session is kept."""
    return user_config_path("synth_app", appauthor=False) / "session.json"


def load_session(path: Path) -> tuple[SavedSession, str]:
    """Read the session.

    Returns:
        The session and "", or defaults and one line for the user; a file that cannot be used is renamed to
        ``*.damaged.json`` so that nothing is lost.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return SavedSession(), ""
    except (OSError, UnicodeDecodeError) as error:
        return SavedSession(), _set_aside(path, str(error))
    try:
        return SavedSession.model_validate_json(text), ""
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        return SavedSession(), _set_aside(path, f"{where}: {first['msg']}")


def save_session(path: Path, session: SavedSession) -> None:
    """Write the session, making its folder. Raises UserError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; settings are not kept") from error
    with atomic_path(path) as temporary:
        temporary.write_text(session.model_dump_json(indent=2), encoding="utf-8")


def _set_aside(path: Path, why: str) -> str:
    logger.warning("session file %s is damaged: %s", path, why)
    kept = path.with_suffix(".damaged.json")
    try:
        path.replace(kept)
    except OSError as error:
        return f"The last session could not be read ({why}) nor set aside ({error.strerror}); starting afresh"
    return f"The last session could not be read ({why}); starting afresh, the file is kept as {kept.name}"
