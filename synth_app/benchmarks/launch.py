"""Starts an audio process for a measurement, waits until it plays, and stores its reports."""

import threading
import time
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import (
    DeviceSettings,
    DeviceState,
    GaveUp,
    ModelLoaded,
    ModelRefused,
    Ready,
    Report,
)
from synth_app.patch import Patch, SetPatch
from synth_app.support.errors import UserError

START_S = 600.0  # the first start compiles all kernels, which takes minutes on a busy machine

Kind = TypeVar("Kind", bound=Report)


class Reports:
    """All reports of a client; a thread can wait for the next one of a kind."""

    def __init__(self) -> None:
        """Start without reports."""
        self._changed = threading.Condition()
        self._log: list[Report] = []
        self._times: list[float] = []
        self._returned: set[int] = set()

    def __call__(self, report: Report) -> None:
        """Store a report; the client calls this."""
        with self._changed:
            self._log.append(report)
            self._times.append(time.perf_counter())
            self._changed.notify_all()

    def wait(self, *kinds: type[Report], seconds: float = START_S) -> Report:
        """Wait for the first report of these kinds that was not returned before, and return it.

        Raises:
            UserError: no such report within ``seconds``, or the client gave up.
        """

        def found() -> int | None:
            awaited = (*kinds, GaveUp)
            fits = (i for i, r in enumerate(self._log) if i not in self._returned and isinstance(r, awaited))
            return next(fits, None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, seconds)
            index = found()
            if index is None:
                raise UserError(f"the audio process did not answer within {seconds:.0f} s; is the machine overloaded?")
            self._returned.add(index)
            report = self._log[index]
        if isinstance(report, GaveUp):
            raise UserError(report.problem)
        return report

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Return all reports of a kind so far."""
        with self._changed:
            return [report for report in self._log if isinstance(report, kind)]

    def times(self, kind: type[Report]) -> list[float]:
        """Return the time.perf_counter() at which each report of a kind arrived."""
        with self._changed:
            return [at for at, report in zip(self._times, self._log, strict=True) if isinstance(report, kind)]


@dataclass(frozen=True)
class Launched:
    """First reports of a playing audio process."""

    ready: Ready
    state: DeviceState

    @property
    def device(self) -> str:
        """Name of the output, or of the null clock."""
        return self.state.name if self.state.running else "null clock (no device)"


def launch(
    client: AudioClient, reports: Reports, settings: DeviceSettings, patch: Patch, *, allow_null_clock: bool = False
) -> Launched:
    """Start a client and wait until it plays ``patch`` on the device.

    Args:
        client: not started yet.
        reports: where ``client`` reports to.
        settings: the output.
        patch: sent first.
        allow_null_clock: use the null clock if the default device cannot be used. A device given by name must work.

    Raises:
        UserError: the device or the model cannot be used.
    """
    client.start(settings)
    ready = cast(Ready, reports.wait(Ready))
    client.send(SetPatch(patch))
    state = cast(DeviceState, reports.wait(DeviceState))
    loaded = reports.wait(ModelLoaded, ModelRefused)
    if isinstance(loaded, ModelRefused):
        raise UserError(loaded.problem)
    if not state.running and settings.device != "":
        if not allow_null_clock or settings.device is not None:
            raise UserError(state.problem)
        client.open_device(replace(settings, device=""))  # else the device would be tried again during the measurement
        while state.settings.device != "":
            state = cast(DeviceState, reports.wait(DeviceState))
    return Launched(ready, state)
