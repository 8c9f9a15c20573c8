"""Analyzer windows: what they measure against known sounds, hold, cursors, regions, and files read back."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from synth_app.ui.analyzers.capture import CAPTURED_S, Capture
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerPage
from synth_app.ui.analyzers.detached.loudness_page import LoudnessPage
from synth_app.ui.analyzers.detached.marks import Marks
from synth_app.ui.analyzers.detached.spectrogram_page import SpectrogramPage
from synth_app.ui.analyzers.detached.spectrum_page import SpectrumPage
from synth_app.ui.analyzers.detached.wave_page import WavePage, extremes
from synth_app.ui.widgets.toast import toast_of
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import double_click, drag_to, place, press_key, settle

KEYS = ("spectrum", "scope", "spectrogram", "level")


def tone(hz: float, seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    n = round(seconds * 48_000)
    return (level * np.sin(2 * np.pi * hz * np.arange(n) / 48_000)).astype(np.float32)


def play(rig: Rig, samples: NDArray[np.float32]) -> None:
    for start in range(0, len(samples), 4800):
        rig.audio.telemetry.play(samples[start : start + 4800])
        rig.window.feed.tick()


def page_of(rig: Rig, key: str) -> AnalyzerPage:
    window = rig.window.graphs.open("analyzer", key)
    settle(window)
    page = window.page
    assert isinstance(page, AnalyzerPage)
    return page


def saved(rig: Rig, suffix: str) -> Path:
    (path,) = rig.fakes.services.music_folder.glob(f"*{suffix}")
    return path


def rows_of(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return head, np.array(rows, np.float64)


def test_the_waveform_shows_what_was_played_and_saves_the_region(rig: Rig) -> None:
    page = page_of(rig, "scope")
    assert isinstance(page, WavePage)
    sound = np.concatenate([tone(300.0, 1.0), np.zeros(24_000, np.float32)])
    play(rig, sound)
    np.testing.assert_array_equal(page.capture.samples[-len(sound) :, 0], sound)
    times, levels = page.curves[0].getData()
    assert levels.max() == pytest.approx(0.5, abs=1e-3)
    assert times[np.flatnonzero(levels > 0.4)[-1]] == pytest.approx(-0.5, abs=0.03)
    page.region.click()
    page._set_marks(Marks(-2.0, -1.0, -1.25, -0.75, region=True))
    page.save_sound.trigger()
    page.save_table.trigger()
    heard, rate = soundfile.read(saved(rig, ".wav"), dtype="float32")
    assert rate == 48_000
    np.testing.assert_array_equal(heard[:, 1], sound[12_000:36_000])
    head, rows = rows_of(saved(rig, ".csv"))
    assert head == ["time_s", "left", "right"]
    assert rows[0, 0] == -1.25
    np.testing.assert_allclose(rows[:, 1], sound[12_000:36_000], atol=1e-7)
    assert ".csv" in toast_of(page.window()).text.text()


def test_without_a_region_the_view_is_saved_and_an_empty_one_is_refused(rig: Rig) -> None:
    page = page_of(rig, "scope")
    play(rig, tone(300.0, 0.5))
    page.editor.box.setRange(xRange=(-0.3, -0.1), padding=0.0)
    page.save_sound.trigger()
    assert soundfile.info(saved(rig, ".wav")).frames == pytest.approx(9600, abs=2)
    page._set_marks(Marks(-2.0, -1.0, -0.5, -0.5, region=True))
    page.save_table.trigger()
    assert "region is empty" in rig.window.work.status.message.text()
    assert not list(rig.fakes.services.music_folder.glob("*.csv"))
    assert not list(rig.fakes.services.music_folder.glob(".*")), "no half file"


def test_the_spectrum_measures_two_tones_by_its_cursors(rig: Rig) -> None:
    page = page_of(rig, "spectrum")
    assert isinstance(page, SpectrumPage)
    play(rig, tone(1000.0, 1.0) + tone(2000.0, 1.0, 0.05))
    page._set_marks(Marks(3.0, float(np.log10(2000.0)), 2.5, 3.5, region=True))
    text = page.readout.text()
    assert "+1000.0 Hz" in text
    assert "+12.00 st" in text
    assert "−20.0 dB" in text
    assert page.editor.handles[0].text.startswith("Cursor 1   1000.0 Hz  B5 +21 ct   −6.1 dB"), "0.1 dB between bins"
    page.save_table.trigger()
    head, rows = rows_of(saved(rig, ".csv"))
    assert head == ["frequency_hz", "output_db", "decoded_db"]
    assert rows[rows[:, 1].argmax(), 0] == pytest.approx(1000.0, abs=3.0)
    assert rows[0, 0] > 10**2.5 - 3
    assert rows[-1, 0] < 10**3.5 + 3
    assert not page.save_sound.isVisible()


def test_a_kept_spectrum_stays_beside_the_new_one(rig: Rig) -> None:
    page = page_of(rig, "spectrum")
    assert isinstance(page, SpectrumPage)
    play(rig, tone(500.0, 0.6))
    assert page._legend is not None
    assert "kept" not in page._legend.text()
    page.keep.click()
    assert "kept" in page._legend.text()
    kept = page.kept_db
    assert kept is not None
    play(rig, tone(3000.0, 0.6))
    assert page._hz[kept.argmax()] == pytest.approx(500.0, abs=3.0)
    assert page._hz[page.output_db.argmax()] == pytest.approx(3000.0, abs=3.0)
    assert page.table(2.0, 4.0).head[-1] == "kept_db"
    page.keep.click()
    assert page.kept_db is None
    assert "kept" not in page._legend.text()


def test_the_spectrogram_shows_each_tone_at_its_time(rig: Rig) -> None:
    page = page_of(rig, "spectrogram")
    assert isinstance(page, SpectrogramPage)
    play(rig, np.concatenate([tone(400.0, 1.0), tone(4000.0, 1.0)]))
    for x, hz in ((-1.5, 400.0), (-0.5, 4000.0)):
        found, db = page._strongest(x)
        assert found == pytest.approx(hz, rel=0.03)
        assert db == pytest.approx(-6.0, abs=1.5)
        assert page.level_at(x) == pytest.approx(np.log10(hz), abs=0.02)
    assert page.mark_text(0, -3.5).endswith("silence")
    page._set_marks(Marks(-1.5, -0.5, -1.75, -1.25, region=True))
    page.save_table.trigger()
    _, rows = rows_of(saved(rig, ".csv"))
    assert rows[:, 0].min() >= -1.75
    assert rows[:, 0].max() <= -1.25
    assert len(set(rows[:, 1:].argmax(axis=1))) == 1, "the lower tone only"


def test_the_loudness_is_that_of_the_tone(rig: Rig) -> None:
    page = page_of(rig, "level")
    assert isinstance(page, LoudnessPage)
    play(rig, tone(997.0, 4.0, 1.0))
    momentary, short_term = page._at(-0.1)
    assert momentary == pytest.approx(-0.05, abs=0.15), "BS.1770: -3.01 LUFS in one channel, twice that in two"
    assert short_term == pytest.approx(-0.05, abs=0.15)
    page.save_table.trigger()
    head, rows = rows_of(saved(rig, ".csv"))
    assert head[1:] == ["momentary_lufs", "short_term_lufs"]
    assert rows[np.abs(rows[:, 0] + 0.1).argmin(), 1] == pytest.approx(momentary, abs=1e-6)


@pytest.mark.parametrize("key", KEYS)
def test_cursors_and_region_move_by_mouse_and_keys(rig: Rig, key: str) -> None:
    page = page_of(rig, key)
    play(rig, tone(440.0, 1.0))
    editor, first = page.editor, page.marks
    editor.setFocus()
    editor.select(0)
    press_key(editor, Qt.Key.Key_Right)
    assert page.marks.a > first.a
    at, x = place(editor, 1), page.marks.b
    drag_to(editor, at, at + (editor.position_of(x + 0.2, 0) - editor.position_of(x, 0)))
    assert page.marks.b == pytest.approx(x + 0.2, abs=0.05)
    double_click(editor, place(editor, 1))
    assert page.marks.b == first.b
    page.region.click()
    page.cursors.click()
    assert [handle.text.split("   ")[0] for handle in editor.handles] == ["Region start", "Region end"]
    editor.select(0)
    for _ in range(300):
        press_key(editor, Qt.Key.Key_Right)
    assert page.marks.start == page.marks.end, "the start does not pass the end"
    page.save_picture.trigger()
    picture = QImage(str(saved(rig, ".png")))
    assert picture.width() == editor.width()


def test_hold_stops_all_analyzers_at_the_same_sound(rig: Rig) -> None:
    wave, spectrum = page_of(rig, "scope"), page_of(rig, "spectrum")
    play(rig, tone(700.0, 1.0))
    wave.hold.click()
    assert spectrum.hold.isChecked()
    held = wave.capture.samples.copy()
    play(rig, tone(2500.0, 1.0))
    for _ in range(45):  # until all of the memory has been written again
        rig.audio.telemetry.play(tone(2500.0, 1.0))
        rig.window.feed.tick()
    np.testing.assert_array_equal(spectrum.capture.samples, held)
    assert isinstance(spectrum, SpectrumPage)
    assert spectrum._hz[spectrum.output_db.argmax()] == pytest.approx(700.0, abs=3.0)
    spectrum.hold.click()
    assert not wave.hold.isChecked()
    assert spectrum._hz[spectrum.output_db.argmax()] == pytest.approx(2500.0, abs=3.0)


def test_marks_and_hold_survive_another_theme(rig: Rig) -> None:
    page = page_of(rig, "scope")
    play(rig, tone(700.0, 0.5))
    page._set_marks(Marks(-7.0, -6.0, -5.0, -4.0, region=True))
    page.hold.click()
    rig.window.appearance.set_theme("light")
    new = rig.window.graphs.window_of("analyzer", "scope").page  # type: ignore[union-attr]
    assert isinstance(new, WavePage)
    assert new is not page
    assert new.marks == Marks(-7.0, -6.0, -5.0, -4.0, region=True)
    assert new.hold.isChecked()
    rig.window.appearance.set_theme("dark")


def test_the_capture_keeps_twenty_seconds_and_pads_what_was_lost(rig: Rig) -> None:
    telemetry = rig.audio.telemetry
    play(rig, tone(50.0, 0.1))
    capture = Capture(rig.window.feed, telemetry)
    changes: list[int] = []
    capture.changed.connect(lambda: changes.append(capture.end))
    numbers = (np.arange(30 * 48_000) / (30 * 48_000)).astype(np.float32)
    play(rig, numbers)
    np.testing.assert_array_equal(capture.samples[:, 0], numbers[-round(CAPTURED_S * 48_000) :])
    assert capture.end == telemetry.written
    assert len(changes) > 100
    telemetry.written += 200_000  # overwritten before they could be read
    rig.window.feed.tick()
    assert len(capture.samples) == round(CAPTURED_S * 48_000)
    assert not capture.samples[-200_000:-96_000].any()
    changes.clear()
    play(rig, np.zeros(25 * 48_000, np.float32))
    silent = len(changes)
    play(rig, np.zeros(5 * 48_000, np.float32))
    assert len(changes) == silent, "nothing is drawn again in silence"


def test_no_capture_is_left_when_the_last_analyzer_closes(rig: Rig) -> None:
    for key in KEYS:
        page_of(rig, key)
    for key in KEYS:
        window = rig.window.graphs.window_of("analyzer", key)
        assert window is not None
        window.close()
    QApplication.processEvents()
    assert rig.window.graphs._capture is None


def test_extremes_keep_every_peak() -> None:
    rng = np.random.default_rng(2)
    samples = rng.normal(0, 0.1, 100_000).astype(np.float32)
    samples[70_003] = 3.0
    at, levels = extremes(samples, 500)
    assert len(at) == len(levels) == 1000
    assert levels.max() == 3.0
    assert at[levels.argmax()] == pytest.approx(70_003, abs=200)
    few = extremes(samples[:300], 500)
    np.testing.assert_array_equal(few[1], samples[:300])
