"""What the user has set: model, slots, sliders, parameters, pad, device. No Qt here."""

from synth_app.session.changes import (
    Change,
    DeviceChanged,
    FieldChanged,
    LocksChanged,
    ModelChanged,
    PadChanged,
    SoundChanged,
)
from synth_app.session.pad_state import PadState
from synth_app.session.ranges import latent_ranges
from synth_app.session.saved import SavedSession, WindowSettings, load_session, save_session, session_path
from synth_app.session.store import SessionState, SessionStore, Slot

__all__ = [
    "Change",
    "DeviceChanged",
    "FieldChanged",
    "LocksChanged",
    "ModelChanged",
    "PadChanged",
    "PadState",
    "SavedSession",
    "SessionState",
    "SessionStore",
    "Slot",
    "SoundChanged",
    "WindowSettings",
    "latent_ranges",
    "load_session",
    "save_session",
    "session_path",
]
