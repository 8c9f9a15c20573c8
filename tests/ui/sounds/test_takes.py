"""Own sounds that are recorded from an input or from the program's own output."""

from pathlib import Path

import pytest

from synth_app.audio.input.messages import (
    InputDevice,
    InputLevel,
    InputList,
    InputState,
    ListInputs,
    OpenInput,
    StartTake,
    StopTake,
    TakeEnded,
    TakeStarted,
)
from tests.session.sounds.recordings import tone, write
from tests.ui.sounds.conftest import Bench


def test_a_take_from_an_input_becomes_a_sound(bench: Bench, tmp_path: Path) -> None:
    fake, panel = bench.rig.fakes.input, bench.page.recorder
    bench.page.empty.record.click()
    assert fake.sent == [ListInputs(), OpenInput(monitor=False)]
    mic = InputDevice("Mic", "ALSA", 1, is_default=True)
    fake.waiting = [InputList((mic,)), InputState("Mic", 48_000), InputLevel(0.5, 0.25, 0.0)]
    bench.until(lambda: max(panel.level.levels_db) > -10)
    assert [panel.source.itemText(i) for i in range(3)] == [
        "This program's output", "System default input: Mic", "Mic – ALSA",
    ]  # fmt: skip
    fake.waiting = [InputList((InputDevice("default", "ALSA", 1, is_default=True),))]
    bench.until(lambda: panel.source.itemText(1) == "System default input")
    panel.record.click()
    start = fake.sent[-1]
    assert isinstance(start, StartTake)
    assert start.max_seconds == 120.0
    fake.waiting = [TakeStarted(), InputLevel(0.5, 0.5, 1.2)]
    bench.until(lambda: panel.time.text() == "0:01 / 2:00")
    assert not panel.source.isEnabled()
    panel.record.click()
    assert fake.sent[-1:] == [StopTake()]
    write(Path(start.path), tone(57.0, 0.4))
    fake.waiting = [TakeEnded(start.path, 0.4)]
    bench.until(lambda: bench.control.entries)
    bench.settle()
    assert round(bench.control.entries[0].sound.recordings[0].pitch) == 57
    assert bench.rig.store.patch.user_notes[0] is not None
    panel.monitor.click()
    assert fake.sent[-1:] == [OpenInput(monitor=True)]
    bench.page.hide()
    assert fake.closed == 1


def test_problems_of_the_input_are_shown_and_block_recording(bench: Bench) -> None:
    bench.page.empty.record.click()
    bench.rig.fakes.input.waiting = [InputState("", 0, "there is no input device; plug in a microphone")]
    bench.until(lambda: bench.page.recorder.problem.isVisible())
    assert "plug in" in bench.page.recorder.problem.text()
    assert not bench.page.recorder.record.isEnabled()


def test_the_programs_own_output_becomes_a_sound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = bench.rig.fakes.recorder
    bench.page.empty.capture.click()
    panel = bench.page.recorder
    assert not panel.monitor.isEnabled()
    panel.record.click()
    path = recorder.path
    assert path is not None

    def stop() -> float:
        write(path, tone(64.0, 0.4))
        return 0.4

    monkeypatch.setattr(recorder, "stop", stop)
    panel.record.click()
    bench.settle()
    assert bench.control.entries[0].sound.recordings[0].source == path.name


def test_a_refused_take_is_told(bench: Bench) -> None:
    bench.rig.fakes.recorder.refuse = "the disk is full"
    bench.page.empty.capture.click()
    bench.page.recorder.record.click()
    assert "disk is full" in bench.page.recorder.problem.text()
