"""The instrument without a device: voices that read latent paths, decode, find phases and mix.

Only the messages are imported here: the engine itself (``synth_app.engine.engine``) loads compiled kernels,
which the window's process never needs.
"""

from synth_app.engine.custom import CustomNote
from synth_app.engine.gestures import (
    BendRange,
    Controller,
    Gesture,
    KeyPressure,
    Pedal,
    Tempo,
    Transport,
    Zones,
)
from synth_app.engine.messages import (
    ENGINE_RATE,
    MAX_VOICES,
    Event,
    Message,
    NoteOff,
    NoteOn,
    Panic,
    SetSound,
    Sound,
)
from synth_app.engine.moves import MAX_MOVE_SECONDS, MOVE_RATE, MoveCurve, Moves
from synth_app.engine.pad_surface import PadSurface

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
