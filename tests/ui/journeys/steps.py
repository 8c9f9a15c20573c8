"""Steps of the journeys: reset, hear a key, drag on the filter's curve, save a preset."""

import numpy as np
from numpy.typing import NDArray

from tests.ui.running_program import RunningProgram, band_db, onsets_s

STORE = "W.presets.state.store"
FILTER = "w.filter.canvas"
FUNDAMENTAL = 2  # band of the partial of C4 at 262 Hz
PARTIALS = (10, 13, 15, 18)  # bands of its partials 4, 5, 6 and 7
Floats = NDArray[np.float64]


def reset(program: RunningProgram) -> None:
    """Load the initial patch, silence all notes and close popups and pages."""
    program.focus()
    program.keys("Escape", "ctrl+period")
    program.command("init")
    program.wait(f"{STORE}.patch.value('filter_on') == 0.0 and not {STORE}.patch.modulation.connections")


def play_organ(program: RunningProgram) -> None:
    """Put an organ into slot A: its level and its spectrum stay while a key is held."""
    program.wait(
        f"{STORE}.slots.show('a', next(i for i, n in enumerate({STORE}.bank) if n.family == 'organ' and n.pitch == 60))"
        " is None"
    )


def show_page(program: RunningProgram, key: str) -> None:
    """Click a tab of the deck."""
    program.click(program.position(f"at(w.deck.tabs.buttons[{key!r}])"))
    program.wait(f"w.deck.page == {key!r}")


def steady_db(stereo: NDArray[np.floating], start_s: float, seconds: float = 0.5) -> Floats:
    """Return the median spectrum of windows of 0.1 s, so that a dropout of the sound server leaves it as it is."""
    starts = np.arange(start_s, start_s + seconds - 0.05, 0.1)
    out: Floats = np.median([band_db(stereo, at, 0.1) for at in starts], axis=0)
    return out


def played(program: RunningProgram, seconds: float = 0.9) -> NDArray[np.float32]:
    """Return what the sound card plays while the key of C4 is held, from the onset on."""
    program.keys("ctrl+period")  # a phrase of the browser may still sound
    program.wait("not W.notes.held")
    with program.sink.recording() as recording:
        recording.go_on(0.2)
        with program.key_down("a"):
            recording.go_on(seconds)
    samples = recording.samples()
    onsets = onsets_s(samples)
    assert onsets, "the key is not heard"
    return samples[round(onsets[0] * 48_000) :]


def switch_filter_on(program: RunningProgram) -> None:
    """Show the filter's page and click its switch."""
    show_page(program, "filter")
    program.click(program.position("at(w.filter.switch)"))
    program.wait(f"{STORE}.patch.value('filter_on') == 1.0")


def drag_cutoff(program: RunningProgram, hz: float) -> float:
    """Drag the handle of the filter's curve to a cutoff; return the cutoff that is set."""
    start, end = (
        program.position(f"(lambda p: at({FILTER}, p.x(), p.y()))({FILTER}.{place})")
        for place in ("handle()", f"pixel({hz}, -3.01)")
    )
    program.drag(start, end)
    program.wait(f"abs({STORE}.patch.value('filter_cutoff_hz') / {hz} - 1) < 0.05 and {FILTER}._drag_from is None")
    return program.number(f"{STORE}.patch.value('filter_cutoff_hz')")


def save_preset(program: RunningProgram, name: str) -> None:
    """Save a preset under a new name."""
    program.focus()
    program.keys("ctrl+shift+s")
    program.focus("Save preset")
    program.type(name)
    program.keys("Return")
    program.wait_file(program.presets / f"{name.lower().replace(' ', '-')}.json")
    program.focus()
