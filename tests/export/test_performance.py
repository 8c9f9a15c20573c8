"""Rendered MIDI files have the onsets of the file, and the samples of the engine with the same events."""

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.export.performance import render_performance, render_performance_file
from synth_app.export.request import PerformanceRequest
from synth_app.export.tail import MAX_TAIL_S
from synth_app.midi.file import read_midi_file
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE, BendRange, Controller, Event, NoteOff, NoteOn, Patch, Pedal, Tempo, Zones
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model


@pytest.fixture(scope="module")
def patch(tmp_path_factory: pytest.TempPathFactory) -> Patch:
    path = tmp_path_factory.mktemp("performance") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    return Patch(str(path)).with_param("release_s", 0.05)


def midi(path: Path, *messages: mido.Message | mido.MetaMessage, ticks: int = 480) -> Path:
    file = mido.MidiFile(type=0, ticks_per_beat=ticks)
    file.tracks.append(mido.MidiTrack(messages))
    file.save(path)
    return path


def request(patch: Patch, path: Path) -> PerformanceRequest:
    played = read_midi_file(path)
    return PerformanceRequest(patch, path.with_suffix(".wav"), played.events, played.samples, bits=32)


def onsets(audio: NDArray[np.float32]) -> list[int]:
    """Return the samples where sound begins after at least 100 samples of silence."""
    loud = np.abs(audio[:, 0]) > 1e-5
    begins = np.flatnonzero(loud & ~np.roll(loud, 1))
    return [int(i) for i in begins if not loud[max(i - 100, 0) : i].any()]


def test_notes_begin_at_their_samples(patch: Patch, tmp_path: Path) -> None:
    """The file has a tempo change. A note is silent before its onset and audible within 24 samples."""
    path = midi(
        tmp_path / "tune.mid",
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.Message("note_on", note=60, time=480),
        mido.Message("note_off", note=60, time=240),
        mido.MetaMessage("set_tempo", tempo=750_000, time=240),
        mido.Message("note_on", note=64, time=481),
        mido.Message("note_off", note=64, time=240),
    )
    expected = [24_000, 48_000 + round(481 / 480 * 36_000)]
    heard = onsets(render_performance(request(patch, path)))
    assert len(heard) == 2
    assert all(0 <= got - at <= 24 for got, at in zip(heard, expected, strict=True)), (heard, expected)


def test_file_equals_the_same_events_sent_to_the_engine(patch: Patch, tmp_path: Path) -> None:
    def cc(number: int, value: int, time: int = 0, channel: int = 0) -> mido.Message:
        return mido.Message("control_change", control=number, value=value, time=time, channel=channel)

    path = midi(
        tmp_path / "mpe.mid",
        *(cc(101, 0), cc(100, 6), cc(6, 4), cc(101, 0, 0, 1), cc(100, 0, 0, 1), cc(6, 12, 0, 1)),
        mido.Message("note_on", note=60, velocity=90, time=7, channel=1),
        mido.Message("pitchwheel", pitch=4096, time=50, channel=1),
        cc(64, 127, 11),
        mido.Message("note_off", note=60, time=100, channel=1),
        mido.Message("note_on", note=67, velocity=50, time=13, channel=2),
        mido.Message("aftertouch", value=64, time=0, channel=2),
        cc(64, 0, 200),
        mido.Message("note_off", note=67, time=1, channel=2),
    )
    step = 50  # samples per tick at 480 ticks, 120 beats per minute
    by_hand: list[Event] = [
        Event(0, Zones(lower=4)),
        *(Event(0, BendRange(12.0, channel)) for channel in (1, 2, 3, 4)),
        Event(7 * step, NoteOn(60, 90, 1)),
        Event(57 * step, Controller("bend", 4096 / 8191, 1)),
        Event(68 * step, Pedal(down=True)),
        Event(168 * step, NoteOff(60, 1)),
        Event(181 * step, NoteOn(67, 50, 2)),
        Event(181 * step, Controller("pressure", 64 / 127, 2)),
        Event(381 * step, Pedal(down=False)),
        Event(382 * step, NoteOff(67, 2)),
    ]
    audio = render_performance(request(patch, path))
    engine = Engine()
    engine.install(prepare_instrument(patch.model), patch)
    assert audio.shape[0] > 382 * step
    np.testing.assert_array_equal(audio, render_events(engine, by_hand, len(audio), block=333))


def test_tail_rings_until_it_is_silent(patch: Patch, tmp_path: Path) -> None:
    path = midi(tmp_path / "a.mid", mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480))
    plucked = replace(patch, slot_a=2, slot_b=2)  # whose own decay is slow
    short = render_performance(request(plucked, path))
    long = render_performance(request(plucked.with_param("release_s", 1.0), path))
    assert 0.02 < len(short) / ENGINE_RATE - 0.5 < 0.3
    assert 0.8 < len(long) / ENGINE_RATE - 0.5 < 2.0
    for audio in (short, long):
        assert 10.0 ** (-96 / 20) <= np.abs(audio[-1]).max() < 1e-4


def test_a_tail_without_end_is_cut(patch: Patch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.export.performance.MAX_TAIL_S", 0.5)
    held = PerformanceRequest(patch, tmp_path / "x.wav", (Event(0, NoteOn(60)),), 4800)  # never let go
    assert len(render_performance(held)) <= 4800 + 0.5 * ENGINE_RATE + 4800
    assert MAX_TAIL_S >= 20.0


def test_silence_at_the_end_of_the_file_is_kept(patch: Patch, tmp_path: Path) -> None:
    rest = mido.MetaMessage("end_of_track", time=960)
    notes = (mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=240), rest)
    wanted = request(patch, midi(tmp_path / "a.mid", *notes))
    progress: list[float] = []
    assert render_performance_file(wanted, progress.append) == pytest.approx(1.25)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    stored, rate = soundfile.read(wanted.path, dtype="float32")
    assert rate == 48_000
    np.testing.assert_array_equal(stored, render_performance(wanted))


def test_too_long_is_refused_with_the_limit(patch: Patch, tmp_path: Path) -> None:
    hour = 3_600 * 48_000
    PerformanceRequest(patch, tmp_path / "x.wav", (), hour)
    with pytest.raises(UserError, match=r"300\.0 minutes of music; the limit is 240 minutes"):
        PerformanceRequest(patch, tmp_path / "x.wav", (), 5 * hour)
    with pytest.raises(UserError, match=r"can take 7\.7 GiB, but a WAV file holds 4\.0 GiB at most"):
        PerformanceRequest(patch, tmp_path / "x.wav", (), 3 * hour, rate=96_000, bits=32)
    with pytest.raises(UserError, match="rate 1 Hz"):
        PerformanceRequest(patch, tmp_path / "x.wav", (), 1, rate=1)


def test_tempo_reaches_the_engine() -> None:
    engine = Engine()
    render_events(engine, [Event(10, Tempo(93.0))], 20)
    assert engine.performance.tempo_bpm == 93.0
