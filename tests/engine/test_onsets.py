"""Notes that begin between frames: the position on their path, and very short notes."""

import numpy as np
import pytest

from synth_app.engine.control.expression import Inputs
from synth_app.engine.control.held_keys import Key
from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.engine.spectral.frame_layout import frame_layout
from synth_app.patch import NoteOff, NoteOn, Patch
from synth_app.patch.quality import quality
from tests.engine.conftest import SPECS
from tests.engine.helpers import rms_db


@pytest.mark.parametrize("clock", [0, 1, 100, 5003])
@pytest.mark.parametrize("name", ["live", "eco"])
def test_an_onset_moves_the_path_to_the_centre_of_its_last_frame(models: dict[int, str], name: str, clock: int) -> None:
    instrument = prepare_instrument(models[48_000], name, max_voices=4)
    instrument.begin(Patch(models[48_000], quality=name), clock, Inputs(), faded=False)
    instrument.note_on(Key(0, 60), 100, clock)
    instrument.begin_waiting(clock)
    voices, layout = instrument._allocator.voices, frame_layout(SPECS[48_000], quality(name))
    assert voices.onset_frame[0] >= clock
    moved = voices.onset_frame[0] + layout.length // 2 - clock
    np.testing.assert_allclose(voices.position[0], moved / layout.model_hop)


@pytest.mark.parametrize("keys", [1, 7])
def test_a_key_that_goes_down_and_up_within_one_block_sounds(models: dict[int, str], keys: int) -> None:
    """Also with more keys than can begin at one sample: the later ones are still waiting when they are released."""
    engine = Engine(max_voices=8)
    patch = Patch(models[48_000]).with_param("release_s", 0.5)
    engine.install(prepare_instrument(models[48_000], max_voices=8), patch)
    notes = range(60, 60 + 5 * keys, 5)
    for note in notes:
        engine.post(NoteOn(note))
    instrument = engine._instrument
    assert instrument is not None
    voices = instrument._allocator.voices
    for note in notes:
        engine.post(NoteOff(note))
    assert (voices.onset_frame[:keys] < 1 << 62).all(), "every voice has begun before it is released"
    out = np.zeros((4800, 2), np.float32)
    engine.render(out)
    assert rms_db(out[:2400]) > -60.0


def test_more_notes_than_voices_begin_between_two_ticks(models: dict[int, str]) -> None:
    """Onsets put off to the next tick must not hold back later ones, until too many begin at once."""
    engine = Engine(max_voices=12)
    engine.install(prepare_instrument(models[48_000], "eco", max_voices=12), Patch(models[48_000], quality="eco"))
    out = np.zeros((3, 2), np.float32)
    for note in range(40, 100):
        engine.post(NoteOn(note))
        if note % 6 == 0:
            engine.render(out)  # a few samples only: the next notes begin before the tick
    instrument = engine._instrument
    assert instrument is not None
    assert len(instrument._allocator._waiting) <= 12, "no more onsets wait than there are voices"
    rest = np.zeros((4800, 2), np.float32)
    engine.render(rest)
    assert rms_db(rest[2400:]) > -60.0
    assert not instrument._allocator._waiting
