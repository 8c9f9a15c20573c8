"""Macros in the real program: named, dragged to a knob of another page, heard, and the same after a second start."""

import numpy as np
import pytest

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.ui.journeys.steps import (
    PARTIALS,
    STORE,
    drag_cutoff,
    play_organ,
    reset,
    save_preset,
    show_page,
    switch_filter_on,
)
from tests.ui.running_program import RATE, RunningProgram, band_db

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]
NAME, KNOB = "w.macros.names[0]", "w.macros.knobs['macro1']"


def rise_db(program: RunningProgram) -> float:
    """Hold a key, turn the first macro up with the mouse, and return how much louder the upper partials get."""
    show_page(program, "macros")
    knob = program.position(f"at({KNOB}, None, 20)")
    with program.sink.recording() as recording, program.key_down("a"):
        recording.go_on(0.6)
        before_s = len(recording.samples()) / RATE
        program.drag(knob, [knob[0], knob[1] - 200])
        program.wait(f"{STORE}.patch.value('macro1') == 1.0 and not {KNOB}.dragging")
        recording.go_on(0.5)
        after_s = len(recording.samples()) / RATE
    before, after = (band_db(recording.samples(), end - 0.2, 0.2) for end in (before_s, after_s))
    return float(np.median((after - before)[list(PARTIALS)]))


def drag_over_a_tab(program: RunningProgram, start: list[int], tab: str, target: str) -> None:
    """Drag from a place to a control of another page, which opens while the mouse rests on its tab."""
    over = program.position(f"at(w.deck.tabs.buttons[{tab!r}])")
    program.xdotool("mousemove", *start, "mousedown", 1)
    for fraction in np.linspace(0, 1, 8):
        program.xdotool("mousemove", *(round(a + (b - a) * fraction) for a, b in zip(start, over, strict=True)))
    program.wait(f"w.deck.page == {tab!r}")
    end = program.position(f"at({target})")
    for step in (12, 6, 0):
        program.xdotool("mousemove", end[0] - step, end[1] + step)
    program.wait(f"{target}.drop_marked")
    program.xdotool("mouseup", 1)


@succeeds_once_in_three_runs
def test_a_macro_is_named_connected_turned_and_loaded_after_a_second_start(program: RunningProgram) -> None:
    if program.process.poll() is not None:
        program.launch_again()
    reset(program)
    for saved in program.presets.glob("*.json"):
        saved.unlink()
    play_organ(program)
    switch_filter_on(program)
    drag_cutoff(program, 300.0)
    show_page(program, "macros")
    at = program.position(f"at({NAME}, 20)")
    program.click(at, times=2)
    program.wait(f"not {NAME}.isReadOnly()")
    program.type("Daylight")
    program.keys("Return")
    program.wait(f"{STORE}.patch.macro_names[0] == 'Daylight'")
    drag_over_a_tab(program, at, "filter", "w.filter.knobs['filter_cutoff_hz']")
    links = f"[(c.source, c.target) for c in {STORE}.patch.modulation.connections]"
    program.wait(f"{links} == [('macro1', 'filter_cutoff_hz')]")
    save_preset(program, "Daylight")
    assert rise_db(program) > 8.0, "the target moves while the note sounds"
    reset(program)
    program.quit()
    program.launch_again()
    program.load_preset("daylight")
    program.wait(f"{STORE}.state.preset and {STORE}.state.preset.key == 'user/daylight'")
    program.keys("Escape")
    program.focus()
    program.wait(f"{NAME}.text() == 'Daylight' and w.macros.targets[0].text == 'Cutoff'")
    assert rise_db(program) > 8.0, "the preset has the name and the connection"
