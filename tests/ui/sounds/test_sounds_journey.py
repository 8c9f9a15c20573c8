"""Own sounds in the real program: record from a real input and play; drop three files, list, drag into a slot."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.session.sounds.recordings import tone, write
from tests.ui.running_program import RATE, RunningProgram, pitch_hz, started_program
from tests.ui.sounds.drag_source import PLACE

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(900)]
HZ_A3, HZ_C4 = 220.0, 261.6
SLOT_A = "W.presets.state.store.patch.user_notes[0]"
SLOT_B = "W.presets.state.store.patch.user_notes[1]"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProgram]:
    """The program after its first start."""
    with started_program(tmp_path_factory.mktemp("sounds")) as made:
        made.wait("W.tour.current")
        made.keys("Escape")
        yield made


def wait_long(program: RunningProgram, expression: str, seconds: float = 180.0) -> None:
    """Wait for the worker, which imports much at first."""
    end = time.monotonic() + seconds
    while not program.number(f"int(bool({expression}))"):
        assert time.monotonic() < end, f"never true: {expression}"
        time.sleep(0.1)


@contextmanager
def heard_by_the_input(program: RunningProgram, path: Path) -> Iterator[None]:
    """Play a file into the null sink, whose monitor is the program's input."""
    player = subprocess.Popen(["paplay", str(path)], env=program.env)
    try:
        yield
    finally:
        player.kill()
        player.wait()


@succeeds_once_in_three_runs
def test_a_recorded_note_plays_at_other_keys(program: RunningProgram, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", np.tile(tone(57.0, 10.0, slope=1.5, level=0.4), 6), RATE)
    program.wait("W.pages.sounds.isVisible() or W.pages.toggle_sounds() or W.pages.sounds.isVisible()")
    with heard_by_the_input(program, tmp_path / "hum.wav"):
        program.click(program.position("at(W.pages.sounds.empty.record)"))
        program.wait("max(W.pages.recorder.level.levels_db) > -20")
        program.click(program.position("at(W.pages.recorder.record)"))
        program.wait("W.pages.recorder.recording")
        program.wait("W.pages.recorder.time.text().startswith('0:02')")
        program.click(program.position("at(W.pages.recorder.record)"))
        program.wait("not W.pages.recorder.recording")
    wait_long(program, f"{SLOT_A} is not None")
    assert program.number(f"{SLOT_A}.pitch") == pytest.approx(57.0, abs=0.2)
    assert len(list(program.music.rglob("Take *.wav"))) == 1
    program.keys("Escape")
    program.wait("not W.pages.sounds.isVisible()")
    program.focus()
    with program.sink.recording() as recording, program.key_down("a"):
        recording.go_on(2.0)
    assert pitch_hz(recording.samples(), 1.2) == pytest.approx(HZ_C4, rel=0.02)


@succeeds_once_in_three_runs
def test_three_dropped_files_are_listed_and_one_is_dragged_into_a_slot(program: RunningProgram, tmp_path: Path) -> None:
    names = ("glass", "kazoo", "saw")
    files = [write(tmp_path / f"{name}.wav", tone(60.0 + 4 * i, 0.8)) for i, name in enumerate(names)]
    before = program.number("len(W.sounds.entries)")
    program.wait("W.pages.sounds.isVisible() or W.pages.toggle_sounds() or W.pages.sounds.isVisible()")
    source = subprocess.Popen([sys.executable, "-m", "tests.ui.sounds.drag_source", *map(str, files)], env=program.env)
    try:
        program.xdotool("search", "--sync", "--onlyvisible", "--pid", source.pid)
        program.drag([PLACE[0] + 20, PLACE[1] + 20], program.position("at(W.pages.sounds, 200, 200)"), 1.5)
        wait_long(program, f"len(W.sounds.entries) == {before + 3:.0f}")
    finally:
        source.kill()
        source.wait()
    row = (
        "W.pages.sounds.list.visualItemRect(W.pages.sounds.list.topLevelItem("
        "[e.sound.name for e in W.sounds.entries].index('kazoo')))"
    )
    start = program.position(f"at(W.pages.sounds.list.viewport(), {row}.center().x(), {row}.center().y())")
    slot = program.position("at(w.morph.cards['b'])")
    program.drag(start, slot, 1.5)
    wait_long(program, f"{SLOT_B} is not None and {SLOT_B}.name == 'kazoo'")
    assert program.number("W.pages.sounds.isVisible()") == 1.0


@succeeds_once_in_three_runs
def test_the_recorded_sound_is_a_cross_on_the_map_and_a_click_plays_it(program: RunningProgram) -> None:
    canvas, take = "w.pad.map.canvas", "next(e.key for e in W.sounds.entries if e.sound.name.startswith('Take'))"
    program.focus()
    program.keys("Escape")
    program.command("init")
    program.wait(f"{SLOT_A} is None and not W.pages.sounds.isVisible()")
    program.keys("ctrl+2")
    keys = f"[m.key for m in {canvas}.shown.marks]"
    program.wait(f"{canvas}.isVisible() and not W.map_extras.marks.busy and {take} in {keys}")
    row = f"len({canvas}.shown.notes) + {keys}.index({take})"
    program.click(program.position(f"at({canvas}, *{canvas}._pixels[{row}])"))
    wait_long(program, f"{SLOT_A} is not None and {SLOT_A}.name.startswith('Take')")
    with program.sink.recording() as recording, program.key_down("a"):
        recording.go_on(2.0)
    assert pitch_hz(recording.samples(), 1.2) == pytest.approx(HZ_C4, rel=0.02)
