"""Keys into voices: poly, mono, legato, glide and unison in the rendered sound."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.voices.key_assigner import unison_voices
from synth_app.params import param
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch
from tests.engine.helpers import cents, key_hz, partial_hz, play, rms_db

F32 = NDArray[np.float32]
MONO, LEGATO = 1.0, 2.0
HELD = range(48, 70, 3)  # of these no lower key has a partial at 54


def _patch(path: str, **values: float) -> Patch:
    patch = Patch(path, 1, 1).with_param("motion", 0.0)
    for name, value in values.items():
        patch = patch.with_param(name, value)
    return patch


def _part(audio: F32, start_s: float, stop_s: float) -> F32:
    return np.asarray(audio[round(start_s * ENGINE_RATE) : round(stop_s * ENGINE_RATE)].mean(axis=1), np.float32)


def _level_db(part: F32, hz: float) -> float:
    """Level of the strongest partial within a few cents of a frequency."""
    spectrum = np.abs(np.fft.rfft(part * np.blackman(len(part)))) / len(part)
    at = hz * len(part) / ENGINE_RATE
    return float(20 * np.log10(spectrum[int(at) - 3 : int(at) + 5].max() + 1e-9))


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_mono_plays_one_note_and_returns_to_the_previous_held_key(models: dict[int, str], mode: float) -> None:
    patch = _patch(models[48_000], voice_mode=mode, release_s=0.05)
    audio = play(patch, (0.0, NoteOn(60)), (0.5, NoteOn(67)), (1.0, NoteOff(67)), (1.5, NoteOff(60)), seconds=2.2)
    low, high = key_hz(60), key_hz(67)
    for start_s, stop_s, there, gone in ((0.2, 0.5, low, high), (0.7, 1.0, high, low), (1.2, 1.5, low, high)):
        part = _part(audio, start_s, stop_s)
        assert _level_db(part, there) > _level_db(part, gone) + 40.0
    assert rms_db(_part(audio, 1.9, 2.2)) < -60.0


def _crossed(models: dict[int, str], mode: float, then: Callable[[Engine], None]) -> F32:
    """Hold ``HELD`` during a change of model, call ``then`` 64 samples later, and return half a second of sound."""
    first, second = (_patch(models[rate], voice_mode=mode, release_s=0.02) for rate in (16_000, 48_000))
    engine = Engine()
    engine.install(prepare_instrument(first.model), first)
    render_events(engine, [Event(0, NoteOn(key)) for key in HELD], 9600)
    engine.install(prepare_instrument(second.model), second)
    render_events(engine, [], 64)  # some keys are still on their way
    then(engine)
    return _part(render_events(engine, [], 28_800), 0.1, 0.6)


def test_held_keys_cross_over_to_another_model_unless_released_meanwhile(models: dict[int, str]) -> None:
    part = _crossed(models, 0.0, lambda engine: engine.post(NoteOff(54)))
    levels = {key: _level_db(part, key_hz(key)) for key in HELD}
    gone = levels.pop(54)
    assert min(levels.values()) > gone + 30.0


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_a_new_key_sounds_while_older_ones_cross_over_to_another_model(models: dict[int, str], mode: float) -> None:
    part = _crossed(models, mode, lambda engine: engine.post(NoteOn(67)))
    assert _level_db(part, key_hz(67)) > max(_level_db(part, key_hz(key)) for key in HELD) + 40.0


def test_releasing_a_key_that_does_not_sound_changes_nothing(models: dict[int, str]) -> None:
    patch = _patch(models[48_000], voice_mode=LEGATO)
    held = play(patch, (0.0, NoteOn(60)), (0.4, NoteOn(64)), seconds=1.0)
    lifted = play(patch, (0.0, NoteOn(60)), (0.4, NoteOn(64)), (0.6, NoteOff(60)), seconds=1.0)
    np.testing.assert_array_equal(held, lifted)


def test_legato_has_no_second_attack_and_mono_has(models: dict[int, str]) -> None:
    def least_db(mode: float) -> float:
        patch = _patch(models[48_000], voice_mode=mode, attack_s=0.3)
        audio = play(patch, (0.0, NoteOn(60)), (0.8, NoteOn(62)), seconds=1.4)
        return min(rms_db(_part(audio, at, at + 0.03)) for at in np.arange(0.8, 1.1, 0.01))

    assert least_db(LEGATO) > least_db(MONO) + 6.0


@pytest.mark.parametrize("mode", [0.0, MONO, LEGATO])
def test_a_glide_is_half_way_in_half_its_time(models: dict[int, str], mode: float) -> None:
    patch = _patch(models[48_000], voice_mode=mode, glide_s=0.8, release_s=0.02)
    first = () if mode == LEGATO else ((0.45, NoteOff(60)),)
    audio = play(patch, (0.0, NoteOn(60)), *first, (0.5, NoteOn(72)), seconds=2.0)
    middle = _part(audio, 0.9 - 0.02, 0.9 + 0.02)  # 0.6 semitones on either side
    assert abs(cents(partial_hz(np.pad(middle, 9000), key_hz(66)), key_hz(66))) < 40.0
    assert abs(cents(partial_hz(_part(audio, 1.4, 2.0), key_hz(72)), key_hz(72))) < 3.0


def test_unison_is_spread_over_the_detune_and_as_loud_as_one_voice(models: dict[int, str]) -> None:
    one = play(_patch(models[48_000]), (0.0, NoteOn(72)), seconds=4.0)
    four = play(_patch(models[48_000], unison=3, detune_cents=60.0), (0.0, NoteOn(72)), seconds=4.0)
    part = _part(four, 0.5, 4.0)
    for shift in (-0.3, 0.0, 0.3):
        target = key_hz(72 + shift)
        near = partial_hz(np.asarray(part * np.blackman(len(part)), np.float32), target)
        assert abs(cents(near, target)) < 32.0
        assert _level_db(part, target) > _level_db(part, key_hz(72 + shift + 0.15)) + 10.0
    assert rms_db(part) == pytest.approx(rms_db(_part(one, 0.5, 4.0)), abs=1.5)


def test_unison_voices() -> None:
    assert unison_voices(1, 50.0) == ((0.0, None, 0.0),)
    voices = unison_voices(4, 60.0)
    assert [voice.shift for voice in voices] == pytest.approx([-0.3, -0.1, 0.1, 0.3])
    assert [voice.side for voice in voices] == pytest.approx([-1.0, 1 / 3, -1 / 3, 1.0])
    for side in (-1, 1):  # each side has a high and a low voice
        shifts = [voice.shift for voice in voices if np.sign(voice.side or 0.0) == side]
        assert min(shifts) < 0.0 < max(shifts)
    assert 10 * np.log10(sum(10 ** (voice.level_db / 10) for voice in voices)) == pytest.approx(0.0)


def test_every_block_size_gives_the_same_samples(models: dict[int, str]) -> None:
    patch = _patch(models[48_000], voice_mode=LEGATO, glide_s=0.2, unison=3)
    events = ((0.0, NoteOn(60)), (0.21, NoteOn(65)), (0.4, NoteOff(65)), (0.5, NoteOff(60)))
    one = play(patch, *events, seconds=0.8, block=4096)
    for block in (1, 40, 1000):
        np.testing.assert_array_equal(one, play(patch, *events, seconds=0.8, block=block))


def test_all_voices_of_a_unison_are_released_and_stolen_in_bounds(models: dict[int, str]) -> None:
    engine = Engine(max_voices=8, seed=0)
    patch = _patch(models[48_000], unison=8, release_s=0.02)
    engine.install(prepare_instrument(models[48_000], max_voices=8), patch)
    out = np.zeros((4800, 2), np.float32)
    for key in (60, 64, 67):
        engine.post(NoteOn(key))
        engine.render(out)
        assert engine.active_voices == 8
        assert np.abs(out).max() <= 1.0
    for key in (60, 64, 67):
        engine.post(NoteOff(key))
    for _ in range(10):
        engine.render(out)
    assert engine.active_voices == 0


def test_modes_are_whole_numbers_with_names() -> None:
    mode = param("voice_mode")
    assert [mode.from_normalized(t) for t in (0.0, 0.2, 0.3, 0.7, 0.8, 1.0)] == [0, 0, 1, 1, 2, 2]
    assert mode.clamp(1.4) == 1
    assert len(mode.choices) == mode.maximum - mode.minimum + 1
