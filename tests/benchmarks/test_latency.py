"""Latency: the estimators on known changes, the choice of the stimulus, and measurements through the process."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth_app.audio import AudioClient, DeviceSettings, Telemetry
from synth_app.audio.protocol.telemetry import TelemetryWriter
from synth_app.benchmarks.latency import latency_figures, measure_latency
from synth_app.benchmarks.latency_recording import LatencyRecorder, LatencyRecording, record_latency
from synth_app.benchmarks.latency_stimulus import choose_stimulus
from synth_app.benchmarks.monitor import Monitor, find_excerpt
from synth_app.benchmarks.onset_detection import SETTLE, STEADY, first_audible, half_change
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.spectral.frame_layout import half_change_s
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, SetPatch
from synth_app.patch.quality import DEFAULT_QUALITY, QUALITIES, Quality
from synth_app.support.errors import UserError
from tests.audio.null_sink import NullSink
from tests.audio.process.test_real_engine import small_model
from tests.cli.conftest import Command, model_folder, synth
from tests.engine.conftest import SPECS, exact_model

__all__ = ["model_folder", "synth"]

Floats = NDArray[np.float32]
STEADY_ENGINE = "tests.audio.steady_engine"
EVENT = STEADY + 700
LENGTH = EVENT + SETTLE + STEADY + 100


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("model") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    return str(path)


@pytest.fixture(scope="module")
def live(model: str) -> LatencyRecording:
    """Three keys and three slider steps through the audio process."""
    return record_latency(choose_stimulus(model), DeviceSettings(device="", block=128), trials=3, engine=STEADY_ENGINE)


def tone(f0_hz: float, tilt: float, seed: int) -> Floats:
    """Twelve partials of f0 with a slope per partial, and a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(LENGTH) / ENGINE_RATE
    partials = np.arange(1, 13)
    levels = 0.05 * np.exp(tilt * partials)
    waves = np.sin(2 * np.pi * (f0_hz * partials[:, None] * t + np.random.default_rng(0).uniform(size=(12, 1))))
    return np.asarray(levels @ waves + 1e-4 * rng.standard_normal(LENGTH), np.float32)


def faded(f0_hz: float, fraction: Callable[[NDArray[np.float64]], NDArray[np.floating]], seed: int) -> Floats:
    """Return a dull tone that becomes bright; ``fraction`` maps samples since the event to the progress."""
    w = fraction(np.arange(LENGTH, dtype=np.float64) - EVENT)
    mixed = (1 - w) * tone(f0_hz, -0.6, seed) + w * tone(f0_hz, -0.05, seed + 1)
    return np.stack([mixed, 0.5 * mixed], axis=1).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(st.floats(390, 1200), st.integers(40, 3000), st.integers(0, 1000), st.sampled_from([0, 64, 480, 1000]))
def test_half_of_a_linear_fade_is_detected(f0_hz: float, middle: int, seed: int, width: int) -> None:
    audio = faded(f0_hz, lambda n: np.clip((n - middle) / max(width, 1) + 0.5, 0.0, 1.0), seed)
    assert half_change(audio, EVENT) == pytest.approx(middle, abs=48)


@pytest.mark.parametrize("tau", [100, 240, 480, 960])
def test_half_of_an_exponential_glide_is_at_ln_2_of_its_time(tau: float) -> None:
    """The window smooths the corner at the start, which shifts glides shorter than the window by up to 1 ms."""
    audio = faded(523.25, lambda n: 1.0 - np.exp(-np.maximum(n - 300, 0) / tau), 1)
    assert half_change(audio, EVENT) == pytest.approx(300 + np.log(2) * tau, abs=48)


@pytest.mark.parametrize(
    ("audio", "problem"),
    [
        (np.zeros((LENGTH, 2), np.float32), "did not change"),
        (np.zeros((LENGTH - 200, 2), np.float32), "too few"),
        (faded(440.0, lambda n: (n > 0) + 0.5 * np.sin(n / 2000.0), 3), "not steady"),
    ],
)
def test_a_change_that_cannot_be_timed_is_refused(audio: Floats, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        half_change(audio, EVENT)


def test_the_first_audible_sample() -> None:
    audio = np.zeros((500, 2), np.float32)
    audio[100], audio[321, 1] = 0.00099, -0.0011
    assert first_audible(audio) == 321
    with pytest.raises(UserError, match="never audible"):
        first_audible(audio[:300])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 30_000), st.floats(0.05, 2.0), st.integers(0, 1000))
def test_an_excerpt_is_found_in_a_recording(delay: int, gain: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    played = faded(440.0, lambda n: 1.0 * (n > 0), seed)
    recording = 1e-4 * rng.standard_normal((delay + LENGTH + 999, 2)).astype(np.float32)
    recording[delay : delay + LENGTH] += np.float32(gain) * played
    assert find_excerpt(recording, played[1000:9000]) == delay + 1000
    assert find_excerpt(recording[:, ::-1] * np.float32(0.0), played) is None
    assert find_excerpt(rng.standard_normal((40_000, 2)).astype(np.float32), played[:8000]) is None


def test_the_slider_that_changes_timbre_most_is_chosen(tmp_path: Path) -> None:
    """Dimension 0 changes the level (a lot), dimension 1 tilts the spectrum (less)."""
    file = small_model()
    tensors = dict(file.tensors)
    tensors["dec.w"] = np.stack([np.full(513, 0.3), np.where(np.arange(513) % 2, 0.1, -0.1)], axis=1).astype(np.float32)
    save_model_file(tmp_path / "two.safetensors", replace(file, tensors=tensors))
    stimulus = choose_stimulus(str(tmp_path / "two.safetensors"))
    assert stimulus.dimension == 1
    assert stimulus.low.offset[0] == stimulus.high.offset[0] == 0.0
    assert stimulus.low.offset[1] == -stimulus.high.offset[1] == pytest.approx(-0.5 * file.stats.std[1])
    assert stimulus.low.value("motion") == 0.0
    assert stimulus.key in (60, 64)


def test_a_note_that_dies_away_is_not_measured_with(tmp_path: Path) -> None:
    """A note that decays before its middle is silent when held there."""
    file, path = small_model(), tmp_path / "dying.safetensors"
    save_model_file(path, file)
    chosen = choose_stimulus(str(path)).note
    bank = tuple(
        replace(note, gain_db=np.linspace(0.0, -90.0, len(note.gain_db), dtype=np.float32))
        if note.name == chosen
        else note
        for note in file.bank
    )
    save_model_file(path, replace(file, bank=bank))
    assert choose_stimulus(str(path)).note != chosen


def replayed(recording: LatencyRecording, quality_name: str = DEFAULT_QUALITY) -> LatencyRecording:
    """Return the recording with the frames of an offline render of the same events."""
    engine = Engine()
    low = replace(recording.stimulus.low, quality=quality_name)
    engine.install(prepare_instrument(low.model, quality_name), low)
    events = [
        replace(event, message=SetPatch(replace(event.message.patch, quality=quality_name)))
        if isinstance(event.message, SetPatch)
        else event
        for event in recording.events
    ]
    audio = render_events(engine, events, recording.start + len(recording.frames))
    return replace(recording, frames=audio[recording.start :])


def check(recording: LatencyRecording, block: int) -> None:
    """Check that live and offline frames, and so the latencies, are equal."""
    offline = replayed(recording)
    assert np.array_equal(offline.frames, recording.frames)
    live, again = latency_figures(recording), latency_figures(offline)
    assert live.note_on.engine_samples == again.note_on.engine_samples
    assert live.control.engine_samples == again.control.engine_samples
    assert max(live.note_on.engine_samples) < block  # audible within the block that applies it
    assert min(live.control.engine_samples) > 0
    assert all(timed.applied % block == 0 for timed in recording.messages)
    for kind in (live.note_on, live.control):
        assert min(kind.wait_ms) > -1.0
        assert max(kind.wait_ms) < 2000.0
        assert kind.total_ms[0] == pytest.approx(kind.wait_ms[0] + kind.engine_samples[0] / 48.0)


def test_live_and_offline_have_the_same_latency(live: LatencyRecording) -> None:
    assert [type(timed.message).__name__ for timed in live.messages] == ["NoteOn", "NoteOff"] * 3 + ["NoteOn"] + [
        "SetPatch"
    ] * 3
    check(live, 128)
    assert not latency_figures(live).running
    assert "25% of the blocks at reduced quality" in latency_figures(replace(live, relieved=0.25)).as_text()
    assert latency_figures(live).as_dict()["latency"]["device_latency_ms"] is None


@pytest.mark.parametrize("each", QUALITIES, ids=lambda each: each.name)
def test_the_stated_half_change_time_equals_the_measured_one(live: LatencyRecording, each: Quality) -> None:
    control = latency_figures(replayed(live, each.name)).control.engine_samples
    stated = ENGINE_RATE * half_change_s(SPECS[48_000], each)
    assert np.median(control) == pytest.approx(stated, abs=ENGINE_RATE * 0.003)


@pytest.mark.device
def test_the_recorded_latency_contains_the_devices_buffer(null_sink: NullSink, model: str) -> None:
    assert null_sink.pactl("info").returncode == 0
    figures = measure_latency(model, DeviceSettings(block=256), trials=3, record=True)
    assert figures.running
    assert figures.device_latency_ms > 0
    text = figures.as_text()
    for kind in (figures.note_on, figures.control):
        assert 0 < len(kind.recorded_ms) <= 3  # a busy machine may lose part of a recording
        assert min(kind.recorded_ms) > min(kind.wait_ms)
        assert max(kind.recorded_ms) < 3000.0
    assert "back from the monitor" in text


def test_a_recorded_sample_is_timed_by_the_arrival_of_its_piece(live: LatencyRecording) -> None:
    """The monitor lags by 1,000 samples and arrives in pieces of 480, the k-th at second 100 + k / 100."""
    recording = replace(live, messages=live.messages[:1] + live.messages[-4:])  # one key press, then the held one
    lag, piece = 1000, 480
    monitored = np.concatenate([np.zeros((lag, 2), np.float32), recording.frames])
    monitor = Monitor()
    pieces = [monitored[i : i + piece] for i in range(0, len(monitored), piece)]
    monitor._data = [part.tobytes() for part in pieces]
    monitor._ends = [int(n) for n in np.cumsum([len(part) for part in pieces])]
    monitor._arrivals = [100.0 + 0.01 * k for k in range(len(pieces))]
    note = recording.notes[0]
    sent_s = 100.0 + (note.applied - recording.start) / ENGINE_RATE
    messages = tuple(replace(timed, sent_s=sent_s) if timed is note else timed for timed in recording.messages)
    figures = latency_figures(replace(recording, messages=messages, monitor=monitor))
    index = note.applied - recording.start + int(figures.note_on.engine_samples[0]) + lag
    assert figures.note_on.recorded_ms == pytest.approx([(100.0 + 0.01 * (index // piece) - sent_s) * 1e3])


def test_bench_json_has_its_keys(synth: Command) -> None:
    done = synth("bench", "--model", "exact", "--seconds", 0.05, "--trials", 1, "--device", "", "--json")
    assert done.status == 0, done.err
    figures = json.loads(done.out)
    assert set(figures["voices_in_half_deadline"]) == {"64", "128", "512"}
    assert figures["device"] == "null clock (no device)"
    for key in ("note_on_ms", "control_ms", "dropouts", "phase_us", "decode_us"):
        assert isinstance(figures[key], int | float)
    assert figures["control_ms"] > figures["note_on_ms"]
    assert figures["latency"]["note_on"]["trials"] == 1


def test_an_output_given_by_name_must_exist(model: str) -> None:
    with pytest.raises(UserError, match=r"nowhere|no output device"):
        measure_latency(model, DeviceSettings(device="nowhere"), trials=1)


def test_messages_are_matched_with_the_blocks_that_applied_them() -> None:
    """This includes a model that is installed after the recorder was created."""
    with Telemetry() as telemetry:
        writer = TelemetryWriter(telemetry.name)

        def block(clock: int, applied: int) -> None:
            writer.write_frames(np.zeros((64, 2), np.float32))
            writer.write_block(clock + 64, 0, clock / 64.0, 0.001, 0.002, applied)

        block(0, -1)
        recorder = LatencyRecorder(cast(AudioClient, SimpleNamespace(telemetry=telemetry, send=lambda _: None)), seed=0)
        block(64, 64)  # the model
        block(128, 64)
        recorder.send(NoteOn(60))
        block(192, 64)  # began before the message was sent
        block(256, 256)
        recorder.send(NoteOff(60))
        block(320, 320)
        block(384, 320)
        recorder._drain()
        messages = recorder._timed_messages(np.concatenate(recorder._blocks))
        writer.close()
    assert [(timed.message, timed.applied, timed.block_start_s) for timed in messages] == [
        (NoteOn(60), 256, 4.0),
        (NoteOff(60), 320, 5.0),
    ]
