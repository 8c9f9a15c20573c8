"""An open input device that fills the ring, and passes the input on to an output if that is asked for."""

from typing import Any

import numpy as np

from synth_app.audio.input.input_ring import InputRing
from synth_app.audio.input.messages import InputDevice, OpenInput
from synth_app.audio.process.devices import find_output, host_settings, import_sounddevice
from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

_BLOCK = 512  # frames per callback


class InputStream:
    """Opens a device and starts it.

    Args:
        wanted: which device, and whether it is heard.
        ring: for the samples.

    Attributes:
        name: of the device.
        rate: in Hz; 48 kHz if the device supports it.

    Raises:
        UserError: there is no such device, or it cannot be opened.
    """

    def __init__(self, wanted: OpenInput, ring: InputRing) -> None:
        sounddevice = import_sounddevice()
        found = find_input(wanted.device, wanted.host_api)
        self.name, self._ring = str(found["name"]), ring
        self._channels = min(int(found["max_input_channels"]), 2)
        self.overflows = 0
        try:
            self.rate = self._supported_rate(sounddevice, found)
            self._stream = self._make_stream(sounddevice, found, wanted)
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise UserError(
                f"{self.name} cannot be opened ({error}); close the program that uses it, choose another input"
                + (", or switch Monitor off" if wanted.monitor else "")
            ) from error

    @property
    def active(self) -> bool:
        """Whether the device still runs."""
        return bool(self._stream.active)

    def close(self) -> None:
        """Stop and close the device."""
        self._stream.close()

    def _supported_rate(self, sounddevice: Any, found: dict[str, Any]) -> int:
        extra = host_settings(found, exclusive=False)
        try:
            sounddevice.check_input_settings(
                found["index"], self._channels, "float32", extra_settings=extra, samplerate=ENGINE_RATE
            )
        except sounddevice.PortAudioError:
            return round(float(found["default_samplerate"]))
        return ENGINE_RATE

    def _make_stream(self, sounddevice: Any, found: dict[str, Any], wanted: OpenInput) -> Any:
        extra = host_settings(found, exclusive=False)
        if not wanted.monitor:
            return sounddevice.InputStream(
                samplerate=self.rate, blocksize=_BLOCK, device=found["index"], channels=self._channels,
                dtype="float32", latency="high", extra_settings=extra, callback=self._read,
            )  # fmt: skip
        output = find_output(wanted.output, wanted.output_host_api)
        return sounddevice.Stream(
            samplerate=self.rate, blocksize=_BLOCK, device=(found["index"], output["index"]),
            channels=(self._channels, min(int(output["max_output_channels"]), 2)), dtype="float32", latency="low",
            extra_settings=(extra, host_settings(output, exclusive=False)), callback=self._pass_on,
        )  # fmt: skip

    def _read(self, incoming: Frames, _frames: int, _time: object, status: Any) -> None:
        self.overflows += bool(status.input_overflow)
        self._ring.write(incoming)

    def _pass_on(self, incoming: Frames, out: Frames, _frames: int, _time: object, status: Any) -> None:
        self.overflows += bool(status.input_overflow)
        self._ring.write(incoming)
        for channel in range(out.shape[1]):
            np.clip(incoming[:, min(channel, incoming.shape[1] - 1)], -1.0, 1.0, out=out[:, channel])


def list_inputs() -> tuple[InputDevice, ...]:
    """Return all inputs, the default one first; empty where there is none. Raises UserError without PortAudio."""
    sounddevice = import_sounddevice()
    hosts, default = sounddevice.query_hostapis(), _default_index(sounddevice)
    found = [
        InputDevice(
            name=device["name"],
            host_api=hosts[device["hostapi"]]["name"],
            channels=device["max_input_channels"],
            is_default=device["index"] == default,
        )
        for device in sounddevice.query_devices()
        if device["max_input_channels"] > 0
    ]
    return tuple(sorted(found, key=lambda device: not device.is_default))


def find_input(name: str | None, host_api: str | None = None) -> dict[str, Any]:
    """Return PortAudio's description of an input.

    Args:
        name: of the device; None for the default one.
        host_api: name of the sound system that offers it; None for the first one that does.

    Raises:
        UserError: there is no such device.
    """
    sounddevice = import_sounddevice()
    inputs: list[dict[str, Any]] = [each for each in sounddevice.query_devices() if each["max_input_channels"] > 0]
    if not inputs:
        raise UserError("there is no input device; plug in a microphone, or allow the program to use it")
    if name is None:
        default = _default_index(sounddevice)
        return next((each for each in inputs if each["index"] == default), inputs[0])
    hosts = [host["name"] for host in sounddevice.query_hostapis()]
    for each in inputs:
        if each["name"] == name and host_api in (None, hosts[each["hostapi"]]):
            return each
    choices = ", ".join(str(each["name"]) for each in inputs)
    raise UserError(f"there is no input device {name!r}; choose one of: {choices}")


def _default_index(sounddevice: Any) -> int:
    """Return the index of the default input; -1 where there is none."""
    try:
        return int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError):
        return -1
