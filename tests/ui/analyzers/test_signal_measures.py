"""Measures against closed forms: peak, pitch, loudness, trigger; scope and loudness views; pop-out, pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synth_app.support.compiling.librosa_import import librosa
from synth_app.ui.analyzers.frequency_axis import hz_to_mel, row_starts
from synth_app.ui.analyzers.level_view import LevelView
from synth_app.ui.analyzers.scope_view import ScopeView
from synth_app.ui.analyzers.signal_measures import Loudness, peak_of, pitch_text, trigger_index
from synth_app.ui.analyzers.spectral import HIGH_HZ, LOW_HZ, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrogram_view import SpectrogramView, color_table
from synth_app.ui.analyzers.view_panel import ViewPanel
from synth_app.ui.window.demo.scripted_input import click
from tests.ui.conftest import Rig


def tone(hz: float, n: int, level_db: float = -6.0, phase: float = 0.0) -> NDArray[np.float32]:
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * (hz * np.arange(n) / 48_000 + phase))).astype(np.float32)


@settings(max_examples=40, derandomize=True)
@given(hz=st.floats(60, 15_000), level=st.floats(-60, 0))
def test_a_peak_is_read_between_bins(hz: float, level: float) -> None:
    analyser = SpectrumAnalyzer(4096)
    found_hz, found_db = peak_of(analyser.frequencies_hz, analyser(tone(hz, 4096, level)))
    assert found_hz == pytest.approx(hz, abs=0.9), "a tenth of a bin"
    assert found_db == pytest.approx(level, abs=0.35), "largest error of the parabola with a Hann window"


def test_pitches_are_named() -> None:
    assert pitch_text(440.0) == "A4 +0 ct"
    assert pitch_text(261.6256 * 2 ** (-30 / 1200)) == "C4 −30 ct"
    assert pitch_text(3.0) == ""


@pytest.mark.parametrize("level", [-40.0, -20.0, 0.0])
def test_loudness_of_the_tones_in_the_standard(level: float) -> None:
    """BS.1770-4: a 997 Hz sine at 0 dBFS in one channel is -3.01 LUFS, in both 0.0."""
    loudness = Loudness()
    mono = tone(1000.0, Loudness.BLOCK, level)
    for _ in range(40):
        loudness.add(np.stack([mono, np.zeros_like(mono)], axis=1))
    assert loudness.momentary == pytest.approx(level - 3.01, abs=0.1)
    assert loudness.short_term == pytest.approx(loudness.momentary)
    loudness.add(np.stack([mono, mono], axis=1))
    assert loudness.momentary == pytest.approx(level, abs=0.1)


def test_short_term_covers_three_seconds() -> None:
    loudness = Loudness()
    mono = tone(1000.0, Loudness.BLOCK)
    for _ in range(40):
        loudness.add(np.stack([mono, mono], axis=1))
    full = loudness.short_term
    silence = np.zeros((Loudness.BLOCK, 2), np.float32)
    for k in range(1, 28):
        loudness.add(silence)
        if k == 13:
            assert loudness.short_term == pytest.approx(full + 10 * np.log10(14 / 27), abs=0.05)
    assert loudness.silent


@settings(max_examples=60, derandomize=True)
@given(hz=st.floats(90, 2000), phase=st.floats(0, 1))
def test_the_scope_stands_still(hz: float, phase: float) -> None:
    mono = tone(hz, 4096, phase=phase)
    start = trigger_index(mono, 960)
    assert start + 960 <= 4096
    assert mono[start - 1] < 0 <= mono[start]
    assert mono[start] < 0.5 * 2 * np.pi * hz / 48_000 + 1e-3, "within a sample of the crossing"


def test_without_a_crossing_the_latest_is_shown() -> None:
    assert trigger_index(np.zeros(4096, np.float32), 960) == 4096 - 960
    assert trigger_index(np.ones(4096, np.float32), 960) == 4096 - 960
    assert trigger_index(np.ones(100, np.float32), 960) == 0


def test_mel_matches_slaney() -> None:
    hz = np.geomspace(30, 20_000, 50)
    np.testing.assert_allclose(hz_to_mel(hz), librosa.hz_to_mel(hz), rtol=1e-6)
    np.testing.assert_array_equal(row_starts("log", 192, 192), np.arange(192))
    edges = hz_to_mel(np.geomspace(LOW_HZ, HIGH_HZ, 193))
    for height in (60, 192, 700):
        starts = row_starts("mel", 192, height)
        wanted = np.linspace(edges[0], edges[-1], height + 1)[:-1]
        assert (edges[starts] <= wanted + 1e-3).all()
        assert (edges[starts + 1] > wanted).all(), "each line starts with the band that contains its start"


@given(st.sampled_from(["log", "mel"]), st.integers(20, 900), st.integers(0, 191))
def test_no_band_is_lost_however_low_the_picture(scale: str, height: int, band: int) -> None:
    levels = np.zeros((1, 192), np.uint8)
    levels[0, band] = 200
    shown = np.maximum.reduceat(levels, row_starts(scale, 192, height), axis=1)
    assert shown.max() == 200
    assert shown.shape == (1, height)


def test_a_range_maps_its_ends_to_the_ends_of_the_colours() -> None:
    for range_db in (40, 100):
        table = color_table(range_db)
        at = np.linspace(-100, 0, 256)
        assert (table[at <= -10 - range_db] == table[0]).all()
        assert (table[at >= -10] == table[-1]).all()
    assert (color_table(40)[100] == color_table(40)[0]).all()
    assert (color_table(100)[100] != color_table(100)[0]).any()


def test_freeze_scale_and_range(rig: Rig) -> None:
    view, feed = rig.window.work.view_of(SpectrogramView), rig.window.feed
    rig.audio.telemetry.play(tone(1000.0, 40_000))
    feed.tick()
    held = view.levels.copy()
    view.set_frozen(True)
    rig.audio.telemetry.play(tone(300.0, 20_000))
    feed.tick()
    np.testing.assert_array_equal(view.levels, held)
    before = view.redraws
    view.set_scale("mel")
    view.set_range(40)
    assert view.redraws == before + 1
    top = float(hz_to_mel(np.array([20_000.0]))[0])
    assert view.y_of(top) == pytest.approx(view.area().top())
    assert view.y_of(top / 2) > view.area().center().y(), "30 Hz is above 0 mel"
    view.set_frozen(False)
    rig.audio.telemetry.play(tone(300.0, 20_000))
    feed.tick()
    assert not np.array_equal(view.levels, held)


def test_scope_and_loudness_paint_only_visible_changes(rig: Rig) -> None:
    work, feed = rig.window.work, rig.window.feed
    rig.audio.telemetry.play(tone(500.0, 4800))
    feed.tick()
    assert (work.view_of(ScopeView).redraws, work.view_of(LevelView).redraws) == (0, 0), "hidden views are not painted"
    work.views[0].modes.buttons["scope"].click()
    work.views[1].modes.buttons["level"].click()
    rig.audio.telemetry.play(tone(500.0, 48_000))
    feed.tick()
    assert work.view_of(ScopeView).redraws == 1
    assert work.view_of(LevelView).redraws == 4
    assert work.view_of(LevelView).loudness.momentary == pytest.approx(-6.7, abs=0.3), (
        "K-weighting is 0.7 dB lower at 500 Hz than at 1 kHz"
    )
    assert "short-term" in work.view_of(LevelView).accessibleDescription()
    for _ in range(80):
        rig.audio.telemetry.play(np.zeros(24_000, np.float32))
        feed.tick()
    scope, level = work.view_of(ScopeView).redraws, work.view_of(LevelView).redraws
    rig.audio.telemetry.play(np.zeros(24_000, np.float32))
    feed.tick()
    assert (work.view_of(ScopeView).redraws, work.view_of(LevelView).redraws) == (scope, level)


def test_a_view_without_analyzer_pops_out_and_comes_back(rig: Rig, qtbot: QtBot) -> None:
    holder = QWidget()
    panel = ViewPanel("Own", {"own": ("Own", ScopeView(rig.window.feed))}, parent=holder)
    qtbot.addWidget(holder)
    holder.show()
    panel.pop.click()
    assert panel.popped_out
    assert panel.stack.window() is not holder
    assert panel.placeholder.isVisible()
    panel.stack.window().close()
    assert not panel.popped_out
    assert panel.stack.window() is holder
    assert not panel.placeholder.isVisible()


def test_a_picture_is_saved(rig: Rig) -> None:
    click(rig.window.work.views[1].snap, QPointF(6, 6))
    (path,) = rig.fakes.services.music_folder.glob("*spectrogram.png")
    assert QImage(str(path)).width() == rig.window.work.view_of(SpectrogramView).width()
    assert str(path) in rig.window.toast.text.text()
