"""Effects after the voices: the same samples live and offline, tails after the last note and a change of model."""

import numpy as np
import pytest

from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Panic, Patch, SetPatch, Tempo
from synth_app.patch.patch import Message
from tests.engine.helpers import play, rms_db


def wet(patch: Patch, **changed: float) -> Patch:
    """The patch with parameters changed."""
    for name, value in changed.items():
        patch = patch.with_param(name, value)
    return patch


ALL = {"eq_on": 1, "eq_tilt_db": 4, "chorus_on": 1, "delay_on": 1, "reverb_on": 1, "limiter_on": 1}


def seconds(engine: Engine, length_s: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    out = np.zeros((round(length_s * ENGINE_RATE), 2), np.float32)
    engine.render(out)
    return out


def test_block_size_does_not_matter_with_effects(models: dict[int, str]) -> None:
    patch = Patch(models[48_000])
    events: list[tuple[float, Message]] = [
        (0.0, NoteOn(60)),
        (0.05, SetPatch(wet(patch, **ALL, delay_sync=1))),
        (0.1, Tempo(90.0)),
        (0.12, NoteOff(60)),
        (0.2, SetPatch(wet(patch, **ALL, reverb_size=1.0, delay_time_s=0.05, gain_db=-6))),
        (0.3, SetPatch(patch)),
    ]
    reference = play(patch, *events, seconds=0.5)
    assert rms_db(reference[-4800:]) > -70  # it still rings
    for block in (1, 37, 128, 1000):
        assert np.array_equal(play(patch, *events, seconds=0.5, block=block), reference), block


def test_effects_that_are_off_change_no_bit(models: dict[int, str]) -> None:
    patch = Patch(models[48_000])
    settings = {"reverb_decay_s": 9.0, "reverb_mix": 1.0, "delay_feedback": 0.9, "eq_tilt_db": 12.0, "chorus_mix": 1.0}
    plain = play(patch, (0.0, NoteOn(60)), seconds=0.3)
    assert np.array_equal(play(wet(patch, **settings), (0.0, NoteOn(60)), seconds=0.3), plain)


def test_tails_ring_out_after_the_last_note(models: dict[int, str]) -> None:
    engine = Engine(seed=1)
    patch = wet(Patch(models[48_000]), reverb_on=1, reverb_decay_s=1.0, release_s=0.02)
    engine.install(prepare_instrument(patch.model), patch)
    engine.post(NoteOn(60))
    seconds(engine, 0.3)
    engine.post(NoteOff(60))
    seconds(engine, 0.3)
    assert engine.active_voices == 0
    assert engine.ringing
    tail = seconds(engine, 1.0)
    fall_db = rms_db(tail[:4800]) - rms_db(tail[24_000:28_800])
    assert fall_db == pytest.approx(30.0, abs=6.0)  # 60 dB in a second, half a second apart
    seconds(engine, 4.0)
    assert not engine.ringing
    assert not seconds(engine, 0.1).any()


def test_a_tail_outlives_a_change_of_model_and_its_effects(models: dict[int, str]) -> None:
    engine = Engine(seed=1)
    patch = wet(Patch(models[48_000]), reverb_on=1, reverb_decay_s=3.0, reverb_mix=1, release_s=0.02)
    engine.install(prepare_instrument(patch.model), patch)
    engine.post(NoteOn(60))
    seconds(engine, 0.5)
    engine.post(NoteOff(60))
    before = seconds(engine, 0.2)
    engine.install(prepare_instrument(models[16_000]), Patch(models[16_000]))
    after = seconds(engine, 0.3)
    assert rms_db(after[4800:]) > rms_db(before[4800:]) - 10
    assert np.abs(np.diff(np.concatenate([before[-100:], after[:4800]]), axis=0)).max() < 0.05


def test_tempo_sets_the_echoes(models: dict[int, str]) -> None:
    """A dotted quarter at 200 bpm is 0.45 s. The echo is where the note's energy returns."""
    patch = wet(Patch(models[48_000]), delay_on=1, delay_sync=11, delay_feedback=0, delay_mix=0.5, release_s=0.02)
    audio = play(patch, (0.0, Tempo(200.0)), (0.0, NoteOn(60)), (0.06, NoteOff(60)), seconds=0.8)
    level = np.sqrt((audio.astype(np.float64) ** 2).mean(axis=1).reshape(-1, 480).mean(axis=1))  # per 10 ms
    assert level[20:44].max() < 0.05 * level.max()
    assert level[46:50].max() > 0.3 * level.max()


def test_panic_ends_echoes(models: dict[int, str]) -> None:
    engine = Engine(seed=1)
    patch = wet(Patch(models[48_000]), **ALL, reverb_decay_s=20, delay_feedback=0.95)
    engine.install(prepare_instrument(patch.model), patch)
    engine.post(NoteOn(60))
    seconds(engine, 0.5)
    engine.post(Panic())
    seconds(engine, 0.15)
    assert rms_db(seconds(engine, 0.5)) < -75  # what the voices' own fade sent after
    engine.post(Panic())
    seconds(engine, 0.1)
    assert not seconds(engine, 0.5).any()
    assert not engine.ringing
