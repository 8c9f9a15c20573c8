"""A graph in the real program: real window, mouse and keys under Xvfb, real audio process and sound card."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.ui.running_program import RATE, RunningProgram, started_program

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]
EDITOR = "W.graphs.window_of('shapes').page.amplitude"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProgram]:
    """The program after its first start."""
    with started_program(tmp_path_factory.mktemp("graphs")) as made:
        made.wait("W.tour.current")
        made.keys("Escape")
        yield made


def point(program: RunningProgram, x: str, y: str) -> list[int]:
    """Return the position on the screen of values in the graph."""
    return program.position(
        f"at({EDITOR}.viewport(), {EDITOR}.position_of({x}, {y}).x(), {EDITOR}.position_of({x}, {y}).y())"
    )


@succeeds_once_in_three_runs
def test_a_dragged_sustain_is_heard_saved_and_undone(program: RunningProgram) -> None:
    for name, value in (("decay_s", 0.1), ("sustain", 1.0)):
        program.wait(f"W.presets.state.store.set_param({name!r}, {value}) is None")
    program.keys("ctrl+shift+e")
    program.wait("W.graphs.window_of('shapes')")
    program.focus("Envelopes and LFOs")
    program.wait(f"{EDITOR}.hasFocus() or {EDITOR}.setFocus() is None")
    sustain = f"{EDITOR}.handles[1]"
    start, end = point(program, f"{sustain}.x", f"{sustain}.y"), point(program, f"{sustain}.x", "0.1")
    with program.key_down("a"), program.sink.recording() as recording:
        recording.go_on(0.8)
        program.drag(start, end)
        program.wait("W.presets.state.store.patch.value('sustain') < 0.2")
        recording.go_on(2.0)
    heard = np.abs(recording.samples()).max(axis=1)
    loud, quiet = heard[: RATE // 2].max(), heard[-RATE // 3 :].max()
    assert loud > 0.01, "keys play in the graph's window"
    assert quiet < 0.5 * loud, "the held note follows the drag"
    assert program.session(lambda saved: saved["params"].get("sustain", 1.0) < 0.2)
    program.keys("ctrl+z")
    program.wait("W.presets.state.store.patch.value('sustain') == 1.0")
    program.keys("Escape")
    program.wait("W.graphs.window_of('shapes') is None")
