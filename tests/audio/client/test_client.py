"""The real audio process on its null clock: commands, models, heartbeats, exits and restarts."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from synth_app.audio import (
    AudioClient,
    DeviceList,
    DeviceSettings,
    DeviceState,
    Fault,
    GaveUp,
    ModelLoaded,
    ModelRefused,
    Ready,
    Restarted,
)
from synth_app.audio.client.process_handle import Outbox
from synth_app.audio.protocol.messages import Play, PlaySample, SampleState
from synth_app.benchmarks.block_times import measure_live
from synth_app.patch import NoteOff, NoteOn, Panic, Patch, SetPatch
from synth_app.support.errors import UserError
from tests.audio.conftest import FAKE_ENGINE, NO_DEVICE, Probe, wait_until
from tests.audio.fake_engine import SLOWEST_S, sine


def play(probe: Probe, model: str = "ok", *notes: int) -> None:
    """Start without a device and wait until the model plays."""
    probe.client.start(NO_DEVICE)
    probe.client.send(SetPatch(Patch(model)))
    for note in notes:
        probe.client.send(NoteOn(note))
    probe.wait_for(ModelLoaded)


def ended(pid: int) -> bool:
    """Return whether a process is gone, or a zombie that its parent has not waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_the_client_imports_no_heavy_library() -> None:
    """The window imports the client, so the client must not import device libraries, kernels or Qt."""
    script = (
        "import sys, synth_app.audio, synth_app.audio.process.recorder\n"
        "heavy = {'sounddevice', 'numba', 'soxr', 'scipy', 'PySide6', 'torch', 'synth_app.engine.engine'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_a_device_the_engine_runs_in_real_time(probe: Probe) -> None:
    play(probe, "ok", 60)
    state = probe.wait_for(DeviceState)
    assert not state.running
    assert "choose one" in state.problem
    probe.wait_sound()
    start, clock = time.monotonic(), probe.client.telemetry.meters().clock
    time.sleep(1.0)
    meters = probe.client.telemetry.meters()
    assert (meters.clock - clock) / 48_000 == pytest.approx(time.monotonic() - start, abs=0.05)
    assert meters.voices == 1
    assert meters.peak_left == pytest.approx(0.05, rel=1e-3)


def test_a_note_has_the_samples_of_an_offline_render(probe: Probe) -> None:
    play(probe, "ok")
    index = probe.client.telemetry.written
    probe.client.send(NoteOn(64))
    probe.wait_sound()
    time.sleep(0.2)
    frames, _, lost = probe.client.telemetry.read_since(index)
    assert lost == 0
    heard = frames[np.flatnonzero(frames[:, 0])[0] - 1 :, 0]
    assert len(heard) > 9000
    assert np.array_equal(heard, sine(64, 0, len(heard)))
    probe.client.send(NoteOff(64))
    wait_until(lambda: not probe.client.telemetry.latest(256).any())


def test_a_slow_model_delays_no_notes_and_no_blocks(probe: Probe) -> None:
    play(probe, "ok")
    probe.client.send(SetPatch(Patch("slow")))
    probe.client.send(NoteOn(60))
    assert probe.wait_sound() < 0.3
    probe.wait_for(ModelLoaded, lambda report: report.path == "slow")
    blocks, _, _ = probe.client.telemetry.blocks_since(0)
    assert np.diff(blocks["start"]).max() < 0.2


def test_a_refused_model_is_reported_and_the_previous_one_keeps_playing(probe: Probe) -> None:
    play(probe, "ok", 60)
    probe.client.send(SetPatch(Patch("bad")))
    report = probe.wait_for(ModelRefused)
    assert report == ModelRefused("bad", "bad is not a model; choose another file")
    probe.wait_sound()


def test_a_failing_engine_is_reported_and_the_process_survives(probe: Probe) -> None:
    play(probe, "ok", 60)
    probe.client.send(SetPatch(Patch("fails")))
    fault = probe.wait_for(Fault)
    assert "the engine tripped" in fault.problem
    probe.client.send(SetPatch(Patch("ok")))
    probe.wait_for(ModelLoaded, lambda report: report.path == "ok")
    probe.wait_sound()
    assert probe.client.telemetry.meters().faults > 0


def test_a_killed_process_is_replaced_with_the_same_state_within_a_second(probe: Probe) -> None:
    play(probe, "ok", 60, 64)
    probe.client.send(NoteOff(64))
    quiet = Patch("ok").with_param("sustain", 0.5)
    probe.client.send(SetPatch(quiet))
    probe.wait_sound()
    pid = probe.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: ended(pid))
    assert probe.wait_sound() < 2.0  # 1 s on an idle machine
    restarted = probe.wait_for(Restarted)
    assert "signal 9" in restarted.reason
    assert probe.client.pid != pid
    time.sleep(0.1)
    spectrum = np.abs(np.fft.rfft(probe.client.telemetry.latest(4096)[:, 0] * np.hanning(4096)))
    assert np.argmax(spectrum) == round(261.63 / (48_000 / 4096))
    assert spectrum.max() == pytest.approx(0.025 * 4096 / 4, rel=0.15)
    assert probe.client.telemetry.meters().voices == 1


def test_a_spare_process_takes_over_with_the_model_loaded(tmp_path: Path) -> None:
    probe, log = Probe(spare_after=0.0), tmp_path / "loads"

    def loads() -> list[int]:
        return [int(line) for line in log.read_text().split()]

    try:
        play(probe, f"slowest {log}", 60)
        wait_until(lambda: probe.client.spare_pid in loads(), 30.0)
        pid, spare_pid = probe.client.pid, probe.client.spare_pid
        assert pid is not None
        assert spare_pid is not None
        assert set(loads()) == {pid, spare_pid}
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: ended(pid))
        assert probe.wait_sound() < SLOWEST_S - 0.5, "sooner than it could have loaded the model"
        assert probe.client.pid == spare_pid
        assert probe.wait_for(Ready, lambda report: report.pid == spare_pid).startup_seconds < SLOWEST_S - 0.5
        assert loads().count(spare_pid) == 1, "it does not load the model again"
        wait_until(lambda: probe.client.spare_pid not in (None, spare_pid), 30.0)  # the next spare process
        next_spare = probe.client.spare_pid
    finally:
        probe.client.close()
    assert next_spare is not None
    assert ended(next_spare)


def test_a_spare_process_that_hangs_is_replaced_too() -> None:
    probe = Probe(spare_after=0.0, hang_seconds=1.0)
    try:
        play(probe, "ok", 60)
        wait_until(lambda: probe.client.spare_pid is not None)
        pid, spare_pid = probe.client.pid, probe.client.spare_pid
        assert pid is not None
        assert spare_pid is not None
        os.kill(spare_pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        for _ in range(2):
            probe.wait_for(Restarted)
        probe.wait_sound()
        assert ended(spare_pid)
    finally:
        probe.client.close()


def test_a_refused_model_does_not_come_back_after_a_restart(probe: Probe) -> None:
    play(probe, "ok", 60)
    probe.client.send(SetPatch(Patch("bad")))
    probe.wait_for(ModelRefused)
    pid = probe.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    probe.wait_for(Restarted)
    assert probe.wait_for(ModelLoaded).path == "ok"
    probe.wait_sound()


def test_a_hung_process_is_replaced_and_sending_to_it_never_waits() -> None:
    probe = Probe(hang_seconds=3.0)
    try:
        play(probe, "ok", 60)
        pid = probe.client.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        longest = 0.0
        for i in range(5000):
            start = time.perf_counter()
            probe.client.send(NoteOn(i % 50, 1 + i % 127))
            probe.client.send(NoteOff(i % 50))
            longest = max(longest, time.perf_counter() - start)
        assert longest < 1.0  # a blocked send would take 3 s; a busy machine took up to 0.2 s
        probe.wait_for(Restarted, seconds=10)
        assert ended(pid)
        probe.wait_sound()
    finally:
        probe.client.close()


def test_after_three_exits_the_client_gives_up_and_start_tries_again(probe: Probe) -> None:
    play(probe, "ok", 60)
    for _ in range(2):
        os.kill(probe.client.pid or 0, signal.SIGKILL)
        probe.wait_for(Restarted)
    os.kill(probe.client.pid or 0, signal.SIGKILL)
    report = probe.wait_for(GaveUp)
    assert "3 times" in report.problem
    assert probe.client.pid is None
    probe.client.send(NoteOff(60))
    probe.client.send(NoteOn(62))
    probe.client.start()
    probe.wait_for(ModelLoaded)
    probe.wait_sound()


def test_a_recording_is_refused_while_no_process_runs() -> None:
    reports: list[object] = []
    with AudioClient(reports.append) as client:
        client.play_sample(PlaySample(7, ("sound",)))
    (state,) = reports
    assert isinstance(state, SampleState)
    assert (state.number, state.playing) == (7, False)
    assert "no audio process" in state.problem


def test_a_process_that_cannot_start_reports_the_reason() -> None:
    probe = Probe(engine="no_such_engine")
    probe.client.start(NO_DEVICE)
    fault = probe.wait_for(Fault)
    assert "no_such_engine" in fault.problem
    probe.wait_for(GaveUp)
    probe.client.close()


def test_the_process_ends_when_the_app_is_killed(tmp_path: Path) -> None:
    app = (
        "import sys, time\n"
        "from synth_app.audio import AudioClient, DeviceSettings\n"
        f"client = AudioClient(lambda report: print(client.pid, flush=True), engine='{FAKE_ENGINE}')\n"
        "client.start(DeviceSettings(device=''))\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", app], stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert not ended(pid)
        process.kill()
    wait_until(lambda: ended(pid))


def test_closing_leaves_no_process_no_thread_and_no_memory() -> None:
    before = set(threading.enumerate())
    probe = Probe()
    play(probe, "ok", 60)
    pid, name = probe.client.pid, probe.client.telemetry.name
    assert pid is not None
    start = time.monotonic()
    probe.client.close()
    assert time.monotonic() - start < 1.0
    assert ended(pid)
    assert not Path(f"/dev/shm/{name}").exists()
    assert set(threading.enumerate()) <= before


def test_a_client_that_was_never_started_closes() -> None:
    AudioClient(print).close()


@pytest.mark.usefixtures("no_devices")
def test_devices_are_listed_while_playing(probe: Probe) -> None:
    probe.client.start(NO_DEVICE)
    probe.client.request_devices()
    assert probe.wait_for(DeviceList).devices == ()


@pytest.mark.usefixtures("no_devices")
def test_no_device_at_all_is_reported_and_the_engine_plays(probe: Probe) -> None:
    probe.client.start(DeviceSettings())
    probe.client.send(SetPatch(Patch("ok")))
    probe.client.send(NoteOn(60))
    state = probe.wait_for(DeviceState)
    assert not state.running
    assert "no output device" in state.problem
    probe.wait_sound()
    time.sleep(1.5)  # tried again every second, reported once
    assert not [report for report in probe.reports if isinstance(report, DeviceState)]


def test_measuring_without_a_device() -> None:
    figures = measure_live(NO_DEVICE, Patch("ok"), 8, 0.5, engine=FAKE_ENGINE)
    assert (figures.voices, figures.block, figures.faults, figures.underruns) == (8, 128, 0, 0)
    assert figures.blocks == pytest.approx(0.5 * 48_000 / 128, rel=0.3)
    assert 0 < figures.p50_ms <= figures.p99_ms <= figures.max_ms
    assert figures.startup_seconds > 0.05


def test_measuring_reports_errors() -> None:
    with pytest.raises(UserError, match="65 voices"):
        measure_live(NO_DEVICE, Patch("ok"), 65, 0.1, engine=FAKE_ENGINE)
    with pytest.raises(UserError, match="bad is not a model"):
        measure_live(NO_DEVICE, Patch("bad"), 1, 0.1, engine=FAKE_ENGINE)


def test_the_outbox_merges_patches_but_keeps_every_note_in_order() -> None:
    outbox = Outbox()
    sounds = [Play(SetPatch(Patch("ok", slot_a=i))) for i in range(5)]
    notes = [Play(NoteOn(60)), Play(NoteOff(60)), Play(Panic())]
    for command in (sounds[0], sounds[1], notes[0], sounds[2], sounds[3], notes[1], notes[2], sounds[4]):
        outbox.put(command)
    outbox.close()
    assert list(iter(outbox.get, None)) == [sounds[1], notes[0], sounds[3], notes[1], notes[2], sounds[4]]


def test_a_full_outbox_holds_few_patches_and_all_notes() -> None:
    outbox = Outbox()
    for i in range(2 * Outbox.CAPACITY):
        outbox.put(Play(NoteOn(i % 128)))
        outbox.put(Play(SetPatch(Patch("ok", slot_a=i))))
    outbox.close()
    taken = list(iter(outbox.get, None))
    notes = [command.message for command in taken if isinstance(command, Play) and isinstance(command.message, NoteOn)]
    assert [note.note for note in notes] == [i % 128 for i in range(2 * Outbox.CAPACITY)]
    assert len(taken) - len(notes) < 300
    assert taken[-1] == Play(SetPatch(Patch("ok", slot_a=2 * Outbox.CAPACITY - 1)))


def test_ready_states_how_long_the_start_took(probe: Probe) -> None:
    start = time.monotonic()
    probe.client.start(NO_DEVICE)
    ready = probe.wait_for(Ready)
    assert ready.pid == probe.client.pid
    assert 0.05 < ready.startup_seconds <= time.monotonic() - start


def test_the_log_of_the_audio_process_arrives_in_the_app(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "synth_app")

    def logged(logger: str, text: str) -> bool:
        return any(record.name == logger and text in record.getMessage() for record in list(caplog.records))

    play(probe, "ok")
    probe.client.send(SetPatch(Patch("bad")))
    probe.client.send(SetPatch(Patch("fails")))
    wait_until(lambda: logged("synth_app.audio.process.model_switcher", "model ok ready in quality live after 0."))
    wait_until(lambda: logged("synth_app.audio.process.output_supervisor", "no output device is selected"))
    wait_until(lambda: logged("synth_app.audio.process.main", "RuntimeError: the engine tripped"))
    assert logged("synth_app.audio.client.audio_client", f"audio process {probe.client.pid} plays")
    forwarded = [record for record in caplog.records if record.name.startswith("synth_app.audio.process")]
    assert {record.process for record in forwarded} == {probe.client.pid}


def test_the_audio_process_keeps_to_the_log_level_of_the_app(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR", "synth_app")
    play(probe, "ok")
    probe.client.send(SetPatch(Patch("fails")))
    wait_until(lambda: bool(caplog.records))
    assert {record.levelname for record in caplog.records} == {"ERROR"}
