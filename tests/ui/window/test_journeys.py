"""User journeys through the real program: real window, mouse, keys, audio process and sound card.

Each test checks its result outside of the window: in files, or in the sound that the sound card played.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.ui.running_program import RunningProgram, band_db, difference_db, onsets_s, pitch_hz, started_program

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProgram]:
    """The program after its first start, with the tour over the window."""
    with started_program(tmp_path_factory.mktemp("program")) as made:
        yield made


def reset(program: RunningProgram) -> None:
    """Load the initial patch, silence all notes and close popups."""
    program.keys("Escape", "ctrl+period")
    program.wait("not W.pages.browser.isVisible()")
    program.command("init")
    program.wait("not any(W.presets.state.store.patch.offset) and W.presets.state.store.patch.value('morph') == 0.0")


def fader_ends(program: RunningProgram) -> list[list[int]]:
    """Return the positions of both ends of the morph fader."""
    fader, track = "w.morph.fader", "w.morph.fader.track()"
    return [program.position(f"at({fader}, {track}.left() + {end} * {track}.width())") for end in (0, 1)]


def test_1_esc_ends_the_tour_for_good(program: RunningProgram) -> None:
    program.wait("W.tour.current")
    program.keys("Escape")
    settings = program.wait_file(program.config / "settings.json")
    assert json.loads(settings.read_text())["toured"] is True


@succeeds_once_in_three_runs
def test_2_a_recording_contains_keys_and_a_slider_move(program: RunningProgram) -> None:
    for earlier in (program.music / "synth_app").glob("*.wav"):
        earlier.unlink()
    program.wait("w.latent.show_mode('latent') is None")
    slider = "w.latent.sliders[0]"
    start = program.position(
        f"at({slider}, {slider}.track().left() + {slider}.normalized() * {slider}.track().width())"
    )
    right = program.position(f"at({slider}, {slider}.track().right() - 6)")
    left = program.position(f"at({slider}, {slider}.track().left() + 6)")
    end = max((left, right), key=lambda x: abs(x[0] - start[0]))
    # the motion of the note would count as a change by the slider
    program.wait("W.presets.state.store.set_param('motion', 0.0) is None")
    with program.key_down("a"):
        time.sleep(0.4)
        program.keys("ctrl+r")
        time.sleep(1.0)
        before = program.number("W.presets.state.store.patch.offset[0]")
        program.drag(start, end)
        program.wait(f"abs(W.presets.state.store.patch.offset[0] - {before}) > 0.1 and not {slider}.dragging")
        time.sleep(0.8)
        program.keys("ctrl+r")
    path = program.wait_file(program.music / "synth_app" / "*.wav")
    audio, rate = soundfile.read(path)
    assert rate == 48_000
    length = len(audio) / rate
    first, second, last = (band_db(audio, at, 0.5) for at in (0.1, 0.5, length - 0.6))
    assert first.max() > -50, "a held key sounds"
    change, drift = difference_db(first, last, 25.0), difference_db(first, second, 25.0)
    assert change > max(3.0, 2 * drift), f"moved by {change:.1f} dB, drifts by {drift:.1f} dB on its own"


@succeeds_once_in_three_runs
def test_3_recorded_automation_plays_with_every_phrase(program: RunningProgram) -> None:
    reset(program)
    low, high = fader_ends(program)
    program.keys("ctrl+l")
    began = time.monotonic()
    with program.key_down("a"):
        time.sleep(0.5)
        program.drag(low, high, 0.8)
        program.wait("W.presets.state.store.patch.value('morph') > 0.9")
        moved_s = time.monotonic() - began  # the drag takes longer on a slow machine
        time.sleep(0.4)
        program.keys("ctrl+l")
    saved = program.session(lambda saved: bool(saved["gesture"]))
    assert "morph" in saved["gesture"]["curves"]
    assert saved["params"]["morph"] == 0.0, "the fader is back where it was"
    time.sleep(0.6)
    with program.sink.recording() as recording:
        for _ in range(2):
            with program.key_down("a"):
                recording.go_on(moved_s + 0.4)
            recording.go_on(0.9)
        recording.go_on(0.2)
    heard = recording.samples()
    first, second = onsets_s(heard)[:2]
    begin, late = band_db(heard, first + 0.05, 0.3), band_db(heard, first + moved_s, 0.3)
    again = band_db(heard, second + 0.05, 0.3)
    assert difference_db(begin, late) > 3 * difference_db(begin, again), (
        "it moves the sound, and restarts with the phrase"
    )
    program.command("clear automation")
    program.session(lambda saved: saved["gesture"] is None)


@succeeds_once_in_three_runs
def test_4_the_morph_fader_changes_the_sound(program: RunningProgram) -> None:
    reset(program)
    low, high = fader_ends(program)
    with program.sink.recording() as recording, program.key_down("a"):
        recording.go_on(0.8)
        moved_from = len(recording.samples()) / 48_000
        program.drag(low, high)
        program.wait("W.presets.state.store.patch.value('morph') > 0.9")
        recording.go_on(0.7)
    heard = recording.samples()
    end = len(heard) / 48_000
    change = difference_db(band_db(heard, moved_from - 0.4), band_db(heard, end - 0.6))
    assert change > 3.0, f"{change:.1f} dB"
    program.session(lambda saved: saved["params"]["morph"] > 0.9)


def test_5_a_click_on_the_map_plays_and_a_double_click_loads(program: RunningProgram) -> None:
    reset(program)
    before = program.session(lambda saved: bool(saved["slot_a"]))["slot_a"]
    program.keys("ctrl+2")
    program.wait("w.pad.map.canvas.isVisible()")
    canvas = "w.pad.map.canvas"
    bank = "W.maps.pad_controller.store.bank"
    row = f"next(i for i, note in enumerate({bank}) if note.family == 'flute' and note.pitch == 60)"
    point = program.position(f"(lambda p: at({canvas}, p.x(), p.y()))({canvas}.pixel_of({row}))")
    with program.sink.recording() as recording:
        program.click(point)
        recording.go_on(0.8)
    assert np.abs(recording.samples()).max() > 0.01, "a click is heard"
    program.click(point, times=2)
    saved = program.session(lambda saved: saved["slot_a"] != before)
    assert saved["slot_a"].startswith("flute"), saved["slot_a"]
    assert saved["field"]["mode"] == "map"
    program.keys("ctrl+1")


@succeeds_once_in_three_runs
def test_6_computer_keys_change_the_octave(program: RunningProgram) -> None:
    reset(program)
    heard = []
    for step in ("x", "z"):
        time.sleep(1.0)
        with program.sink.recording() as recording, program.key_down("a"):
            recording.go_on(0.6)
        heard.append(recording.samples())
        program.keys(step)
    low, high = (pitch_hz(audio, onsets_s(audio)[0] + 0.1) for audio in heard)
    assert high / low == pytest.approx(2.0, rel=0.02)


@succeeds_once_in_three_runs
def test_7_undo_and_redo_change_the_model_under_a_held_note(program: RunningProgram) -> None:
    program.command("model test")
    first = program.session(lambda saved: Path(saved["model"]).stem == "test")["model"]
    reset(program)
    program.command("model wide")
    program.session(lambda saved: Path(saved["model"]).stem == "wide" and len(saved["offset"]) == 24)
    for keys, latent in (("ctrl+z", 16), ("ctrl+shift+z", 24)):
        program.wait("True")  # reports of earlier loads are read by now
        with program.key_down("a"), program.sink.recording() as recording:
            recording.go_on(0.4)
            program.keys(keys)
            program.wait_report("ModelLoaded")
            recording.go_on(0.4)
        heard = np.abs(recording.samples()).max(axis=1)
        blocks = heard[: len(heard) // 4800 * 4800].reshape(-1, 4800).max(axis=1)  # 100 ms
        assert blocks[-3:].max() > 1e-4, "the held note goes on in the new model"
        program.session(lambda saved, n=latent: len(saved["offset"]) == n)  # type: ignore[misc]  # a default
    program.keys("ctrl+z")
    program.session(lambda saved: saved["model"] == first)


def test_8_a_preset_is_found_by_name(program: RunningProgram) -> None:
    reset(program)
    program.load_preset("amp grit")
    saved = program.session(lambda saved: bool(saved["preset"]))
    assert saved["preset"] == "factory/amp-grit"
    program.keys("Escape")


def test_9_the_palette_changes_the_theme(program: RunningProgram) -> None:
    program.command("theme: light")
    program.session(lambda saved: saved["window"]["theme"] == "light")
    program.command("theme: dark")
    program.session(lambda saved: saved["window"]["theme"] == "dark")


@succeeds_once_in_three_runs
def test_10_presets_are_heard_while_browsing_and_the_sound_returns(program: RunningProgram) -> None:
    reset(program)
    before = program.session(lambda saved: bool(saved["slot_a"]))
    program.keys("ctrl+b")
    program.wait("W.pages.browser.isVisible() and W.pages.browser.search.hasFocus()")
    program.type("bell")
    program.wait("len(W.pages.browser.list.shown_keys()) > 1")
    heard = []
    for _ in range(2):
        with program.sink.recording() as recording:
            program.keys("Down")
            recording.go_on(1.6)
        heard.append(recording.samples())
        assert np.abs(heard[-1]).max() > 0.01, "each preset plays a phrase"
    first, second = (band_db(audio, 0.3, 1.2) for audio in heard)
    assert difference_db(first, second) > 1.0, "each sounds different"
    program.keys("Escape")
    program.wait("not W.pages.browser.isVisible()")
    with program.sink.recording() as recording:
        recording.go_on(4.0)  # a bell rings on
    assert np.abs(recording.samples()[-4800:]).max() < 1e-3, "the phrase ends"
    after = program.session(lambda saved: True)
    assert {name: after[name] for name in ("slot_a", "slot_b", "params", "offset", "preset")} == {
        name: before[name] for name in ("slot_a", "slot_b", "params", "offset", "preset")
    }
    program.load_preset("amp grit")
    assert program.session(lambda saved: saved["preset"] == "factory/amp-grit")
    program.keys("ctrl+z")
    program.session(lambda saved: saved["slot_a"] == before["slot_a"] and saved["offset"] == before["offset"])


@succeeds_once_in_three_runs
def test_11_a_variation_is_bred_by_keys_alone(program: RunningProgram) -> None:
    reset(program)
    program.keys("ctrl+shift+b")
    program.wait("W.pages.breed.isVisible() and all(card.isEnabled() for card in W.pages.breed.cards)")
    sounds = []
    for key in ("1", "2"):
        with program.sink.recording() as recording:
            program.keys(key)
            recording.go_on(1.2)
        sounds.append(recording.samples())
        assert np.abs(sounds[-1]).max() > 0.01, "a variation is heard"
    program.keys("Return")
    program.wait("len(W.breeding.trail.generations) == 2 and all(card.isEnabled() for card in W.pages.breed.cards)")
    saved = program.session(lambda saved: any(saved["offset"]))
    program.keys("3", "Escape")
    program.wait("not W.pages.breed.isVisible()")
    assert program.session(lambda saved: True)["offset"] == saved["offset"], "leaving returns to the last pick"
    program.keys("ctrl+z")
    program.session(lambda saved: not any(saved["offset"]))


def test_12_a_saved_preset_exists_after_a_restart(program: RunningProgram) -> None:
    reset(program)
    knob = program.position("at(w.envelope.knobs['release_s'], None, 20)")
    program.drag(knob, [knob[0], knob[1] - 60])
    program.wait("W.presets.state.store.patch.value('release_s') > 0.5 and not w.envelope.knobs['release_s'].dragging")
    release = program.number("W.presets.state.store.patch.value('release_s')")
    program.keys("ctrl+shift+s")
    program.focus("Save preset")
    program.type("Long Goodbye")
    program.keys("Return")
    path = program.wait_file(program.presets / "*.json")
    assert json.loads(path.read_text())["params"]["release_s"] == pytest.approx(release)
    program.focus()
    reset(program)
    program.quit()
    program.launch_again()
    assert program.session(lambda saved: True)["params"]["release_s"] != pytest.approx(release)
    program.load_preset("goodbye")
    saved = program.session(lambda saved: saved["preset"] == "user/long-goodbye")
    assert saved["params"]["release_s"] == pytest.approx(release)
    program.quit()
