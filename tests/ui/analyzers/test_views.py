"""Spectrum, spectrogram, meter, status line: correct values, and no repaint without a change."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from synth_app.audio.protocol.messages import DeviceSettings, DeviceState
from synth_app.engine.spectral.frame_layout import half_change_s
from synth_app.modelfile import note_center
from synth_app.patch import UserNote
from synth_app.patch.quality import quality
from synth_app.ui.analyzers.spectral import FLOOR_DB, HIGH_HZ, LOW_HZ, LogBands, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrogram_view import SpectrogramView, color_table
from synth_app.ui.analyzers.spectrum_canvas import SpectrumCanvas
from synth_app.ui.analyzers.spectrum_view import SlotLevels, SpectrumView, decoded_frame
from synth_app.ui.analyzers.telemetry_feed import HOP, INTERVAL_MS, MOVING_MS, QUIET_MS, ROWS
from tests.ui.conftest import Rig
from tests.ui.fakes import QUIET


def sine(hz: float, n: int, level_db: float = 0.0) -> NDArray[np.float32]:
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(n) / 48_000)).astype(np.float32)


@pytest.mark.parametrize("n_fft", [2048, 4096])
def test_full_scale_sine_is_zero_db(n_fft: int) -> None:
    analyser = SpectrumAnalyzer(n_fft)
    hz = analyser.frequencies_hz[97]
    spectrum = analyser(sine(float(hz), n_fft, -6.0))
    assert int(spectrum.argmax()) == 97
    assert spectrum.max() == pytest.approx(-6.0, abs=0.01)
    assert analyser(np.zeros(n_fft, np.float32)).max() == pytest.approx(FLOOR_DB, abs=1e-3)


@pytest.mark.parametrize("hz", [50.0, 220.0, 1000.0, 5000.0, 15_000.0])
def test_log_bands_keep_a_peaks_frequency_and_level(hz: float) -> None:
    analyser, rows = SpectrumAnalyzer(2048), LogBands(SpectrumAnalyzer(2048).frequencies_hz, ROWS)
    spectrum = analyser(sine(hz, 2048))
    row = rows(spectrum[np.newaxis])[0]
    octaves_per_row = np.log2(HIGH_HZ / LOW_HZ) / ROWS
    bin_octaves = np.log2((hz + 24) / hz)
    assert abs(np.log2(rows.centers_hz[row.argmax()] / hz)) < octaves_per_row + bin_octaves
    assert row.max() > spectrum.max() - 1.5, "no peak is lost between bands"
    assert rows.centers_hz[0] < rows.centers_hz[-1]


def test_every_bin_in_range_reaches_a_band() -> None:
    analyser = SpectrumAnalyzer(2048)
    rows = LogBands(analyser.frequencies_hz, ROWS)
    for k in range(60, 850, 7):
        spectrum = np.full((1, 1025), -90.0, np.float32)
        spectrum[0, k] = 0.0
        assert rows(spectrum).max() == 0.0, k


def test_the_spectrogram_scrolls_with_the_output(rig: Rig) -> None:
    view, feed = rig.window.work.view_of(SpectrogramView), rig.window.feed
    rig.audio.telemetry.play(sine(1000.0, 40 * HOP))
    feed.tick()
    lit = view.levels[-36:-2]
    assert (np.abs(np.log2(feed.rows.centers_hz[lit.argmax(axis=1)] / 1000.0)) < 0.1).all()
    assert view.levels[-41].max() == 0
    loudest = -100 + 100 * int(view.levels[-10].max()) / 255
    assert loudest == pytest.approx(0, abs=1.5)


def test_nothing_is_drawn_without_sound(rig: Rig) -> None:
    view, feed = rig.window.work.view_of(SpectrogramView), rig.window.feed
    drawn: list[object] = []
    feed.spectrum.connect(drawn.append)
    view.redraws = 0
    for _ in range(10):
        rig.audio.telemetry.play(np.zeros(2 * HOP, np.float32))
        feed.tick()
    assert (view.redraws, drawn) == (0, [])
    rig.audio.telemetry.play(sine(500.0, 4 * HOP))
    feed.tick()
    assert view.redraws == 1
    for _ in range(60):
        rig.audio.telemetry.play(np.zeros(12 * HOP, np.float32))
        feed.tick()
    assert not view.levels.any()
    done, lines = view.redraws, len(drawn)
    rig.audio.telemetry.play(np.zeros(12 * HOP, np.float32))
    feed.tick()
    assert (view.redraws, len(drawn)) == (done, lines)


def test_feed_survives_a_restarted_engine(rig: Rig) -> None:
    telemetry = rig.audio.telemetry
    telemetry.play(sine(500.0, 48_000))
    rig.window.feed.tick()
    telemetry.now = type(telemetry.now)(**{**vars(telemetry.now), "clock": 100})
    rig.window.feed.tick()
    telemetry.play(sine(500.0, 4 * HOP))
    rig.window.feed.tick()
    assert rig.window.work.view_of(SpectrogramView).levels[-1].any()


def test_the_decoded_frame_matches_the_model(rig: Rig) -> None:
    store = rig.store
    store.slots.show("a", 12)
    found = decoded_frame(store, SlotLevels())
    assert found is not None
    frequencies, frame = found
    assert store.model is not None
    center, gain_db = note_center(store.bank[12])
    weight, bias = store.model.file.tensors["decoder.weight"], store.model.file.tensors["decoder.bias"]
    shape = 50 * ((weight @ center + bias).clip(-1, None) - 1)
    np.testing.assert_allclose(frame, shape - shape.max() + gain_db, atol=0.1)
    assert frequencies[-1] == store.model.spec.sample_rate / 2


def test_level_and_pitch_are_those_of_the_slots(rig: Rig) -> None:
    store, levels = rig.store, SlotLevels()
    store.set_morph(0.25)
    for a, b in ((3, 20), (3, 12), (12, 20)):
        store.slots.choose("a", a)
        store.slots.choose("b", b)
        notes = store.bank[a], store.bank[b]
        gains = [note_center(note)[1] for note in notes]
        expected = 0.75 * gains[0] + 0.25 * gains[1], 0.75 * notes[0].pitch + 0.25 * notes[1].pitch
        assert levels.level_and_pitch(store) == pytest.approx(expected)
    own = UserNote.of(store.bank[3], 41.2)
    store.slots.edit_user_note("a", own)
    assert levels.level_and_pitch(store)[1] == pytest.approx(0.75 * 41 + 0.25 * store.bank[20].pitch)


def test_a_spectrum_of_another_size_or_model_is_drawn_again(qtbot: QtBot) -> None:
    one, other = SpectrumCanvas(), SpectrumCanvas()
    for canvas in (one, other):
        qtbot.addWidget(canvas)
        canvas.show()  # a hidden widget gets a resize event before every grab
    few, many = np.geomspace(40, 18_000, 50), np.geomspace(60, 9_000, 80)
    one.resize(500, 200)
    one.show_output(few, np.linspace(-80, 0, 50))
    one.show_decoded(few, np.linspace(0, -80, 50))
    one.grab()
    one.resize(640, 260)
    one.grab()
    for canvas in (one, other):
        canvas.resize(640, 260)
        canvas.show_output(few, np.linspace(-60, -10, 50))
        canvas.show_decoded(many, np.linspace(-70, -20, 80))
    assert one.grab().toImage() == other.grab().toImage()


def test_decoded_curve_follows_the_patch_once_per_tick(rig: Rig) -> None:
    view = rig.window.work.view_of(SpectrumView)
    rig.window.feed.tick()
    assert view.canvas.decoded is not None
    before = view.canvas.decoded[1].copy()
    rig.store.latents.set(0, float(rig.store.ranges[0][1]))
    rig.store.latents.set(1, float(rig.store.ranges[1][0]))
    np.testing.assert_array_equal(view.canvas.decoded[1], before)
    rig.window.feed.tick()
    assert np.abs(view.canvas.decoded[1] - before).max() > 1.0


def test_meter_shows_peaks_and_latches_the_clip_light(rig: Rig) -> None:
    meter, telemetry = rig.window.work.meter, rig.audio.telemetry
    telemetry.play(sine(100.0, 100), peak_left=0.5, peak_right=0.0, limited=True)
    rig.window.feed.tick()
    assert meter.levels_db == [pytest.approx(-6.02, abs=0.01), -60.0]
    telemetry.play(sine(100.0, 100), peak_left=0.0, limited=False)
    rig.window.feed.tick()
    assert -9 < meter.levels_db[0] < -6.1, "falls slowly"
    assert meter.peaks_db[0] == pytest.approx(-6.02, abs=0.01)
    assert meter.limited
    meter.clear_limited()
    assert not meter.limited


def test_the_meter_falls_without_new_peaks(rig: Rig) -> None:
    meter = rig.window.work.meter
    rig.audio.telemetry.play(sine(100.0, 100), peak_left=1.0)
    rig.window.feed.tick()
    assert meter._idle_timer.isActive()
    for _ in range(120):
        meter._idle_timer.timeout.emit()
    assert meter.levels_db == meter.peaks_db == [-60.0, -60.0]
    assert not meter._idle_timer.isActive()


def test_the_status_line_shows_device_and_values(rig: Rig) -> None:
    status = rig.window.work.status
    rig.window.handle_report(DeviceState(DeviceSettings(None, 48_000, 256), True, "Speakers", 12.34))
    assert "Speakers" in status.device.text()
    assert status.latency.text() == "Latency 12.3 ms", "no key has been measured yet"
    rig.audio.telemetry.play(sine(100.0, 100), load=0.91, underruns=3, voices=5)
    rig.window.feed.tick()
    assert (status.load.text(), status.dropouts.text(), status.voices.text()) == ("Load 91 %", "Dropouts 3", "Voices 5")
    assert status.load.property("role") == "problem"
    assert rig.store.model is not None
    half_ms = 1e3 * half_change_s(rig.store.model.file.card.frame_spec, quality(rig.store.patch.quality))
    for _ in range(8):
        status.show_meters(replace(QUIET, key_wait_ms=4.0))
    assert status.latency.text() == f"Key 16 ms · Slider {16.34 + half_ms:.0f} ms"
    rig.window.handle_report(DeviceState(DeviceSettings(), False, "", 0.0, "the device is gone; plug it in"))
    assert status.latency.text() == "Latency –"
    assert "No audio device" in status.device.text()
    assert status.message.text() == "The device is gone; plug it in"
    rig.window.handle_report(DeviceState(DeviceSettings(), True, "Speakers", 9.0))
    assert status.message.text() == ""


def test_colour_table_grows_lighter_evenly() -> None:
    table = color_table().astype(float)
    light = table @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) >= -0.5).all()
    assert light[-1] - light[0] > 200


def test_the_spectrum_matches_its_axis(rig: Rig) -> None:
    canvas = rig.window.work.view_of(SpectrumView).canvas
    area = canvas.area()
    np.testing.assert_allclose(canvas.x_of(np.array([LOW_HZ, HIGH_HZ])), [area.left(), area.right()])
    ratio = np.diff(canvas.x_of(np.array([100.0, 200.0, 400.0])))
    assert ratio[0] == pytest.approx(ratio[1]), "octaves are equally wide"
    assert canvas.y_of(np.array([-100.0, -300.0, 8.0])) == pytest.approx([area.bottom(), area.bottom(), area.top()])
    rig.audio.telemetry.play(sine(1000.0, 8192, -20.0))
    rig.window.feed.tick()
    assert canvas.output is not None
    hz, db = canvas.output
    assert hz[db.argmax()] == pytest.approx(1000.0, rel=0.02)
    assert db.max() == pytest.approx(-20.0, abs=1.5)


def test_the_feed_slows_down_in_silence_and_wakes_for_sound_and_moves(rig: Rig) -> None:
    feed = rig.window.feed
    feed.start()
    for _ in range(50):
        feed.tick()
    assert feed._timer.interval() == QUIET_MS
    rig.store.set_morph(0.5)
    assert feed._timer.interval() == MOVING_MS, "60 frames per second during a drag"
    for _ in range(15):
        feed.tick()
    assert feed._timer.interval() == INTERVAL_MS
    for _ in range(50):
        feed.tick()
    rig.audio.telemetry.play(sine(500.0, 2 * HOP))
    feed.tick()
    assert feed._timer.interval() == INTERVAL_MS


def test_views_advance_evenly_although_the_device_consumes_portions(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    feed, telemetry, portion = rig.window.feed, rig.audio.telemetry, 1024
    now, tick_s, taken = 100.0, 0.016, 0
    monkeypatch.setattr("synth_app.ui.analyzers.telemetry_feed.time.monotonic", lambda: now)
    seen: list[int] = []
    newest: list[float] = []
    peaks: list[float] = []
    feed.meters.connect(lambda meters: peaks.append(meters.peak_left))
    feed.columns.connect(lambda columns: seen.append(len(columns)))
    feed.samples.connect(lambda samples: newest.append(float(samples[-1])))
    feed.start()
    ramp = np.linspace(0.1, 0.9, 200 * portion, dtype=np.float32)
    for tick in range(200):
        now += tick_s
        while (taken + 1) * portion <= (tick + 1) * tick_s * 48_000:
            telemetry.play(ramp[taken * portion : (taken + 1) * portion])
            taken += 1
        feed.tick()
    feed.stop()
    assert len(seen) > 185, "a column at nearly every tick, not only after each portion"
    assert max(seen[10:]) <= 2
    steps = np.diff(newest[20:]) / (ramp[1] - ramp[0])
    assert np.abs(steps - tick_s * 48_000).max() < 60, "each tick advances by the elapsed time"
    shown = round((newest[-1] - 0.1) / (ramp[1] - ramp[0]))
    assert 0 <= taken * portion - shown <= 2048
    assert min(peaks) > 0, "a tick between two portions sends no silence to the meter"


@pytest.mark.parametrize("length", [300, 1024, 2000])
def test_a_short_sound_before_silence_is_shown(rig: Rig, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    feed, telemetry, portion = rig.window.feed, rig.audio.telemetry, 1024
    now, tick_s, taken = 100.0, 0.016, 0
    monkeypatch.setattr("synth_app.ui.analyzers.telemetry_feed.time.monotonic", lambda: now)
    loudest: list[float] = []
    feed.columns.connect(lambda columns: loudest.append(float(columns.max())))
    feed.start()
    patch = np.zeros(60 * portion, np.float32)
    patch[20 * portion : 20 * portion + length] = sine(1000.0, length)
    for tick in range(70):
        now += tick_s
        while (taken + 1) * portion <= min((tick + 1) * tick_s * 48_000, len(patch)):
            telemetry.play(patch[taken * portion : (taken + 1) * portion])
            taken += 1
        feed.tick()
    feed.stop()
    assert max(loudest) > -25.0


def test_a_key_wakes_the_feed_and_old_silence_costs_nothing(rig: Rig) -> None:
    feed, telemetry = rig.window.feed, rig.audio.telemetry
    feed.start()
    for _ in range(50):
        feed.tick()
    assert feed._timer.interval() == QUIET_MS
    rig.window.notes.press("mouse", 60, 100)
    assert feed._timer.interval() == INTERVAL_MS
    rig.window.notes.release("mouse", 60)
    emitted: list[str] = []
    feed.columns.connect(lambda _: emitted.append("columns"))
    feed.blocks.connect(lambda _: emitted.append("blocks"))
    silence = np.zeros(QUIET_MS * 48, np.float32)

    def silent_ticks(count: int) -> int:
        emitted.clear()
        for _ in range(count):
            telemetry.play(silence)
            feed.tick()
        return len(emitted)

    telemetry.play(sine(500.0, 2 * HOP))
    feed.tick()
    assert silent_ticks(round(25_000 / QUIET_MS)) > 100, "the sound scrolls out of the view"
    assert not rig.window.work.view_of(SpectrogramView).levels.any()
    silent_ticks(round(6_000 / QUIET_MS))
    assert silent_ticks(20) == 0
    telemetry.play(sine(500.0, 2 * HOP))
    feed.tick()
    assert "columns" in emitted


def test_only_labels_that_fit_are_shown(rig: Rig) -> None:
    view = rig.window.work.view_of(SpectrogramView)
    view.resize(300, 400)
    assert [text for _, text in view.shown_ticks] == ["50", "100", "200", "500", "1k", "2k", "5k", "10k"]
    view.resize(300, 90)
    heights = [view.y_of(position) for position, _ in view.shown_ticks]
    assert 2 <= len(heights) < 8
    assert max(np.diff(heights)) <= -11
    view.set_scale("mel")
    assert 1 <= len(view.shown_ticks) < 5


def test_every_frame_of_a_drag_moves_the_spectrogram_by_one(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drag moves 60 times per second, +-2 ms; each move also shows the new output."""
    feed, telemetry, rng = rig.window.feed, rig.audio.telemetry, np.random.default_rng(0)
    now = 100.0
    monkeypatch.setattr("synth_app.ui.analyzers.telemetry_feed.time.monotonic", lambda: now)
    seen: list[int] = []
    feed.columns.connect(lambda columns: seen.append(len(columns)))
    feed.start()
    telemetry.play(sine(500.0, 4800))
    for step in range(300):
        late_s = 1e-3 * rng.uniform(-2.0, 2.0)
        now = 100.0 + step / 60 + late_s
        telemetry.play(sine(500.0, 800))
        rig.store.set_morph(step / 300)
    feed.stop()
    counts = np.bincount(seen[5:], minlength=3)
    assert len(seen) > 294, "views are updated with every move"
    assert counts[1] > 290
    assert sum(seen) == pytest.approx(300, abs=3)
