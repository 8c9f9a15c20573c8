"""Ten journeys of a user through the real program: real window, real mouse and keys, real audio process and sound card.

What each comes to is looked for outside of the window: in files, and in what the sound card played.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.conftest import succeeds_once_in_three_runs
from tests.audio.null_sink import NullSink
from tests.ui.desk import START_S, Desk, band_db, difference_db, onsets_s, pitch_hz, x_server
from tests.ui.model_fixture import make_model

pytestmark = [pytest.mark.xvfb, pytest.mark.device, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The program, started for the first time in its life: the tour is over the window."""
    folder = tmp_path_factory.mktemp("desk")
    models = folder / "models"
    models.mkdir()
    make_model(models / "test.safetensors")  # beside the shipped ones, whose default is what is loaded first
    make_model(models / "wide.safetensors", latent=24, name="wide", title="Wide")
    sink = NullSink()
    try:
        sink.start()
        with x_server() as display:
            made = Desk(display, sink, folder, models)
            try:
                made.wait_report("ModelLoaded", START_S)
                made.focus()
                yield made
            finally:
                made.close()
    finally:
        sink.close()


def fresh(desk: Desk) -> None:
    """The plainest sound, silence, the first page, no popup."""
    desk.keys("Escape", "ctrl+period")
    desk.wait("not W.browser.isVisible()")
    desk.command("init")
    desk.wait("not any(W.presets.store.patch.offset) and W.presets.store.patch.value('morph') == 0.0")


def test_1_the_tour_is_left_by_esc_for_good(desk: Desk) -> None:
    desk.wait("W.guide")
    desk.keys("Escape")
    settings = desk.wait_file(desk.config / "settings.json")
    assert json.loads(settings.read_text())["toured"] is True


@succeeds_once_in_three_runs
def test_2_from_keys_and_a_slider_to_a_saved_wav(desk: Desk) -> None:
    for earlier in (desk.music / "synth_app").glob("*.wav"):
        earlier.unlink()
    slider = "w.latent.sliders[0]"
    start = desk.place(f"at({slider}, {slider}.track().left() + {slider}.normalized() * {slider}.track().width())")
    right = desk.place(f"at({slider}, {slider}.track().right() - 6)")
    left = desk.place(f"at({slider}, {slider}.track().left() + 6)")
    end = max((left, right), key=lambda x: abs(x[0] - start[0]))
    desk.wait("W.presets.store.set_param('motion', 0.0) is None")  # the note's own changes are not the slider's
    with desk.key_down("a"):
        time.sleep(0.4)
        desk.keys("ctrl+r")
        time.sleep(1.0)
        before = desk.number("W.presets.store.patch.offset[0]")
        desk.drag(start, end)
        desk.wait(f"abs(W.presets.store.patch.offset[0] - {before}) > 0.1 and not {slider}.dragging")
        time.sleep(0.8)
        desk.keys("ctrl+r")
    path = desk.wait_file(desk.music / "synth_app" / "*.wav")
    audio, rate = soundfile.read(path)
    assert rate == 48_000
    length = len(audio) / rate
    first, second, last = (band_db(audio, at, 0.5) for at in (0.1, 0.5, length - 0.6))
    assert first.max() > -50, "a held key sounds"
    change, drift = difference_db(first, last, 25.0), difference_db(first, second, 25.0)
    assert change > max(3.0, 2 * drift), f"moved by {change:.1f} dB, drifts by {drift:.1f} dB on its own"


@succeeds_once_in_three_runs
def test_3_a_recorded_gesture_plays_with_every_phrase(desk: Desk) -> None:
    fresh(desk)
    fader = "w.morph.fader"
    low, high = (
        desk.place(f"at({fader}, {fader}.track().left() + {share} * {fader}.track().width())") for share in (0, 1)
    )
    desk.keys("ctrl+l")
    began = time.monotonic()
    with desk.key_down("a"):
        time.sleep(0.5)
        desk.drag(low, high, 0.8)
        desk.wait("W.presets.store.patch.value('morph') > 0.9")
        moved_s = time.monotonic() - began  # a slow machine's hand is slow
        time.sleep(0.4)
        desk.keys("ctrl+l")
    saved = desk.session(lambda saved: bool(saved["gesture"]))
    assert "morph" in saved["gesture"]["curves"]
    assert saved["params"]["morph"] == 0.0, "the fader is back where it was"
    time.sleep(0.6)
    with desk.sink.recording() as recording:
        for _ in range(2):
            with desk.key_down("a"):
                recording.go_on(moved_s + 0.4)
            recording.go_on(0.9)
        recording.go_on(0.2)
    heard = recording.samples()
    first, second = onsets_s(heard)[:2]
    begin, late = band_db(heard, first + 0.05, 0.3), band_db(heard, first + moved_s, 0.3)
    again = band_db(heard, second + 0.05, 0.3)
    assert difference_db(begin, late) > 3 * difference_db(begin, again), "it moves, and begins anew with the phrase"
    desk.command("clear gesture")
    desk.session(lambda saved: saved["gesture"] is None)


@succeeds_once_in_three_runs
def test_4_morph_is_heard(desk: Desk) -> None:
    fresh(desk)
    fader = "w.morph.fader"
    low, high = (
        desk.place(f"at({fader}, {fader}.track().left() + {share} * {fader}.track().width())") for share in (0, 1)
    )
    with desk.sink.recording() as recording, desk.key_down("a"):
        recording.go_on(0.8)
        moved_from = len(recording.samples()) / 48_000
        desk.drag(low, high)
        desk.wait("W.presets.store.patch.value('morph') > 0.9")
        recording.go_on(0.7)
    heard = recording.samples()
    end = len(heard) / 48_000
    change = difference_db(band_db(heard, moved_from - 0.4), band_db(heard, end - 0.6))
    assert change > 3.0, f"{change:.1f} dB"
    desk.session(lambda saved: saved["params"]["morph"] > 0.9)


def test_5_a_click_on_the_map_sounds_and_a_double_click_loads(desk: Desk) -> None:
    fresh(desk)
    before = desk.session(lambda saved: bool(saved["slot_a"]))["slot_a"]
    desk.keys("ctrl+2")
    desk.wait("w.pad.map.canvas.isVisible()")
    canvas = "w.pad.map.canvas"
    bank = "W.maps.pad_controller.store.bank"
    row = f"next(i for i, note in enumerate({bank}) if note.family == 'flute' and note.pitch == 60)"
    point = desk.place(f"(lambda p: at({canvas}, p.x(), p.y()))({canvas}.pixel_of({row}))")
    with desk.sink.recording() as recording:
        desk.click(point)
        recording.go_on(0.8)
    assert np.abs(recording.samples()).max() > 0.01, "a click is heard"
    desk.click(point, times=2)
    saved = desk.session(lambda saved: saved["slot_a"] != before)
    assert saved["slot_a"].startswith("flute"), saved["slot_a"]
    assert saved["field"]["mode"] == "map"
    desk.keys("ctrl+1")


@succeeds_once_in_three_runs
def test_6_the_computers_keys_change_the_octave(desk: Desk) -> None:
    fresh(desk)
    heard = []
    for step in ("x", "z"):
        time.sleep(1.0)
        with desk.sink.recording() as recording, desk.key_down("a"):
            recording.go_on(0.6)
        heard.append(recording.samples())
        desk.keys(step)
    low, high = (pitch_hz(audio, onsets_s(audio)[0] + 0.1) for audio in heard)
    assert high / low == pytest.approx(2.0, rel=0.02)


@succeeds_once_in_three_runs
def test_7_undo_and_redo_change_the_model_under_a_held_note(desk: Desk) -> None:
    desk.command("model test")
    first = desk.session(lambda saved: Path(saved["model"]).stem == "test")["model"]
    fresh(desk)
    desk.command("model wide")
    desk.session(lambda saved: Path(saved["model"]).stem == "wide" and len(saved["offset"]) == 24)
    for keys, latent in (("ctrl+z", 16), ("ctrl+shift+z", 24)):
        desk.wait("True")  # reports of earlier loads are read by now
        with desk.key_down("a"), desk.sink.recording() as recording:
            recording.go_on(0.4)
            desk.keys(keys)
            desk.wait_report("ModelLoaded")
            recording.go_on(0.4)
        heard = np.abs(recording.samples()).max(axis=1)
        blocks = heard[: len(heard) // 4800 * 4800].reshape(-1, 4800).max(axis=1)  # 100 ms
        assert blocks[-3:].max() > 1e-4, "the held note goes on in the new model"
        desk.session(lambda saved, n=latent: len(saved["offset"]) == n)  # type: ignore[misc]  # a default
    desk.keys("ctrl+z")
    desk.session(lambda saved: saved["model"] == first)


def test_8_a_preset_is_found_by_name(desk: Desk) -> None:
    fresh(desk)
    desk.load_preset("amp grit")
    saved = desk.session(lambda saved: bool(saved["preset"]))
    assert saved["preset"] == "factory/amp-grit"
    desk.keys("Escape")


def test_9_the_palette_changes_the_theme(desk: Desk) -> None:
    desk.command("theme: light")
    desk.session(lambda saved: saved["window"]["theme"] == "light")
    desk.command("theme: dark")
    desk.session(lambda saved: saved["window"]["theme"] == "dark")


def test_10_a_saved_preset_is_there_after_a_restart(desk: Desk) -> None:
    fresh(desk)
    knob = desk.place("at(w.envelope.knobs['release_s'], None, 20)")
    desk.drag(knob, [knob[0], knob[1] - 60])
    desk.wait("W.presets.store.patch.value('release_s') > 0.5 and not w.envelope.knobs['release_s'].dragging")
    release = desk.number("W.presets.store.patch.value('release_s')")
    desk.keys("ctrl+shift+s")
    desk.focus("Save preset")
    desk.type("Long Goodbye")
    desk.keys("Return")
    path = desk.wait_file(desk.presets / "*.json")
    assert json.loads(path.read_text())["params"]["release_s"] == pytest.approx(release)
    desk.focus()
    fresh(desk)
    desk.quit()
    desk.launch_again()
    assert desk.session(lambda saved: True)["params"]["release_s"] != pytest.approx(release)
    desk.load_preset("goodbye")
    saved = desk.session(lambda saved: saved["preset"] == "user/long-goodbye")
    assert saved["params"]["release_s"] == pytest.approx(release)
    desk.quit()
