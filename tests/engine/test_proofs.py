"""Properties of any patch and performance: bounded, no clicks, silent at the end, not slower when quiet."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.params import param
from synth_app.patch import ENGINE_RATE, Controller, NoteOff, NoteOn, Patch, Pedal, SetPatch, Tempo
from synth_app.patch.patch import Message
from tests.engine.helpers import high_band_db, rms_db

DULL, BRIGHT, PLUCKED, MOVING = range(4)
_GLIDING = (
    "morph", "motion", "attack_s", "decay_s", "sustain", "release_s", "tune_cents", "formant", "glide_s", "width",
    "spread", "velocity_db", "eq_on", "eq_tilt_db", "eq_pivot_hz", "chorus_on", "chorus_rate_hz", "chorus_depth_ms",
    "chorus_mix", "delay_on", "delay_sync", "delay_time_s", "delay_feedback", "delay_damp", "delay_width", "delay_mix",
    "reverb_on", "reverb_size", "reverb_decay_s", "reverb_damp", "reverb_predelay_s", "reverb_mix",
)  # fmt: skip
_LONGEST = {"release_s": 0.5, "reverb_decay_s": 2.0, "delay_feedback": 0.5, "delay_time_s": 0.5, "delay_sync": 8.0}
_KEYS = st.integers(36, 60)  # not above the bank notes' pitch: the tones stay below 8 kHz
_CHANGES = st.one_of(
    st.builds(NoteOn, _KEYS, st.integers(1, 127)),
    st.builds(NoteOn, _KEYS, st.integers(1, 127)),
    st.builds(NoteOff, _KEYS),
    st.builds(Pedal, st.booleans()),
    st.builds(Controller, st.just("bend"), st.floats(-1, 1)),
    st.builds(Tempo, st.floats(40, 240)),
    st.tuples(st.sampled_from(_GLIDING), st.floats(0, 1)),
    st.tuples(st.integers(DULL, BRIGHT), st.integers(DULL, BRIGHT)),
)  # fmt: skip
_CLICK_DB = 45.0  # under the loudest part of the tone, above its own band: what a struck key's 2 ms fade may leave


def _changed(patch: Patch, change: tuple[object, object]) -> Patch:
    name, value = change
    if isinstance(name, str) and isinstance(value, float):
        wanted = param(name).from_normalized(value)
        return patch.with_param(name, min(wanted, _LONGEST.get(name, wanted)))
    assert isinstance(name, int)
    assert isinstance(value, int)
    return replace(patch, slot_a=name, slot_b=value)


def _played(path: str, changes: list[tuple[int, object]], tail_s: float) -> tuple[Engine, np.ndarray]:
    """Render changes at distances in samples, then the release of all keys."""
    engine = Engine(max_voices=16, seed=5)
    patch = Patch(path).with_param("gain_db", -18.0)  # below the safety limiter, whose work is heard
    engine.install(prepare_instrument(path, max_voices=16), patch)
    parts = []
    let_go = [(2000, Pedal(down=False)), *((0, NoteOff(key)) for key in range(128))]
    messages: list[tuple[int, object]] = [*changes, *let_go]
    for distance, what in messages:
        parts.append(np.full((distance, 2), np.nan, np.float32))
        if distance:
            engine.render(parts[-1])
        if isinstance(what, tuple):
            patch = _changed(patch, what)
            engine.post(SetPatch(patch))
        else:
            message: Message = what  # type: ignore[assignment]  # drawn from messages only
            engine.post(message)
    parts.append(np.full((round(tail_s * ENGINE_RATE), 2), np.nan, np.float32))
    engine.render(parts[-1])
    assert not engine.limited
    return engine, np.concatenate(parts)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(changes=st.lists(st.tuples(st.integers(0, 2500), _CHANGES), min_size=3, max_size=20))
def test_any_performance_is_bounded_has_no_clicks_and_ends(
    models: dict[int, str], changes: list[tuple[int, object]]
) -> None:
    """A click is a step that no allowed change causes: it reaches above the tones' own band."""
    engine, audio = _played(models[48_000], changes, tail_s=1.0)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() <= 1.0
    tone_db = max(rms_db(audio[i : i + 960]) for i in range(0, len(audio) - 960, 960))
    above = max(float(high_band_db(audio[:, channel]).max()) for channel in (0, 1))
    assert above < max(tone_db - _CLICK_DB, -100.0), (above, tone_db)
    rest = np.zeros((ENGINE_RATE, 2), np.float32)
    for _ in range(30):  # the longest reverb and the sparsest echoes here are gone after less than 10 s
        engine.render(rest)
        if not engine.ringing and engine.active_voices == 0:
            break
    engine.render(rest)
    assert not rest.any()
    assert engine.active_voices == 0
    assert not engine.ringing


def test_the_click_test_finds_clicks(models: dict[int, str]) -> None:
    """A gap of one block in a soft note, as after a lost block, is 15 dB over the bound."""
    _, audio = _played(models[48_000], [(0, NoteOn(48, 64)), (24_000, NoteOn(48, 64))], tail_s=0.1)
    audio[12_000:12_128] = 0.0
    tone_db = rms_db(audio[10_000:20_000])
    assert high_band_db(audio[:, 0]).max() > tone_db - _CLICK_DB + 15.0


@pytest.mark.parametrize("wet", [False, True])
def test_a_fading_sound_does_not_slow_down(models: dict[int, str], wet: bool) -> None:
    """Denormal numbers are slow: the fastest blocks in every half second of ten are as fast as in the first."""
    patch = Patch(models[48_000], PLUCKED, PLUCKED).with_param("release_s", 10.0).with_param("sustain", 0.0)
    if wet:
        patch = patch.with_param("reverb_on", 1).with_param("reverb_decay_s", 2.0).with_param("eq_on", 1)
        patch = patch.with_param("eq_tilt_db", -9).with_param("delay_on", 1).with_param("delay_feedback", 0.9)
    engine = Engine(max_voices=8, seed=1)
    engine.install(prepare_instrument(patch.model, max_voices=8), patch)
    for key in (48, 55, 60, 64):
        engine.post(NoteOn(key))
    out = np.zeros((256, 2), np.float32)
    groups: list[float] = []
    for _ in range(20):
        times = []
        for _ in range(round(0.5 * ENGINE_RATE / 256)):
            start = time.perf_counter()
            engine.render(out)
            times.append(time.perf_counter() - start)
        groups.append(float(np.percentile(times, 20)))
    assert max(groups[1:]) < 2.0 * groups[0] + 50e-6, groups
