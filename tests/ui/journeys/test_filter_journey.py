"""The filter in the real program: switched on, dragged, heard, undone, opened by its envelope, saved; keys alone."""

import numpy as np
import pytest

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.ui.journeys.steps import (
    FILTER,
    FUNDAMENTAL,
    PARTIALS,
    STORE,
    drag_cutoff,
    played,
    reset,
    save_preset,
    show_page,
    steady_db,
    switch_filter_on,
)
from tests.ui.running_program import RunningProgram, band_db

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]
HZ_C4 = 261.63


def fall_db(cutoff_hz: float, partial: int) -> float:
    """Return by how much a Butterworth filter of two poles lowers a partial of C4."""
    return float(10 * np.log10(1 + (partial * HZ_C4 / cutoff_hz) ** 4))


@succeeds_once_in_three_runs
def test_1_a_dragged_cutoff_is_heard_and_undone(program: RunningProgram) -> None:
    reset(program)
    plain = steady_db(played(program), 0.15)
    switch_filter_on(program)
    cutoff_hz = drag_cutoff(program, 300.0)
    closed = steady_db(played(program), 0.15)
    fall = plain - closed
    assert fall[FUNDAMENTAL] == pytest.approx(fall_db(cutoff_hz, 1), abs=1.5), "below the cutoff it stays"
    expected = [fall_db(cutoff_hz, partial) for partial in (4, 5, 6, 7)]
    assert fall[list(PARTIALS)] == pytest.approx(expected, abs=3.0), "12 dB per octave above it"
    program.keys("ctrl+z")
    program.wait(f"{STORE}.patch.value('filter_cutoff_hz') == 1000.0")
    program.keys("ctrl+z")
    program.wait(f"{STORE}.patch.value('filter_on') == 0.0 and not w.filter.switch.on")
    again = steady_db(played(program), 0.15)
    assert again[list(PARTIALS)] == pytest.approx(plain[list(PARTIALS)], abs=1.5)


@succeeds_once_in_three_runs
def test_2_the_envelope_opens_the_filter_and_a_preset_keeps_it(program: RunningProgram) -> None:
    reset(program)
    for saved in program.presets.glob("*.json"):
        saved.unlink()
    switch_filter_on(program)
    drag_cutoff(program, 300.0)
    closed = played(program, 1.4)
    knob = program.position("at(w.filter_envelope.knobs['filter_env_oct'], None, 20)")
    program.drag(knob, [knob[0], knob[1] - 45])
    program.wait(
        f"{STORE}.patch.value('filter_env_oct') > 3.0 and not w.filter_envelope.knobs['filter_env_oct'].dragging"
    )
    moved = played(program, 1.4)
    partials = list(PARTIALS)
    opened, later = (band_db(moved, at, 0.1) - band_db(closed, at, 0.1) for at in (0.03, 1.2))
    assert opened[partials].min() > 10.0, "the attack passes"
    assert np.abs(later[partials]).max() < 4.0, "after the decay the filter is closed again"
    before = program.number(f"{STORE}.patch.value('filter_env_oct')")
    save_preset(program, "Slow Door")
    reset(program)
    program.load_preset("slow door")
    program.wait(f"{STORE}.patch.value('filter_env_oct') == {before!r} and w.filter.switch.on")
    program.keys("Escape")
    loaded = band_db(played(program, 0.6), 0.03, 0.1) - band_db(moved, 0.03, 0.1)
    assert np.median(np.abs(loaded[partials])) < 3.0, "the preset sounds as it was saved"


@succeeds_once_in_three_runs
def test_3_keys_alone_switch_it_on_and_close_it(program: RunningProgram) -> None:
    reset(program)
    show_page(program, "sound")
    plain = steady_db(played(program), 0.15)
    program.command("deck: filter")
    program.wait("w.deck.tabs.buttons['filter'].hasFocus()")
    program.keys("Tab")
    program.wait("w.filter.switch.hasFocus()")
    program.keys("space", "Tab")
    program.wait(f"{FILTER}.hasFocus() and {STORE}.patch.value('filter_on') == 1.0")
    program.keys("ctrl+Left", "ctrl+Left")
    program.wait(f"{STORE}.patch.value('filter_cutoff_hz') < 300.0")
    cutoff_hz = program.number(f"{STORE}.patch.value('filter_cutoff_hz')")
    fall = plain - steady_db(played(program), 0.15)
    expected = [fall_db(cutoff_hz, partial) for partial in (4, 5, 6, 7)]
    assert fall[list(PARTIALS)] == pytest.approx(expected, abs=3.0)
    program.keys("Delete")
    program.wait(f"{STORE}.patch.value('filter_cutoff_hz') == 1000.0")
