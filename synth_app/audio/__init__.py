"""The audio process and its client: devices, MIDI inputs, telemetry and recording around one engine.

The window uses ``AudioClient``, ``Telemetry``, the messages and ``process.recorder.Recorder``. These import no device
library, no compiled kernel and no Qt. All other modules of ``process`` run in the audio process only.
"""

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import (
    BLOCK_SIZES,
    DEVICE_RATES,
    RESERVES_MS,
    Compiling,
    DeviceInfo,
    DeviceList,
    DeviceSettings,
    DeviceState,
    Fault,
    GaveUp,
    Meters,
    MidiPlayed,
    MidiState,
    ModelLoaded,
    ModelRefused,
    Ready,
    Report,
    Restarted,
)
from synth_app.audio.protocol.telemetry import Telemetry

__all__ = [
    "BLOCK_SIZES",
    "DEVICE_RATES",
    "RESERVES_MS",
    "AudioClient",
    "Compiling",
    "DeviceInfo",
    "DeviceList",
    "DeviceSettings",
    "DeviceState",
    "Fault",
    "GaveUp",
    "Meters",
    "MidiPlayed",
    "MidiState",
    "ModelLoaded",
    "ModelRefused",
    "Ready",
    "Report",
    "Restarted",
    "Telemetry",
]
