"""The session as a file: versioned JSON, written atomically. A damaged file is set aside."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.params import HANDLES, PARAMS
from synth_app.patch import UserNote
from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.session.state.json_files import FiniteJson, StrictModel, config_path, load_or_set_aside, write_text
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.saved_automation import StoredAutomation
from synth_app.session.state.saved_macros import NO_NAMES, MacroNames
from synth_app.session.state.saved_note import StoredNote
from synth_app.session.state.saved_style import StoredStyle

ThemeName = Literal["dark", "light"]
_DEVICE_LIMITS = (("rate", 4_000, 768_000), ("block", 8, 16_384), ("reserve_ms", 0, 1000))
MIN_WIDTH, MIN_HEIGHT = 320, 240  # of the window, in pixels


class WindowSettings(StrictModel):
    """How the window was left.

    Attributes:
        width, height: in pixels, of the window when it is not maximized.
        maximized: whether it was maximized.
        zoom: factor of all sizes; None follows the window's size.
        theme: colours.
        calm: reduced motion: whether animations are off. Files keep the name.
        octave, velocity: of the computer's keyboard; the octave is that of its first key, a C.
        deck, latent: keys of the deck's page and of the latent panel's mode. A key that the window lacks is ignored,
            and so is such a key in ``views``.
        views: keys of the views that are shown.
    """

    width: int = Field(default=1280, ge=MIN_WIDTH, le=32_768)
    height: int = Field(default=720, ge=MIN_HEIGHT, le=32_768)
    maximized: bool = False
    zoom: float | None = Field(default=None, ge=0.5, le=4.0)
    theme: ThemeName = "dark"
    calm: bool = False
    octave: int = Field(default=4, ge=-1, le=9)
    velocity: int = Field(default=100, ge=1, le=127)
    deck: str = Field(default="sound", max_length=64)
    latent: str = Field(default="handles", max_length=64)
    views: tuple[Annotated[str, Field(max_length=64)], ...] = Field(default=("spectrum", "spectrogram"), max_length=16)


class SavedSession(StrictModel):
    """Everything that is restored at start. The fields have the names that files use.

    Attributes:
        version: of the file's format.
        model: path of the model.
        slot_a, slot_b: names of the bank notes in the slots, which stay valid when a bank is rebuilt.
        offset: offsets of the latent sliders. offset_db: level offset of each voice that belongs to them.
        params: values by parameter name.
        quality: name of the quality.
        custom: the slots' user notes. style: the texture in slot S.
        macros: names that the user gave to the macros.
        modulation: as ``modulation_json`` writes it; ``read_modulation`` decides which parts are usable.
        gesture: automation.
        field: the pad.
        preset: key of the present preset in the library.
        locks, pins: as in ``SessionState``.
        device: the audio output.
        window: how the window was left.
    """

    version: Literal[1] = 1
    model: str = Field(default="", max_length=4096)
    slot_a: str = ""
    slot_b: str = ""
    offset: tuple[float, ...] = Field(default=(), max_length=1024)
    offset_db: float = Field(default=0.0, ge=-MAX_OFFSET_DB, le=MAX_OFFSET_DB)
    params: dict[str, float] = Field(default_factory=dict, max_length=1024)
    quality: str = DEFAULT_QUALITY
    custom: tuple[StoredNote | None, StoredNote | None] = (None, None)
    style: StoredStyle | None = None
    macros: MacroNames = NO_NAMES
    modulation: dict[str, FiniteJson] = Field(default_factory=dict)
    gesture: StoredAutomation | None = None
    field: PadState = PadState()
    preset: str = ""
    locks: dict[str, bool] = Field(default_factory=dict, max_length=1024)
    pins: tuple[str, ...] = Field(default=(), max_length=len(HANDLES))
    device: DeviceSettings = DeviceSettings()
    window: WindowSettings = WindowSettings()

    @model_validator(mode="before")
    @classmethod
    def _move_axes_into_field(cls, data: Any) -> Any:
        """Read sessions of earlier versions, which kept the pad's dimensions beside the pad."""
        if isinstance(data, dict) and "pad" in data and isinstance(data.get("field", {}), dict):
            field = {**data.get("field", {}), "axes": data["pad"]}
            return {**{name: value for name, value in data.items() if name != "pad"}, "field": field}
        return data

    @field_validator("device")
    @classmethod
    def _limit_device(cls, device: DeviceSettings) -> DeviceSettings:
        for name, low, high in _DEVICE_LIMITS:
            value = getattr(device, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must be {low} to {high}")
        return device

    def known_pins(self) -> frozenset[str]:
        """Return the pins of handles that this version has."""
        return frozenset(self.pins) & {handle.name for handle in HANDLES}

    def known_params(self) -> dict[str, float]:
        """Return the parameters that this version has. Files of other versions may hold more."""
        names = {spec.name for spec in PARAMS}
        return {name: value for name, value in self.params.items() if name in names}

    def user_notes(self, latent_size: int) -> tuple[UserNote | None, UserNote | None]:
        """Return the slots' user notes; None for one that does not fit a model of that latent size."""
        a, b = (note if note and note.latent_size == latent_size else None for note in self.custom)
        return a, b


def session_path() -> Path:
    """Return the path of the session file."""
    return config_path("session.json")


def load_session(path: Path) -> tuple[SavedSession, str]:
    """Read the session.

    Returns:
        the session and "", or defaults and one line for the user. See ``load_or_set_aside``.
    """
    return load_or_set_aside(path, SavedSession, "The last session")


def save_session(path: Path, session: SavedSession) -> None:
    """Write the session. Raises UserError if the file cannot be written."""
    write_text(path, session.model_dump_json(indent=2), "settings are not kept")
