"""Two clocks that pull blocks from the player: an output device, or a thread where there is no device."""

import os
import threading
import time
from typing import Any

import numpy as np

from synth_app.audio.process.devices import find_output, host_settings, import_sounddevice, working_rates
from synth_app.audio.process.player import Player
from synth_app.audio.process.resampler import RateConverter
from synth_app.audio.process.sample_player import MAX_BLOCK_SAMPLES
from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

_STALL_S = 0.5  # a device that requests no block for this long is lost
_START_TIMEOUT_S = 2.0  # how long a device may take until it runs steadily
_CLOSE_S = 2.0  # how long the system may take to close a device
EXIT_WEDGED = 3  # exit status after a driver did not return


class RateRefusedError(UserError):
    """The device does not support the requested rate; trying again does not help."""


class NullClock:
    """Renders in real time into telemetry only, so that notes and automation continue without a device."""

    def __init__(self, player: Player, block: int) -> None:
        """Start at once."""
        self._player = player
        self._block = block
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="null-clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the current block."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        span = self._block / ENGINE_RATE
        due = time.monotonic()
        while not self._stop.wait(max(due - time.monotonic(), 0.0)):
            start = time.perf_counter()
            self._player.render(self._block)
            self._player.record_block_time(start, span)
            due = max(due + span, time.monotonic() - 1.0)  # catch up at most 1 s, e.g. after suspend


class DeviceStream:
    """An open output device. It plays silence until ``go_live``, so it can be tried while the null clock runs."""

    def __init__(self, settings: DeviceSettings, player: Player) -> None:
        """Open and start the device.

        Raises:
            RateRefusedError: the device does not run at ``settings.rate``.
            UserError: there is no such device, or it cannot be opened.
        """
        sounddevice = import_sounddevice()
        found = find_output(settings.device, settings.host_api)
        self._extra = host_settings(found, exclusive=settings.exclusive)
        self.name = str(found["name"])
        self._player = player
        self._rate = settings.rate
        self._mono = int(found["max_output_channels"]) == 1
        channels = 1 if self._mono else 2
        self._live = False
        self._frames = 0
        self._last_callback_s = time.monotonic()
        self._stereo = np.zeros((MAX_BLOCK_SAMPLES // 2, 2), np.float32)
        try:
            sounddevice.check_output_settings(
                found["index"], channels, "float32", extra_settings=self._extra, samplerate=settings.rate
            )
            self._stream = sounddevice.OutputStream(
                samplerate=settings.rate,
                blocksize=settings.block,
                device=found["index"],
                channels=channels,
                dtype="float32",
                latency=settings.reserve_ms / 1e3 or "low",
                extra_settings=self._extra,
                callback=self._callback,
            )
            self._latency_s = float(self._stream.latency)
            self._read = self._reader(settings)
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise self._refusal(error, found, channels) from error

    @property
    def latency_ms(self) -> float:
        """Latency in ms from the callback to the loudspeaker, as reported by the system, plus the resampler's delay."""
        return self._latency_s * 1e3

    def wait_until_running(self) -> bool:
        """Wait until the device has played more than its buffers hold; return False if it does not."""
        enough = 2 * self._latency_s * self._rate + 1
        end = time.monotonic() + _START_TIMEOUT_S
        while self._frames < enough:
            if time.monotonic() > end or not self._stream.active:
                return False
            time.sleep(0.002)
        return True

    def go_live(self) -> None:
        """Play the player's samples from the next block on."""
        self._live = True

    def alive(self) -> bool:
        """Return whether the device still requests blocks."""
        return bool(self._stream.active) and time.monotonic() - self._last_callback_s < _STALL_S

    def close(self) -> None:
        """Stop and close the device. If the driver does not return, end the process; the app starts a new one."""
        self._live = False
        closer = threading.Thread(target=self._stream.close, name="device-close", daemon=True)
        closer.start()
        closer.join(_CLOSE_S)
        if closer.is_alive():
            os._exit(EXIT_WEDGED)

    def _reader(self, settings: DeviceSettings) -> Any:
        """Return the function that fills a stereo block at the device's rate."""
        if settings.rate == ENGINE_RATE:
            return self._copy
        converter = RateConverter(self._player.render, settings.rate, MAX_BLOCK_SAMPLES // 2)
        self._latency_s += converter.delay_s
        return converter.read

    def _copy(self, out: Frames) -> None:
        out[:] = self._player.render(len(out))

    def _callback(self, out: Frames, frames: int, _time: object, status: Any) -> None:
        start = time.perf_counter()
        self._last_callback_s = time.monotonic()
        self._frames += frames
        if self._live:
            if self._mono:
                self._fill_mono(out)
            else:
                self._read(out)
            self._player.record_block_time(start, frames / self._rate, bool(status.output_underflow))
        else:
            out.fill(0.0)

    def _fill_mono(self, out: Frames) -> None:
        stereo = self._stereo[: len(out)]
        self._read(stereo)
        out[:, 0] = 0.5 * (stereo[:, 0] + stereo[:, 1])

    def _refusal(self, error: Exception, found: Any, channels: int) -> UserError:
        rates = working_rates(found["index"], channels, self._extra)
        if rates and self._rate not in rates:
            return RateRefusedError(
                f"{self.name} does not support {self._rate} Hz; choose one of {', '.join(map(str, rates))} Hz"
            )
        return UserError(
            f"{self.name} cannot be opened ({error}); close the program that uses it, or choose another device"
        )
