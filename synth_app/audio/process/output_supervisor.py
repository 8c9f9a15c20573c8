"""Keeps something running that pulls blocks: the device the user wants, or the null clock until there is one."""

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
    """Opens, watches, replaces. All PortAudio calls are made by its ``run``, in one thread.

    A new device is tried beside the running null clock, and takes over only when it really asks for blocks:
    so the engine never stands still for more than a block.
    """

    def __init__(self, player: Player, report: Callable[[DeviceState], None]) -> None:
        """Prepare; ``report`` is told every change of what sounds."""
        self._player = player
        self._report = report
        self._request: DeviceSettings | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._settings = DeviceSettings(device="")
        self._device: DeviceStream | None = None
        self._null: NullClock | None = None
        self._retry_at: float | None = None
        self._told: DeviceState | None = None

    def open(self, settings: DeviceSettings) -> None:
        """Ask for another device; returns at once."""
        self._request = settings
        self._wake.set()

    def stop(self) -> None:
        """End ``run``."""
        self._stopping = True
        self._wake.set()

    def run(self, tick: Callable[[], None]) -> None:
        """Keep blocks flowing until ``stop``; call ``tick`` about every TICK_S."""
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
            name = self._device.name
            self._use_null()
            self._tell(f"{name} stopped taking sound; it is tried again every second, or choose another device")
            self._retry_at = time.monotonic() + _RETRY_S
        elif self._retry_at is not None and time.monotonic() >= self._retry_at:
            self._try_open()

    def _switch(self, settings: DeviceSettings) -> None:
        self._settings = settings
        self._told = None  # a request is always answered
        self._use_null()
        if settings.device == "":
            self._retry_at = None
            self._tell("no output device is chosen, nothing is heard; choose one in the audio settings")
        else:
            self._try_open()

    def _try_open(self) -> None:
        """Open the wanted device; on failure say so and try again later, unless that is no use."""
        try:
            rescan()
            device = DeviceStream(self._settings, self._player)
            if not device.flows():
                device.close()
                raise UserError(f"{device.name} takes no sound; is it suspended? It is tried again every second")
        except UserError as error:
            retry = not isinstance(error, RateRefusedError)
            self._retry_at = time.monotonic() + _RETRY_S if retry else None
            self._tell(str(error))
            return
        if self._null is not None:
            self._null.close()
            self._null = None
        device.go_live()
        self._device, self._retry_at = device, None
        self._tell("")

    def _use_null(self) -> None:
        """Close the device, if one is open, and let the null clock go on."""
        if self._device is not None:
            self._device.close()
            self._device = None
        elif self._null is not None:
            self._null.close()
        self._null = NullClock(self._player, self._settings.block)

    def _tell(self, problem: str) -> None:
        device = self._device
        state = DeviceState(
            settings=self._settings,
            running=device is not None,
            name=device.name if device else "",
            latency_ms=device.latency_ms if device else 0.0,
            problem=problem,
        )
        if state != self._told:
            self._told = state
            _log_state(state)
            self._report(state)


def _log_state(state: DeviceState) -> None:
    if state.running:
        rate, block = state.settings.rate, state.settings.block
        logger.info("output %s plays: %d Hz, block %d, latency %.1f ms", state.name, rate, block, state.latency_ms)
    elif state.settings.device == "":
        logger.info("no output device: %s", state.problem)
    else:
        logger.warning("no output plays: %s", state.problem)
