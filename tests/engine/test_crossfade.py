"""Changes of model: how many fade out at once, which one waits, and how old the held notes are."""

from typing import Any

import numpy as np
import pytest

from synth_app.engine.engine import Engine
from synth_app.engine.fade import Fade
from synth_app.engine.instrument import Instrument
from synth_app.modelfile import load_model_file
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Patch, SetPatch
from tests.engine.helpers import rms_db

FADE = round(0.04 * ENGINE_RATE)


def _instrument(models: dict[int, str], name: str) -> Instrument:
    return Instrument(load_model_file(models[48_000]), name, "live", 4, 0)


def _install(engine: Engine, models: dict[int, str], name: str) -> Instrument:
    made = _instrument(models, name)
    engine.install(made, Patch(name))
    return made


def _render(engine: Engine, samples: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    out = np.zeros((samples, 2), np.float32)
    engine.render(out)
    return out


def test_a_fourth_model_waits_until_one_has_faded_out_and_the_latest_wins(models: dict[int, str]) -> None:
    engine = Engine(max_voices=4)
    for name in ("a", "b", "c"):
        _install(engine, models, name)
    assert engine.model == "c"
    _install(engine, models, "d")
    assert engine.model == "c", "a and b still fade out"
    _install(engine, models, "e")
    _render(engine, FADE // 2)
    assert engine.model == "c"
    _render(engine, FADE)
    assert engine.model == "e"


def test_a_patch_for_the_waiting_model_is_used_when_it_is_installed(models: dict[int, str]) -> None:
    engine = Engine(max_voices=4)
    for name in ("a", "b", "c", "d"):
        _install(engine, models, name)
    engine.post(SetPatch(Patch("d").with_param("gain_db", -60.0)))
    engine.post(NoteOn(60))
    _render(engine, 4 * FADE)
    assert engine.model == "d"
    _render(engine, ENGINE_RATE // 4)
    assert rms_db(_render(engine, 4800)) < -70.0


def test_held_notes_keep_their_age_in_another_model(models: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(max_voices=4)
    _install(engine, models, "a")
    _render(engine, 1000)
    engine.post(NoteOn(60, 90))
    _render(engine, 5000)
    engine.post(NoteOn(64, 80))
    _render(engine, 3000)
    made, calls = _instrument(models, "b"), list[tuple[Any, ...]]()
    monkeypatch.setattr(made, "note_on", lambda *args: calls.append(args))
    engine.install(made, Patch("b"))
    _render(engine, 2000)
    assert [(key.note, velocity) for key, velocity, *_ in calls] == [(60, 90), (64, 80)]
    assert [clock - elapsed for _, _, clock, elapsed in calls] == [1000, 6000]


def test_a_note_that_crosses_over_does_not_repeat_its_attack(models: dict[int, str]) -> None:
    engine = Engine(max_voices=4)
    patch = Patch("a").with_param("attack_s", 0.5)
    engine.install(_instrument(models, "a"), patch)
    engine.post(NoteOn(60))
    before = rms_db(_render(engine, ENGINE_RATE)[-4800:])
    engine.install(_instrument(models, "b"), Patch("b").with_param("attack_s", 0.5))
    _render(engine, 2 * FADE)
    assert rms_db(_render(engine, 4800)) == pytest.approx(before, abs=1.5)


def test_silent_models_fade_out_and_let_the_next_one_in(models: dict[int, str]) -> None:
    engine = Engine(max_voices=4)
    _install(engine, models, "a")
    engine.post(NoteOn(60))
    _render(engine, 4800)
    engine.post(NoteOff(60))
    _render(engine, 3 * ENGINE_RATE)  # asleep: nothing is left in the rings
    for name in ("b", "c", "d", "e"):
        _install(engine, models, name)
        _render(engine, ENGINE_RATE)
        assert engine.model == name
    for name in ("f", "g", "h"):
        _install(engine, models, name)
    _render(engine, 3 * FADE)
    assert engine.model == "h"


@pytest.mark.parametrize("out", [False, True])
def test_samples_that_are_not_rendered_count_for_the_fade(out: bool) -> None:
    fade = Fade()
    fade.begin(from_silence=not out)
    if out:
        fade.begin_out()
    fade.skip(FADE // 2)
    assert fade.gain == pytest.approx(0.5, abs=1e-3)
    assert not fade.faded_out
    fade.skip(FADE)
    assert fade.gain == (0.0 if out else 1.0)
    assert fade.faded_out == out
