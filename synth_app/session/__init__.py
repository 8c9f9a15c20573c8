"""The session: model, slots, latent sliders, parameters, pad, presets, device and MIDI settings. No Qt here."""

from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.session.edit.midi_learn import ControllerId, MidiLearn
from synth_app.session.presets.library import PresetEntry, PresetLibrary, Query
from synth_app.session.presets.preset_service import PresetService
from synth_app.session.state.changes import (
    Change,
    DeviceChanged,
    LoadedPreset,
    LocksChanged,
    ModelChanged,
    PadAxesChanged,
    PadStateChanged,
    PatchChanged,
    PresetChanged,
    VersionsChanged,
)
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import Preset, read_preset, write_preset
from synth_app.session.state.saved_midi import SavedMidi, load_midi, midi_path, save_midi
from synth_app.session.state.session_file import SavedSession, WindowSettings, load_session, save_session, session_path
from synth_app.session.state.state import SessionState, Slot
from synth_app.session.store.store import SessionStore

__all__ = [
    "Change",
    "ControllerId",
    "DeviceChanged",
    "LoadedPreset",
    "LocksChanged",
    "MidiLearn",
    "ModelChanged",
    "PadAxesChanged",
    "PadState",
    "PadStateChanged",
    "PatchChanged",
    "Preset",
    "PresetChanged",
    "PresetEntry",
    "PresetLibrary",
    "PresetService",
    "Query",
    "SavedMidi",
    "SavedSession",
    "SessionState",
    "SessionStore",
    "Slot",
    "VersionsChanged",
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
