"""Choice of an output on a fake PortAudio that lists one card under several sound systems, as Windows does."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from synth_app.audio.process.device import DeviceStream, RateRefusedError
from synth_app.audio.process.devices import find_output, list_devices
from synth_app.audio.process.player import Player
from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.audio.protocol.telemetry import Frames
from synth_app.support.errors import UserError

HOSTS = ("MME", "Windows DirectSound", "Windows WASAPI")
CARD, SCREEN = "Speakers (Sound card)", "Screen (HDMI)"
WASAPI_RATE = 48_000  # of its mixer


class FakePortAudioError(Exception):
    """Replaces sounddevice.PortAudioError."""


class FakeStream:
    """Stores what it was opened with."""

    def __init__(self, **arguments: Any) -> None:
        self.arguments, self.latency, self.active = arguments, 0.01, True

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.active = False


def fake_wasapi(exclusive: bool = False, auto_convert: bool = False) -> SimpleNamespace:
    return SimpleNamespace(exclusive=exclusive, auto_convert=auto_convert)


class SilentPlayer:
    """A player that plays nothing."""

    def render(self, length: int) -> Frames:
        return np.zeros((length, 2), np.float32)


class FakeSoundDevice:
    """The part of sounddevice that the program uses, with three outputs under each of three sound systems."""

    PortAudioError = FakePortAudioError
    OutputStream = FakeStream
    WasapiSettings = staticmethod(fake_wasapi)
    defaults = (1, 4, 8)  # of the three sound systems

    def query_hostapis(self, index: int | None = None) -> Any:
        hosts = [{"name": name, "default_output_device": self.defaults[i]} for i, name in enumerate(HOSTS)]
        return hosts if index is None else hosts[index]

    def query_devices(self, kind: str | None = None) -> Any:
        names = [("Microphone", 0), (CARD, 2), (SCREEN, 2)]
        listed = [
            {"index": 3 * host + i, "name": name, "hostapi": host, "max_output_channels": channels,
             "default_samplerate": 44_100.0}
            for host in range(len(HOSTS))
            for i, (name, channels) in enumerate(names)
        ]  # fmt: skip
        return listed if kind is None else listed[1]

    def check_output_settings(
        self, device: int, channels: int, dtype: str, extra_settings: Any = None, samplerate: int = 0
    ) -> None:
        wasapi = device // 3 == HOSTS.index("Windows WASAPI")
        assert wasapi == (extra_settings is not None), "only WASAPI has settings, and it needs them"
        if wasapi and samplerate != WASAPI_RATE and not extra_settings.auto_convert:
            raise self.PortAudioError("Invalid sample rate")


@pytest.fixture(autouse=True)
def _windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice())


@pytest.fixture
def opened() -> Callable[[DeviceSettings], dict[str, Any]]:
    """Open a stream; return what PortAudio was told."""

    def open_stream(settings: DeviceSettings) -> dict[str, Any]:
        stream = DeviceStream(settings, cast(Player, SilentPlayer()))
        arguments: dict[str, Any] = stream._stream.arguments
        stream.close()
        return arguments

    return open_stream


def test_devices_are_listed_with_their_sound_system() -> None:
    devices = [(device.name, device.host_api) for device in list_devices()]
    default = (SCREEN, "Windows WASAPI")
    assert devices == [default, *((name, host) for host in HOSTS for name in (CARD, SCREEN) if (name, host) != default)]
    assert [device.is_default for device in list_devices()] == [True] + 5 * [False]


@pytest.mark.parametrize(("host", "index"), [("MME", 1), ("Windows DirectSound", 4), ("Windows WASAPI", 7), (None, 1)])
def test_name_and_sound_system_select_the_device(host: str | None, index: int) -> None:
    assert find_output(CARD, host)["index"] == index


def test_the_default_is_that_of_wasapi_where_it_has_one(
    opened: Callable[[DeviceSettings], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_output(None)["index"] == 8
    assert opened(DeviceSettings(None, 44_100))["extra_settings"].auto_convert
    monkeypatch.setattr(FakeSoundDevice, "defaults", (1, 4, -1))  # none of its outputs is connected
    assert find_output(None)["index"] == 1


def test_a_device_of_another_sound_system_is_not_taken_instead() -> None:
    with pytest.raises(UserError, match=r"'Speakers \(Sound card\)' of ALSA; choose one of: .*\(Windows WASAPI\)"):
        find_output(CARD, "ALSA")


def test_wasapi_is_opened_shared_or_exclusive(opened: Callable[[DeviceSettings], dict[str, Any]]) -> None:
    shared = opened(DeviceSettings(CARD, 44_100, host_api="Windows WASAPI"))
    assert shared["device"] == 7
    assert (shared["extra_settings"].exclusive, shared["extra_settings"].auto_convert) == (False, True)
    alone = opened(DeviceSettings(CARD, 48_000, host_api="Windows WASAPI", exclusive=True))
    assert (alone["extra_settings"].exclusive, alone["extra_settings"].auto_convert) == (True, False)
    assert opened(DeviceSettings(CARD, host_api="MME"))["extra_settings"] is None


def test_exclusive_mode_names_the_rates_of_the_device() -> None:
    settings = DeviceSettings(CARD, 44_100, host_api="Windows WASAPI", exclusive=True)
    with pytest.raises(RateRefusedError, match="does not support 44100 Hz; choose one of 48000 Hz"):
        DeviceStream(settings, cast(Player, SilentPlayer()))


@pytest.mark.parametrize("name", [None, CARD])
def test_exclusive_mode_is_refused_where_there_is_none(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeSoundDevice, "defaults", (1, 4, -1))  # so that the default is that of MME
    with pytest.raises(UserError, match=r"MME has no exclusive mode; .*Windows WASAPI"):
        DeviceStream(DeviceSettings(name, exclusive=True), cast(Player, SilentPlayer()))
