"""Large parts of patches cross the pipe once, and arrive as they were sent."""

import io
import pickle
from dataclasses import replace

import numpy as np

from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.messages import Ping, Play
from synth_app.audio.protocol.shared_parts import PLACES
from synth_app.patch import NoteOn, PadGrid, Patch, SetPatch, UserNote

FRAMES, LATENT = 500, 16


class Pipe:
    """Both ends in one process; each message's size is kept."""

    def __init__(self) -> None:
        self._stream = io.BytesIO()
        self._channel = Channel(self._stream, self._stream)
        self.sizes: list[int] = []

    def cross(self, message: object) -> object:
        self._stream.seek(0)
        self._stream.truncate()
        self._channel.send(message)
        self.sizes.append(self._stream.tell())
        self._stream.seek(0)
        return self._channel.receive()


def note(name: str, *others: UserNote) -> UserNote:
    rng = np.random.default_rng(sum(name.encode()))
    z = rng.standard_normal((FRAMES, LATENT)).astype(np.float32).tobytes()
    gains = np.zeros(FRAMES, np.float32).tobytes()
    return UserNote(name, "", 60.0, LATENT, z, gains, (1, 2, 400, 450), others=others)


def test_a_move_sends_the_sound_no_more() -> None:
    pipe, sound = Pipe(), note("cello", note("low"), note("high"))
    patch = Patch("model", user_notes=(sound, sound), offset=(0.0,) * LATENT)
    for step in range(5):
        moved = Play(SetPatch(replace(patch, offset=(step / 10,) * LATENT)))
        assert pipe.cross(moved) == moved
    first, *moves = pipe.sizes
    assert first > 3 * FRAMES * LATENT * 4
    assert max(moves) < 4000
    assert max(moves) < len(pickle.dumps(Play(SetPatch(patch)))) / 20


def test_what_arrives_again_is_the_same_object() -> None:
    pipe, sound = Pipe(), note("cello")
    patch = Patch("model", user_notes=(sound, None))
    one, other = (pipe.cross(Play(SetPatch(replace(patch, slot_a=i)))) for i in range(2))
    assert isinstance(one, Play)
    assert isinstance(other, Play)
    assert isinstance(one.message, SetPatch)
    assert isinstance(other.message, SetPatch)
    assert one.message.patch.user_notes[0] is other.message.patch.user_notes[0]
    assert other.message.patch.slot_a == 1


def test_more_parts_than_places_and_old_ones_that_come_back_arrive_as_they_are() -> None:
    pipe = Pipe()
    notes = [note(f"note {i}") for i in range(PLACES + 5)]
    grid = PadGrid.of(np.zeros((2, 2, LATENT)), (0.5, 0.5))
    for i in (*range(len(notes) - 1), 0, 1, *range(len(notes) - 1)):
        sent = Play(SetPatch(Patch("model", user_notes=(notes[i], notes[i + 1]), pad_grid=grid)))
        assert pipe.cross(sent) == sent
    assert pipe.cross(Ping(3)) == Ping(3)
    assert pipe.cross(Play(NoteOn(60))) == Play(NoteOn(60))
