"""Fixtures for tests of audio: a client with a way to wait for its reports."""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from synth_app.audio import AudioClient, DeviceSettings, Report
from tests.audio import fake_engine

T = TypeVar("T")
FAKE_ENGINE = fake_engine.__name__
NO_DEVICE = DeviceSettings(device="", block=128)


class Probe:
    """A client of the audio process that stores all reports in order."""

    def __init__(self, engine: str = FAKE_ENGINE, hang_seconds: float = 5.0, spare_after: float | None = None) -> None:
        self.reports: list[Report] = []
        self._changed = threading.Condition()
        self.client = AudioClient(self._store, engine=engine, hang_seconds=hang_seconds, spare_after=spare_after)

    def _store(self, report: Report) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()

    def wait_for(self, kind: type[T], fits: Callable[[T], bool] = lambda _: True, seconds: float = 15.0) -> T:
        """Wait for the first report of that kind that fits; remove it from the list and return it."""

        def found() -> T | None:
            return next((report for report in self.reports if isinstance(report, kind) and fits(report)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, seconds)
            report = found()
            assert report is not None, f"no {kind.__name__} within {seconds} s, only {self.reports}"
            self.reports.remove(report)  # type: ignore[arg-type]  # it is one of them
            return report

    def wait_sound(self, seconds: float = 5.0) -> float:
        """Wait until newly rendered frames are not silent; return the seconds."""
        start = time.monotonic()
        index = self.client.telemetry.written
        while time.monotonic() - start < seconds:
            frames, index, _ = self.client.telemetry.read_since(index)
            if frames.any():
                return time.monotonic() - start
            time.sleep(0.002)
        raise AssertionError(f"no sound within {seconds} s: {self.client.telemetry.meters()}, {self.reports}")


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"still not after {seconds} s"
        time.sleep(0.005)


@pytest.fixture
def probe() -> Iterator[Probe]:
    """A client of the fake engine, not started."""
    probe = Probe()
    yield probe
    probe.client.close()


def succeeds_once_in_three_runs(test: Callable[..., None]) -> Callable[..., None]:
    """Decorator: run a test that compares a device's recording up to three times; one success is enough.

    On a busy machine the sound server sometimes drops blocks. A defect of the program appears in every run.
    """

    @functools.wraps(test)
    def attempts(*args: object, **kwargs: object) -> None:
        for last in (False, False, True):
            try:
                return test(*args, **kwargs)
            except AssertionError:
                if last:
                    raise
        return None

    return attempts
