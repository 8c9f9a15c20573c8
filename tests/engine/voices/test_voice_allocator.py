"""Starting, releasing and stealing voices, and glides between keys, without sound."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.control.controls import GLIDE, MODE
from synth_app.engine.control.expression import Expression, Inputs
from synth_app.engine.control.held_keys import Key
from synth_app.engine.spectral.frame_layout import FrameLayout, frame_layout
from synth_app.engine.voices.key_assigner import LEGATO, KeyAssigner
from synth_app.engine.voices.latent_path import FREE
from synth_app.engine.voices.voice_allocator import VoiceAllocator
from synth_app.params import defaults
from synth_app.patch import ENGINE_RATE
from synth_app.patch.quality import quality
from tests.engine.conftest import SPECS


def _layout() -> FrameLayout:
    return frame_layout(SPECS[48_000], quality("live"))


def _params() -> NDArray[np.float64]:
    return np.array(defaults())


def _start(allocator: VoiceAllocator, note: int, clock: int = 0) -> int:
    return allocator.start(Key(0, note), 100, clock, 0, _params())


def test_released_voices_are_stolen_before_quieter_held_ones() -> None:
    allocator = VoiceAllocator(3, 2, _layout())
    first, loud_released, quiet_held = (_start(allocator, note) for note in (60, 62, 64))
    allocator.voices.level_db[[first, loud_released, quiet_held]] = -10.0, -3.0, -70.0
    allocator.release(loud_released, 100, 1.0, _params())
    assert _start(allocator, 67) == loud_released
    assert _start(allocator, 69) == quiet_held, "then the quietest held one"


def test_of_several_released_voices_the_quietest_is_stolen() -> None:
    allocator = VoiceAllocator(2, 2, _layout())
    voices = [_start(allocator, note) for note in (60, 62)]
    allocator.voices.level_db[voices] = -5.0, -20.0
    for v in voices:
        allocator.release(v, 100, 1.0, _params())
    assert _start(allocator, 67) == voices[1]


def test_a_voice_stolen_while_it_waits_begins_once_for_its_new_note() -> None:
    allocator = VoiceAllocator(1, 2, _layout())
    assert _start(allocator, 60) == _start(allocator, 64) == 0
    assert allocator.due(0) == [0]
    assert allocator.voices.key[0] == 64


def test_a_voice_freed_while_it_waits_does_not_begin() -> None:
    allocator = VoiceAllocator(2, 2, _layout())
    v = _start(allocator, 60)
    allocator.voices.stage[v] = FREE
    assert allocator.due(0) == []


def test_a_voice_that_has_begun_does_not_begin_again() -> None:
    allocator = VoiceAllocator(2, 2, _layout())
    v = _start(allocator, 60)
    allocator.voices.onset_frame[v] = 128
    assert allocator.due(0) == []


def test_legato_during_a_glide_continues_from_the_present_pitch() -> None:
    layout = _layout()
    allocator = VoiceAllocator(2, 2, layout)
    keys = KeyAssigner(
        allocator, Expression(2, layout.tick, Inputs()), layout.tick, lambda v, serial: None, lambda v: None
    )
    params = _params()
    params[MODE], params[GLIDE] = LEGATO, 0.5

    def pitch() -> float:
        return float(allocator.voices.key[0] + keys.shift[0])

    keys.note_on(Key(0, 60), 100, 0, 0, params)
    keys.note_on(Key(0, 72), 100, 0, 0, params)
    ticks = round(0.25 * ENGINE_RATE / layout.tick)
    for _ in range(ticks):
        keys.step(2.0)
    halfway = pitch()
    assert halfway == pytest.approx(66.0, abs=0.1)
    keys.note_on(Key(0, 48), 100, 0, 0, params)
    assert pitch() == pytest.approx(halfway), "no jump to either key"
    keys.step(2.0)
    assert halfway - 0.2 < pitch() < halfway
    for _ in range(2 * ticks + 2):
        keys.step(2.0)
    assert pitch() == pytest.approx(48.0)
