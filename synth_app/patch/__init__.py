"""Plain data that describes a sound and how it is played. No numba, no Qt, no device."""

from synth_app.patch.automation import AUTOMATION_RATE_HZ, MAX_AUTOMATION_S, Automation, AutomationCurve
from synth_app.patch.handle_curves import HandleCurves
from synth_app.patch.pad_grid import PadGrid
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, Event, Message, NoteOff, NoteOn, Panic, Patch, SetPatch
from synth_app.patch.performance_events import (
    BendRange,
    Controller,
    KeyPressure,
    Pedal,
    PerformanceEvent,
    SoundOff,
    Tempo,
    Transport,
    Zones,
)
from synth_app.patch.style_texture import StyleChange, StyleTexture
from synth_app.patch.user_note import UserNote

__all__ = [
    "AUTOMATION_RATE_HZ",
    "ENGINE_RATE",
    "MAX_AUTOMATION_S",
    "MAX_VOICES",
    "Automation",
    "AutomationCurve",
    "BendRange",
    "Controller",
    "Event",
    "HandleCurves",
    "KeyPressure",
    "Message",
    "NoteOff",
    "NoteOn",
    "PadGrid",
    "Panic",
    "Patch",
    "Pedal",
    "PerformanceEvent",
    "SetPatch",
    "SoundOff",
    "StyleChange",
    "StyleTexture",
    "Tempo",
    "Transport",
    "UserNote",
    "Zones",
]
