"""The map in the real program: click, preview with a key held, a preset's star, and a cursor that follows the sound."""

import numpy as np
import pytest

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.ui.journeys.steps import STORE, play_organ, played, reset, save_preset, steady_db
from tests.ui.running_program import RATE, RunningProgram, band_db, difference_db, onsets_s, pitch_hz

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]
CANVAS = "w.pad.map.canvas"
CURSOR = f"(lambda p: at({CANVAS}, p.x(), p.y()))({CANVAS}._cursor_pixel())"
TITLES = f"[{CANVAS}.shown.title(i) for i in range(len({CANVAS}.shown.places))]"
CLICKED = 12  # px, within which the mouse hits a point


def show_map(program: RunningProgram) -> None:
    """Reset, show the map and wait until the presets have their places."""
    reset(program)
    program.keys("ctrl+2")
    program.wait(f"{CANVAS}.isVisible() and len({CANVAS}.shown.marks) >= 200 and not W.map_extras.marks.busy")
    program.xdotool("mousemove", *program.position("at(w.status)"))


def point(program: RunningProgram, row: str) -> list[int]:
    """Return the position on the screen of a row of the map."""
    return program.position(f"at({CANVAS}, *{CANVAS}._pixels[{row}])")


def lone_flute(program: RunningProgram) -> int:
    """Return the row of the flute whose next neighbour is farthest."""
    gap = f"sorted(float((({CANVAS}._pixels[i] - p) ** 2).sum()) for p in {CANVAS}._pixels)[1]"
    flutes = f"[i for i, n in enumerate({CANVAS}.shown.notes) if n.family == 'flute' and 48 <= n.pitch <= 72]"
    return int(program.number(f"max([({gap.replace('[1]', '')}[1], i) for i in {flutes}])[1]"))


@succeeds_once_in_three_runs
def test_1_a_click_plays_the_point_and_the_cursor_is_there(program: RunningProgram) -> None:
    show_map(program)
    row = lone_flute(program)
    note_hz = 440 * 2 ** ((program.number(f"{CANVAS}.shown.notes[{row}].pitch") - 69) / 12)
    at = point(program, str(row))
    with program.sink.recording() as recording:
        program.click(at)
        recording.go_on(0.8)
    heard = recording.samples()
    assert pitch_hz(heard, onsets_s(heard)[0] + 0.15) == pytest.approx(note_hz, rel=0.02)
    cursor = program.position(CURSOR)
    assert np.hypot(cursor[0] - at[0], cursor[1] - at[1]) < 2.0
    assert not program.number(f"len({CANVAS}.remark)"), "the sound is exactly there"
    program.keys("ctrl+z")
    program.wait(f"{STORE}.patch.user_notes[0] is None")


@succeeds_once_in_three_runs
def test_2_hovering_with_a_key_held_previews_and_the_sound_returns(program: RunningProgram) -> None:
    show_map(program)
    play_organ(program)
    beside, at = program.position("at(w.status)"), point(program, str(lone_flute(program)))
    steps, ends = program.number("len(W.presets.service.history.steps)"), []
    with program.sink.recording() as recording, program.key_down("a"):
        for place, active in ((beside, 0), (at, 1), (beside, 0)):
            program.xdotool("mousemove", place[0] - 2, place[1] - 2)
            program.xdotool("mousemove", *place)
            program.wait(f"W.map_extras.preview.active == {active}")
            recording.go_on(0.7)
            ends.append(len(recording.samples()) / RATE)
    own, previewed, back = (band_db(recording.samples(), end - 0.3, 0.3) for end in ends)
    assert difference_db(own, previewed, 30.0) > 3 * difference_db(own, back, 30.0) + 2.0
    assert program.number("len(W.presets.service.history.steps)") == steps, "nothing to undo"
    assert program.number(f"int({STORE}.patch.user_notes[0] is None)") == 1.0


@succeeds_once_in_three_runs
def test_3_an_own_preset_is_a_star_that_is_clicked_or_found_by_keys(program: RunningProgram) -> None:
    show_map(program)
    for saved in program.presets.glob("*.json"):
        saved.unlink()
    program.wait(f"{STORE}.set_param('attack_s', 0.1) is None")
    attack_s = program.number(f"{STORE}.patch.value('attack_s')")
    save_preset(program, "Plain Star")
    reset(program)
    program.wait(f"'Preset: Plain Star' in {TITLES}")
    row = f"{TITLES}.index('Preset: Plain Star')"
    program.click(point(program, row))
    program.wait(f"{STORE}.state.preset and {STORE}.state.preset.key == 'user/plain-star'")
    assert program.number(f"{STORE}.patch.value('attack_s')") == attack_s
    program.keys("ctrl+z")
    program.wait(f"{STORE}.state.preset is None")
    program.wait("w.pad.map.search.setFocus() is None and w.pad.map.search.hasFocus()")
    program.type("plain star")
    program.wait("w.pad.map.search.text() == 'plain star'")
    with program.sink.recording() as recording:
        program.keys("Return")
        program.wait(f"{STORE}.state.preset and {STORE}.state.preset.key == 'user/plain-star'")
        recording.go_on(0.8)
    assert np.abs(recording.samples()).max() > 0.01, "it is heard at once"
    program.keys("ctrl+a", "BackSpace", "Escape")
    program.wait(f"{CANVAS}.hasFocus() and not w.pad.map.search.text()")
    assert np.abs(played(program)).max() > 0.01, "letters play notes again"


@succeeds_once_in_three_runs
def test_4_a_loaded_preset_moves_the_cursor_to_its_place(program: RunningProgram) -> None:
    show_map(program)
    start, plain = program.position(CURSOR), steady_db(played(program), 0.15)
    program.load_preset("amp grit")
    program.wait(f"{STORE}.state.preset and {STORE}.state.preset.key == 'factory/amp-grit'")
    program.keys("Escape")
    marks = f"{{m.key: m.at for m in {CANVAS}.shown.marks}}"
    at = program.position(f"(lambda p: at({CANVAS}, p.x(), p.y()))({CANVAS}._to_pixel({marks}['factory/amp-grit']))")
    cursor = program.position(CURSOR)
    assert np.hypot(cursor[0] - at[0], cursor[1] - at[1]) <= 2.0
    assert np.hypot(cursor[0] - start[0], cursor[1] - start[1]) > CLICKED
    assert difference_db(plain, steady_db(played(program), 0.15)) > 3.0
    program.focus()
    program.keys("ctrl+z")
    program.wait(f"{STORE}.state.preset is None")
    assert program.position(CURSOR) == start, "undo moves it back"
