"""The real audio process through real PortAudio on a PulseAudio null sink, recorded and compared."""

import os
import signal
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.audio import RESERVES_MS, DeviceList, DeviceSettings, DeviceState, ModelLoaded
from synth_app.audio.process.devices import list_devices
from synth_app.benchmarks.block_times import measure_live
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch
from synth_app.support.errors import UserError
from tests.audio.conftest import FAKE_ENGINE, Probe, succeeds_once_in_three_runs, wait_until
from tests.audio.fake_engine import sine
from tests.audio.null_sink import NullSink

pytestmark = pytest.mark.device


def play(probe: Probe, settings: DeviceSettings, model: str = "ok") -> DeviceState:
    """Start on a device and return its state."""
    probe.client.start(settings)
    probe.client.send(SetPatch(Patch(model)))
    probe.wait_for(ModelLoaded)
    return probe.wait_for(DeviceState)


def perform(probe: Probe, null_sink: NullSink) -> NDArray[np.float32]:
    """Hold one key, then a second one; return what the sink played, left channel."""
    for note in (57, 64):
        probe.client.send(NoteOff(note))
    time.sleep(0.1)
    with null_sink.recording() as recording:
        probe.client.send(NoteOn(57))
        time.sleep(0.5)
        probe.client.send(NoteOn(64))
        time.sleep(0.3)
    return recording.samples()[:, 0]


@pytest.mark.parametrize("block", [64, 1024])
@succeeds_once_in_three_runs
def test_the_device_gets_the_offline_render_sample_by_sample(null_sink: NullSink, block: int) -> None:
    probe = Probe()  # one for each attempt
    try:
        compare_with_offline(probe, null_sink, block)
    finally:
        probe.client.close()


def compare_with_offline(probe: Probe, null_sink: NullSink, block: int) -> None:
    """Two keys on the device are the two sines of the fake engine, sample by sample."""
    state = play(probe, DeviceSettings(block=block))
    assert state.running, state.problem
    assert 0 < state.latency_ms < 100
    for _ in range(3):
        before = probe.client.telemetry.meters().underruns
        heard = perform(probe, null_sink)
        if probe.client.telemetry.meters().underruns == before:
            break
        probe.client.open_device(DeviceSettings(block=block))  # an underrun on a busy machine: try again
        probe.wait_for(DeviceState)
    start = int(np.flatnonzero(heard)[0]) - 1  # the sine's first sample is 0
    second_at = int(np.flatnonzero(heard[start:] != sine(57, 0, len(heard) - start))[0]) - 1
    expected = sine(57, 0, len(heard) - start)
    expected[second_at:] += sine(64, 0, len(expected) - second_at)
    assert second_at > 20_000
    assert second_at % block == 0  # a key takes effect at the start of a block
    assert len(expected) - second_at > 8000
    assert np.array_equal(heard[start:], expected)


@succeeds_once_in_three_runs
def test_a_device_at_another_rate_plays_the_same_pitch(probe: Probe, null_sink: NullSink) -> None:
    state = play(probe, DeviceSettings(rate=44_100, block=256))
    assert state.running, state.problem
    probe.client.send(NoteOn(69))
    probe.wait_sound()
    with null_sink.recording() as recording:
        time.sleep(0.8)
    heard = recording.samples()[-32_768:, 0].astype(np.float64)
    turn = 2 * np.pi * 440.0 / 48_000 * np.arange(len(heard))
    basis = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    fit = np.linalg.lstsq(basis, heard, rcond=None)[0]
    assert np.hypot(*fit) == pytest.approx(0.05, rel=0.01)
    assert (heard - basis @ fit).std() < 0.05 * 10 ** (-50 / 20)  # limited by PulseAudio's conversion


def test_the_device_buffer_has_the_requested_reserve(probe: Probe, null_sink: NullSink) -> None:
    ahead_ms = [play(probe, DeviceSettings(block=128, reserve_ms=0)).latency_ms]
    for reserve_ms in RESERVES_MS[1:]:
        probe.client.open_device(DeviceSettings(block=128, reserve_ms=reserve_ms))
        state = probe.wait_for(DeviceState)
        assert state.running, state.problem
        ahead_ms.append(state.latency_ms)
    assert ahead_ms[0] < 15.0 < ahead_ms[1] < 35.0 < ahead_ms[2] < 80.0 < ahead_ms[3] < 150.0 < ahead_ms[4] < 300.0


def test_a_refused_rate_names_the_rates_that_work(probe: Probe, null_sink: NullSink) -> None:
    state = play(probe, DeviceSettings(rate=500_000))
    assert not state.running
    assert "does not support 500000 Hz" in state.problem
    assert "44100, 48000" in state.problem
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    probe.client.open_device(DeviceSettings(rate=48_000))
    assert probe.wait_for(DeviceState).running


def test_a_device_that_does_not_exist_is_named_with_those_that_do(probe: Probe, null_sink: NullSink) -> None:
    state = play(probe, DeviceSettings(device="Theremin"))
    assert not state.running
    assert "'Theremin'" in state.problem
    assert "default" in state.problem


def test_changing_the_device_keeps_the_note(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    for settings in (DeviceSettings(device=""), DeviceSettings(device="default", block=512)):
        index = probe.client.telemetry.written
        probe.client.open_device(settings)
        assert probe.wait_for(DeviceState).running == (settings.device != "")
        time.sleep(0.1)
        frames, _, _ = probe.client.telemetry.read_since(index)
        steps = np.abs(np.diff(frames[:, 0])).max()
        assert steps < 0.05 * 2 * np.pi * 262 / 48_000  # a sine without a step
    with null_sink.recording() as recording:
        time.sleep(0.3)
    assert recording.samples().any()


def test_sound_is_recorded_again_after_kill_9(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    with null_sink.recording() as recording:
        time.sleep(0.3)
        os.kill(probe.client.pid or 0, signal.SIGKILL)
        wait_until(lambda: _quiet_then_loud(recording.samples()[:, 0]), 5)


def _quiet_then_loud(heard: NDArray[np.float32]) -> bool:
    loud = np.flatnonzero(heard)
    gaps = np.diff(loud)
    return bool(len(gaps)) and gaps.max() > 2400 and bool(heard[-480:].any())


def test_a_restarted_sound_server_is_found_again(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    pid = probe.client.pid
    null_sink.kill()
    lost = probe.wait_for(DeviceState)
    assert not lost.running
    assert "stopped playing" in lost.problem
    probe.wait_sound()  # the null clock
    null_sink.start()
    found = probe.wait_for(DeviceState, lambda state: state.running)
    assert found.problem == ""
    with null_sink.recording() as recording:
        time.sleep(0.3)
    assert recording.samples()[-4800:].any()
    assert probe.client.pid == pid


def test_a_removed_sink_is_found_again_when_it_is_put_back(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    null_sink.pactl("unload-module", "module-null-sink")
    assert not probe.wait_for(DeviceState).running
    null_sink.pactl("load-module", "module-null-sink", "sink_name=out", "norewinds=1")
    assert probe.wait_for(DeviceState, lambda state: state.running).problem == ""


def test_a_device_that_is_plugged_in_later_is_found(probe: Probe, null_sink: NullSink) -> None:
    null_sink.kill()
    state = play(probe, DeviceSettings(block=256))
    assert not state.running
    assert "no output device" in state.problem
    null_sink.start()
    assert probe.wait_for(DeviceState).running


def test_a_device_that_requests_no_blocks_is_not_used_until_it_does(probe: Probe, null_sink: NullSink) -> None:
    null_sink.pactl("suspend-sink", "out", "1")
    state = play(probe, DeviceSettings(block=256))
    assert not state.running
    assert "does not start" in state.problem
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    null_sink.pactl("suspend-sink", "out", "0")
    assert probe.wait_for(DeviceState).running


def test_a_stalled_device_is_closed_and_opened_again(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    null_sink.pactl("suspend-sink", "out", "1")
    assert not probe.wait_for(DeviceState).running
    probe.client.send(NoteOn(60))
    probe.wait_sound()
    null_sink.pactl("suspend-sink", "out", "0")
    assert probe.wait_for(DeviceState, lambda state: state.running).problem == ""
    probe.client.send(NoteOff(60))


def test_underruns_and_late_blocks_are_counted(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=128), "hog")
    time.sleep(1.0)
    meters = probe.client.telemetry.meters()
    assert meters.underruns >= 1
    assert meters.late_blocks >= 1
    assert meters.worst_ms > 70


@succeeds_once_in_three_runs
def test_measuring_on_the_device(null_sink: NullSink) -> None:
    figures = measure_live(DeviceSettings(block=256), Patch("ok"), 16, 0.5, engine=FAKE_ENGINE)
    assert (figures.device, figures.voices, figures.underruns) == ("default", 16, 0)
    assert figures.blocks == pytest.approx(24_000 / 256, rel=0.3)
    assert figures.deadline_ms == pytest.approx(5.333, abs=0.001)
    with pytest.raises(UserError, match="Theremin"):
        measure_live(DeviceSettings(device="Theremin"), Patch("ok"), 1, 0.1, engine=FAKE_ENGINE)


def test_devices_are_listed_while_one_is_open(probe: Probe, null_sink: NullSink) -> None:
    play(probe, DeviceSettings(block=256))
    probe.client.request_devices()
    (device,) = probe.wait_for(DeviceList).devices
    assert (device.name, device.host_api, device.is_default) == ("default", "ALSA", True)


def test_a_missing_portaudio_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes.util
    import sys

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(UserError, match="apt-get install libportaudio2"):
        list_devices()
