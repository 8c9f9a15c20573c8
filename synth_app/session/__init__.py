"""What the user has set: model, slots, sliders, parameters, pad, device. No Qt here."""

from synth_app.session.changes import (
    Change,
    DeviceChanged,
    FieldChanged,
    LoadedPreset,
    LocksChanged,
    ModelChanged,
    PadChanged,
    PresetChanged,
    SoundChanged,
)
from synth_app.session.desk import PresetDesk
from synth_app.session.library import Entry, PresetLibrary, Query
from synth_app.session.midi_desk import ControllerId, MidiDesk
from synth_app.session.midi_saved import SavedMidi, load_midi, midi_path, save_midi
from synth_app.session.pad_state import PadState
from synth_app.session.preset import Preset, read_preset, write_preset
from synth_app.session.ranges import latent_ranges
from synth_app.session.saved import SavedSession, WindowSettings, load_session, save_session, session_path
from synth_app.session.state import SessionState, Slot
from synth_app.session.store import SessionStore

__all__ = [
    "Change",
    "ControllerId",
    "DeviceChanged",
    "Entry",
    "FieldChanged",
    "LoadedPreset",
    "LocksChanged",
    "MidiDesk",
    "ModelChanged",
    "PadChanged",
    "PadState",
    "Preset",
    "PresetChanged",
    "PresetDesk",
    "PresetLibrary",
    "Query",
    "SavedMidi",
    "SavedSession",
    "SessionState",
    "SessionStore",
    "Slot",
    "SoundChanged",
    "WindowSettings",
    "latent_ranges",
    "load_midi",
    "load_session",
    "midi_path",
    "read_preset",
    "save_midi",
    "save_session",
    "session_path",
    "write_preset",
]
