"""The audio process and its client: device, commands, telemetry and recording around one engine.

The window uses ``AudioClient``, ``Telemetry``, the messages and ``recorder.Recorder``; nothing imported here
touches a device, a compiled kernel or Qt. ``process``, ``keeper``, ``device`` and ``player`` run in the audio
process only.
"""

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import (
    BLOCK_SIZES,
    DEVICE_RATES,
    RESERVES_MS,
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
