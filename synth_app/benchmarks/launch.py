"""Starts an audio process for a measurement, waits until it plays, and keeps what it reported."""

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

START_S = 600.0  # compiling all kernels, the first time, takes minutes on a busy machine

Kind = TypeVar("Kind", bound=Report)


class Reports:
    """Collects all reports; a thread can wait for the next one of a kind."""

    def __init__(self) -> None:
        """Nothing was reported yet."""
        self._changed = threading.Condition()
        self._log: list[Report] = []
        self._times: list[float] = []
        self._given: set[int] = set()

    def __call__(self, report: Report) -> None:
        """Take a report; called by the client."""
        with self._changed:
            self._log.append(report)
            self._times.append(time.perf_counter())
            self._changed.notify_all()

    def wait(self, *kinds: type[Report], seconds: float = START_S) -> Report:
        """The first report of these kinds that was not given before.

        Raises:
            UserError: it did not come, or the process died for good.
        """

        def found() -> int | None:
            wanted = (*kinds, GaveUp)
            fits = (i for i, r in enumerate(self._log) if i not in self._given and isinstance(r, wanted))
            return next(fits, None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, seconds)
            index = found()
            if index is None:
                raise UserError(f"the audio process did not answer within {seconds:.0f} s; is the machine overloaded?")
            self._given.add(index)
            report = self._log[index]
        if isinstance(report, GaveUp):
            raise UserError(report.problem)
        return report

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Every report of a kind so far."""
        with self._changed:
            return [report for report in self._log if isinstance(report, kind)]

    def times(self, kind: type[Report]) -> list[float]:
        """time.perf_counter() at which each report of a kind arrived."""
        with self._changed:
            return [at for at, report in zip(self._times, self._log, strict=True) if isinstance(report, kind)]


@dataclass(frozen=True)
class Launched:
    """A playing audio process: its first reports."""

    ready: Ready
    state: DeviceState

    @property
    def device(self) -> str:
        """Name of the output, or that there is none."""
        return self.state.name if self.state.running else "null clock (no device)"


def launch(
    client: AudioClient, reports: Reports, settings: DeviceSettings, patch: Patch, *, fall_back: bool = False
) -> Launched:
    """Start ``client``, which reports to ``reports``, and wait until it plays ``sound`` on the device.

    ``fall_back`` is for measurements that make sense without a device: if the default one cannot be used, the null
    clock runs. A device asked for by name must work.

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
        if not fall_back or settings.device is not None:
            raise UserError(state.problem)
        client.open_device(replace(settings, device=""))  # or it would be tried again in the midst of measuring
        while state.settings.device != "":
            state = cast(DeviceState, reports.wait(DeviceState))
    return Launched(ready, state)
