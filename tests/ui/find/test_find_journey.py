"""Something like this in the real program: hum into a real input, go through the finds by arrow keys, take one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.session.sounds.recordings import tone
from tests.ui.running_program import RATE, RunningProgram, pitch_hz, started_program
from tests.ui.sounds.test_sounds_journey import heard_by_the_input, wait_long

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(900)]
HZ_A3, HZ_C4 = 220.0, 261.6
PAGE, RECORDER, SLOTS = "W.pages.find", "W.pages.find.recorder", "W.presets.state.store.slots"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProgram]:
    """The program after its first start."""
    with started_program(tmp_path_factory.mktemp("find")) as made:
        made.wait("W.tour.current")
        made.keys("Escape")
        yield made


def hum(program: RunningProgram, path: Path) -> None:
    """Record two seconds by the keyboard alone."""
    with heard_by_the_input(program, path):
        program.wait(f"{PAGE}.empty.record.hasFocus()")
        program.keys("space")
        program.wait(f"{RECORDER}.record.hasFocus() and max({RECORDER}.level.levels_db) > -20")
        program.keys("space")
        program.wait(f"{RECORDER}.recording")
        program.wait(f"{RECORDER}.time.text().startswith('0:02')")
        program.keys("space")
        program.wait(f"not {RECORDER}.recording")


@succeeds_once_in_three_runs
def test_a_hum_is_found_heard_by_arrow_keys_and_taken(program: RunningProgram, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", np.tile(tone(57.0, 10.0, slope=1.5, level=0.4), 6), RATE)
    program.focus()
    program.wait(f"{PAGE}.hide() or W.search.refuse('', '') or {SLOTS}.show('a', 0) or not {PAGE}.isVisible()")
    program.keys("ctrl+f")
    program.wait(f"{PAGE}.isVisible()")
    hum(program, tmp_path / "hum.wav")
    wait_long(program, f"W.search.state.result is not None and {PAGE}.list.hasFocus()")
    assert program.number("W.search.state.result.pitch") == pytest.approx(57.0, abs=0.2)
    before = program.number(f"{SLOTS}.bank_index('a')")
    program.click(program.position(f"at({PAGE}.kinds.buttons['note'])"))
    program.wait(f"{PAGE}.kinds.choice == 'note' and ({PAGE}.list.setFocus() or {PAGE}.list.hasFocus())")
    with program.sink.recording() as recording:
        program.keys("Down")
        program.wait(f"{PAGE}.list.current() >= 0")
        recording.go_on(1.5)
    assert pitch_hz(recording.samples(), 0.5) == pytest.approx(HZ_A3, rel=0.02), "heard at the key of the hum"
    program.keys("Down")
    program.wait(f"{SLOTS}.note('a').instrument == {PAGE}.list.names()[1]")
    program.keys("Return")
    program.wait(f"not {PAGE}.isVisible()")
    assert program.number(f"{SLOTS}.bank_index('a')") != before
    program.focus()
    with program.sink.recording() as recording, program.key_down("a"):
        recording.go_on(2.0)
    assert pitch_hz(recording.samples(), 1.2) == pytest.approx(HZ_C4, rel=0.02), "the keys play it"
    taken = program.number(f"{SLOTS}.bank_index('a')")
    program.keys("ctrl+f")
    program.wait(f"{PAGE}.list.hasFocus()")
    program.keys("Down", "Down")
    current = f"{PAGE}.list.currentItem().text(1)"
    program.wait(f"{SLOTS}.note('a').instrument == {current} != {PAGE}.list.names()[1]")
    program.keys("Escape")
    program.wait(f"not {PAGE}.isVisible()")
    assert program.number(f"{SLOTS}.bank_index('a')") == taken, "Escape returns to the sound before"
    program.keys("ctrl+z")
    program.wait(f"{SLOTS}.bank_index('a') == {before:.0f}")
