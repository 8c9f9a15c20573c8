"""Output devices as PortAudio lists them."""

import dataclasses
import json
import subprocess
import sys
from typing import Any, cast

from synth_app.audio.protocol.messages import DEVICE_RATES, EXCLUSIVE_HOST_API, DeviceInfo
from synth_app.support.child_process import run_child
from synth_app.support.errors import UserError

_THIS_MODULE = "synth_app.audio.process.devices"  # __name__ is "__main__" in the child


def import_sounddevice() -> Any:
    """Import and return the sounddevice module.

    Raises:
        UserError: PortAudio is not installed.
    """
    try:
        import sounddevice
    except OSError as error:  # it loads the library when imported
        raise UserError(
            f"the sound library PortAudio cannot be loaded ({error}); on Debian and Ubuntu: "
            "sudo apt-get install libportaudio2 libasound2-plugins"
        ) from error
    return sounddevice


def list_devices() -> tuple[DeviceInfo, ...]:
    """Return all output devices, the default one first; empty where there is none.

    Raises:
        UserError: PortAudio is not installed.
    """
    sounddevice = import_sounddevice()
    default = _default_index(sounddevice)
    hosts = sounddevice.query_hostapis()
    found = [
        DeviceInfo(
            name=device["name"],
            host_api=hosts[device["hostapi"]]["name"],
            channels=device["max_output_channels"],
            default_rate=device["default_samplerate"],
            is_default=device["index"] == default,
        )
        for device in sounddevice.query_devices()
        if device["max_output_channels"] > 0
    ]
    return tuple(sorted(found, key=lambda device: not device.is_default))


def list_devices_in_new_process() -> tuple[DeviceInfo, ...]:
    """Return ``list_devices()`` of a new process.

    PortAudio sees a new device only after it is initialised again, which would close an open stream.

    Raises:
        UserError: as ``list_devices``, or the system does not answer.
    """
    try:
        done = run_child(_THIS_MODULE, timeout_s=20)
    except subprocess.TimeoutExpired as error:
        raise UserError("the system did not list its sound devices within 20 s; try again") from error
    if done.returncode != 0:
        raise UserError(done.stderr.strip().rpartition("\n")[2] or "the sound devices cannot be listed; try again")
    return tuple(DeviceInfo(**device) for device in json.loads(done.stdout))


def find_output(name: str | None, host_api: str | None = None) -> dict[str, Any]:
    """Return PortAudio's description of an output device.

    Args:
        name: of the device; None for the default one.
        host_api: name of the sound system that offers it; None for the first one that does. Not used for the default.

    Raises:
        UserError: there is no such device.
    """
    sounddevice = import_sounddevice()
    outputs = [device for device in sounddevice.query_devices() if device["max_output_channels"] > 0]
    if not outputs:
        raise UserError("there is no output device; plug one in or start the sound server")
    if name is None:
        default = _default_index(sounddevice)
        fits = [device for device in outputs if device["index"] == default] or outputs
    else:
        hosts = [host["name"] for host in sounddevice.query_hostapis()]
        named = [(device, hosts[device["hostapi"]]) for device in outputs]
        fits = [device for device, host in named if device["name"] == name and host_api in (None, host)]
        if not fits:
            wanted = repr(name) if host_api is None else f"{name!r} of {host_api}"
            choices = ", ".join(f"{device['name']} ({host})" for device, host in named)
            raise UserError(f"there is no output device {wanted}; choose one of: {choices}")
    return cast(dict[str, Any], fits[0])


def host_settings(device: dict[str, Any], *, exclusive: bool) -> Any:
    """Return what PortAudio needs to know besides the device, for its ``extra_settings``; None for nothing.

    WASAPI refuses every rate but the one of the system's mixer, unless it is told to convert. In exclusive mode there
    is no mixer.

    Args:
        device: from ``find_output``.
        exclusive: whether other programs are kept off the device.

    Raises:
        UserError: the device's sound system has no exclusive mode.
    """
    sounddevice = import_sounddevice()
    host = sounddevice.query_hostapis(device["hostapi"])["name"]
    if host == EXCLUSIVE_HOST_API:
        return sounddevice.WasapiSettings(exclusive=exclusive, auto_convert=not exclusive)
    if exclusive:
        raise UserError(f"{host} has no exclusive mode; switch it off, or choose a device of {EXCLUSIVE_HOST_API}")
    return None


def working_rates(index: int, channels: int, extra_settings: Any) -> tuple[int, ...]:
    """Return those of ``DEVICE_RATES`` that a device supports."""
    sounddevice = import_sounddevice()
    rates = []
    for rate in DEVICE_RATES:
        try:
            sounddevice.check_output_settings(
                index, channels, "float32", extra_settings=extra_settings, samplerate=rate
            )
        except sounddevice.PortAudioError:
            continue
        rates.append(rate)
    return tuple(rates)


def rescan() -> None:
    """Make PortAudio search for devices again. Call it only while no stream is open.

    Raises:
        UserError: PortAudio cannot be initialised.
    """
    sounddevice = import_sounddevice()
    try:
        sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise UserError(f"the sound system cannot be started ({error}); is the sound server running?") from error


def _default_index(sounddevice: Any) -> int:
    """Return the index of the default output; -1 where there is none.

    On Windows it is the system's output by WASAPI. PortAudio's own default there is MME, whose latency is higher.
    """
    for host in sounddevice.query_hostapis():
        if host["name"] == EXCLUSIVE_HOST_API and host["default_output_device"] >= 0:
            return int(host["default_output_device"])
    try:
        return int(sounddevice.query_devices(kind="output")["index"])
    except (sounddevice.PortAudioError, ValueError):
        return -1


def main() -> None:
    """Print the devices as JSON for ``list_devices_in_new_process``."""
    try:
        print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
