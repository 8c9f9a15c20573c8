"""The sound continues after a long stall, as after suspend, and after a device returns at another rate."""

import os
import signal
import time

import numpy as np
import pytest

from synth_app.audio import DeviceSettings, DeviceState, ModelLoaded
from synth_app.patch import ENGINE_RATE, NoteOn, Patch, SetPatch
from tests.audio.conftest import NO_DEVICE, Probe, succeeds_once_in_three_runs, wait_until
from tests.audio.null_sink import NullSink

_ASLEEP_S = 3.0
_CATCH_UP_S = 1.0  # most sound that a clock catches up after a stall


def begin(probe: Probe, settings: DeviceSettings, key: int) -> int:
    """Start, hold a key, and return the id of the audio process."""
    probe.client.start(settings)
    probe.client.send(SetPatch(Patch("ok")))
    probe.wait_for(ModelLoaded)
    probe.client.send(NoteOn(key))
    probe.wait_sound()
    assert probe.client.pid is not None
    return probe.client.pid


def sleep_and_wake(pid: int) -> None:
    """Stop all threads of the process for a while; its devices keep running."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(_ASLEEP_S)
    os.kill(pid, signal.SIGCONT)


def test_a_process_continues_at_its_position_after_a_sleep() -> None:
    """The note still sounds in the same process, and the missed time is not rendered in a burst."""
    probe = Probe(hang_seconds=30.0)
    try:
        pid = begin(probe, NO_DEVICE, 60)
        before = probe.client.telemetry.written
        sleep_and_wake(pid)
        time.sleep(0.5)
        rendered_s = (probe.client.telemetry.written - before) / ENGINE_RATE
        probe.wait_sound()
        assert 0.1 < rendered_s < _CATCH_UP_S + 0.5 + 0.8  # 3.5 without a limit
        assert probe.client.pid == pid
    finally:
        probe.client.close()


@pytest.mark.device
def test_a_device_is_heard_again_after_a_sleep(null_sink: NullSink) -> None:
    probe = Probe(hang_seconds=30.0)
    try:
        pid = begin(probe, DeviceSettings(block=256), 57)
        assert probe.wait_for(DeviceState).running
        with null_sink.recording() as recording:
            time.sleep(0.3)
            sleep_and_wake(pid)
            slept = len(recording.samples())
            wait_until(lambda: bool(recording.samples()[slept:].any()), 8)
        assert probe.client.pid == pid
    finally:
        probe.client.close()


@pytest.mark.device
@succeeds_once_in_three_runs
def test_a_sink_that_comes_back_at_another_rate_is_in_tune(null_sink: NullSink) -> None:
    """The held key sounds at 440 Hz again without any request."""
    probe = Probe()
    try:
        pid = begin(probe, DeviceSettings(block=256), 69)
        assert probe.wait_for(DeviceState).running
        null_sink.pactl("unload-module", "module-null-sink")
        assert not probe.wait_for(DeviceState).running
        null_sink.pactl("load-module", "module-null-sink", "sink_name=out", "rate=44100", "norewinds=1")
        assert probe.wait_for(DeviceState, lambda state: state.running).problem == ""
        with null_sink.recording() as recording:
            time.sleep(0.8)
        heard = recording.samples()[-24_000:, 0].astype(np.float64)
        spectrum = np.abs(np.fft.rfft(heard * np.blackman(len(heard)), 8 * len(heard)))
        assert spectrum.argmax() * ENGINE_RATE / (8 * len(heard)) == pytest.approx(440.0, abs=0.5)
        assert heard.std() == pytest.approx(0.05 / np.sqrt(2), rel=0.05)
        assert probe.client.pid == pid
    finally:
        probe.client.close()
