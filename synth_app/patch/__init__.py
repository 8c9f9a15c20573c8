"""Plain data that describes a sound and how it is played. No numba, no Qt, no device."""

from synth_app.patch.automation import MAX_MOVE_SECONDS, MOVE_RATE, MoveCurve, Moves
from synth_app.patch.pad_grid import PadSurface
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, Event, Message, NoteOff, NoteOn, Panic, SetSound, Sound
from synth_app.patch.performance_events import (
    BendRange,
    Controller,
    Gesture,
    KeyPressure,
    Pedal,
    Tempo,
    Transport,
    Zones,
)
from synth_app.patch.user_note import CustomNote

__all__ = [
    "ENGINE_RATE",
    "MAX_MOVE_SECONDS",
    "MAX_VOICES",
    "MOVE_RATE",
    "BendRange",
    "Controller",
    "CustomNote",
    "Event",
    "Gesture",
    "KeyPressure",
    "Message",
    "MoveCurve",
    "Moves",
    "NoteOff",
    "NoteOn",
    "PadSurface",
    "Panic",
    "Pedal",
    "SetSound",
    "Sound",
    "Tempo",
    "Transport",
    "Zones",
]
