"""Keeps an output running: the requested device, or the null clock while that device is not available."""

import logging
import threading
import time
from collections.abc import Callable

from synth_app.audio.process.device import DeviceStream, NullClock, RateRefusedError
from synth_app.audio.process.devices import rescan
from synth_app.audio.process.player import Player
from synth_app.audio.protocol.messages import DeviceSettings, DeviceState
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

TICK_S = 0.05
_RETRY_S = 1.0


class OutputSupervisor:
    """Opens, watches and replaces the output. All PortAudio calls are made in the thread that calls ``run``.

    The null clock runs while a new device is tried. The device takes over only when it really requests blocks, so
    the engine never pauses for more than a block.
    """

    def __init__(self, player: Player, report: Callable[[DeviceState], None]) -> None:
        """Prepare; ``report`` is called with every new state of the output."""
        self._player = player
        self._report = report
        self._request: DeviceSettings | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._settings = DeviceSettings(device="")
        self._device: DeviceStream | None = None
        self._null: NullClock | None = None
        self._retry_at: float | None = None
        self._reported: DeviceState | None = None

    def open(self, settings: DeviceSettings) -> None:
        """Request another device; returns at once."""
        self._request = settings
        self._wake.set()

    def stop(self) -> None:
        """End ``run``."""
        self._stopping = True
        self._wake.set()

    def run(self, tick: Callable[[], None]) -> None:
        """Keep an output running until ``stop``; call ``tick`` about every TICK_S."""
        self._null = NullClock(self._player, self._settings.block)
        while not self._stopping:
            self._wake.wait(TICK_S)
            self._wake.clear()
            self._step()
            tick()
        self._use_null()
        if self._null is not None:
            self._null.close()

    def _step(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            self._switch(request)
        elif self._device is not None and not self._device.alive():
            name = _spoken(self._device.name)
            self._use_null()
            self._report_state(f"{name} stopped playing; it is tried again every second, or choose another device")
            self._retry_at = time.monotonic() + _RETRY_S
        elif self._retry_at is not None and time.monotonic() >= self._retry_at:
            self._try_open()

    def _switch(self, settings: DeviceSettings) -> None:
        self._settings = settings
        self._reported = None  # every request is answered
        self._use_null()
        if settings.device == "":
            self._retry_at = None
            self._report_state("no output device is selected, so there is no sound; choose one in the audio settings")
        else:
            self._try_open()

    def _try_open(self) -> None:
        """Open the requested device; on failure report it, and try again later if that can help."""
        try:
            rescan()
            device = DeviceStream(self._settings, self._player)
            if not device.wait_until_running():
                device.close()
                name = _spoken(device.name)
                raise UserError(f"{name} does not start; is it suspended? It is tried again every second")
        except UserError as error:
            retry = not isinstance(error, RateRefusedError)
            self._retry_at = time.monotonic() + _RETRY_S if retry else None
            self._report_state(str(error))
            return
        if self._null is not None:
            self._null.close()
            self._null = None
        device.go_live()
        self._device, self._retry_at = device, None
        self._report_state("")

    def _use_null(self) -> None:
        """Close the device, if one is open, and continue with the null clock."""
        if self._device is not None:
            self._device.close()
            self._device = None
        elif self._null is not None:
            self._null.close()
        self._null = NullClock(self._player, self._settings.block)

    def _report_state(self, problem: str) -> None:
        device = self._device
        state = DeviceState(
            settings=self._settings,
            running=device is not None,
            name=device.name if device else "",
            latency_ms=device.latency_ms if device else 0.0,
            problem=problem,
        )
        if state != self._reported:
            self._reported = state
            _log_state(state)
            self._report(state)


def _spoken(name: str) -> str:
    """Return how a sentence names a device; ALSA and PipeWire call one "default"."""
    return "the default device" if name.casefold() == "default" else name


def _log_state(state: DeviceState) -> None:
    if state.running:
        rate, block = state.settings.rate, state.settings.block
        logger.info("output %s plays: %d Hz, block %d, latency %.1f ms", state.name, rate, block, state.latency_ms)
    elif state.settings.device == "":
        logger.info("no output device: %s", state.problem)
    else:
        logger.warning("no output plays: %s", state.problem)
