"""From the voices' codes to unit frames; a recurrent model keeps its own hop, with a state for every voice."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.modelfile import ModelFile

Float32s = NDArray[np.float32]
HELD_STEPS = 3  # of a code that stands still, after which a recurrent model's frame is taken for settled
_MOST_STEPS = 8  # made up for at once by a voice that joins late


class DecoderRuntime:
    """The decoder of one rig.

    A recurrent decoder learned its steps at its training hop, which is longer than the engine's. So a voice steps only
    when a training hop of it is over, with the code it has then, and the frames between are on the straight line, in
    dB, from the step before to the last one: timbre comes one training hop late.

    Args:
        file: the model. voices: of the rig.
        rows: most codes of one call.
        held_rows: most codes of one call of ``held``.
    """

    def __init__(self, file: ModelFile, voices: int, rows: int, held_rows: int) -> None:
        card = file.card
        slots, keys = voices + held_rows, card.key_range
        self._network = Network(card.decoder, file.tensors, card.latent_size, rows, COMPILED, keys, slots)
        self._held_slots = np.arange(voices, voices + held_rows)
        many = voices if self._network.recurrent else 0
        self._steps = np.zeros(many, np.int64)  # made by each voice
        self._fresh = np.ones(many, np.bool_)
        self._last, self._next = np.zeros((2, many, self._network.n_out), np.float32)
        self._unit = np.zeros((rows if many else 0, self._network.n_out), np.float32)

    def begin(self, v: int) -> None:
        """Let a voice's next frame be its first."""
        if self._network.recurrent:
            self._network.reset(v)
            self._steps[v], self._fresh[v] = 0, True

    def frames(self, z: Float32s, pitch: Float32s, row: NDArray[np.int32], elapsed: NDArray[np.float64]) -> Float32s:
        """Frames of voices.

        Args:
            z: float32 [n, latent], their codes.
            pitch: float32 [n], MIDI, for a decoder that takes it.
            row: int32 [n], their numbers; where one comes again, its later rows are later moments.
            elapsed: float64 [n], training hops since each began, 0 or more.

        Returns:
            float32 [n, bins] in [-1, 1], in a buffer that the next call overwrites.
        """
        if not self._network.recurrent:
            return self._network.run(z, pitch)
        first = 0
        while first < len(z):
            n = _without_repeats(row[first:])
            part = slice(first, first + n)
            self._move_on(z[part], pitch[part], row[part], elapsed[part])
            self._between(row[part], elapsed[part], self._unit[part])
            first += n
        return self._unit[: len(z)]

    def held(self, z: Float32s, pitch: Float32s) -> Float32s:
        """Frames [n, bins] of codes [n, latent] that stand still, in a buffer that the next call overwrites."""
        if not self._network.recurrent:
            return self._network.run(z, pitch)
        slots = self._held_slots[: len(z)]
        for slot in slots:
            self._network.reset(int(slot))
        for _ in range(HELD_STEPS - 1):
            self._network.run_each(z, slots, pitch)
        return self._network.run_each(z, slots, pitch)

    def _move_on(self, z: Float32s, pitch: Float32s, row: NDArray[np.int32], elapsed: NDArray[np.float64]) -> None:
        """Make the steps that are due."""
        wanted = elapsed.astype(np.int64) + 1
        self._steps[row] = np.maximum(self._steps[row], wanted - _MOST_STEPS)
        while True:
            due = np.flatnonzero(self._steps[row] < wanted)
            if not len(due):
                return
            voices = row[due].astype(np.intp)
            made = self._network.run_each(z[due], voices, pitch[due])
            self._last[voices] = np.where(self._fresh[voices, np.newaxis], made, self._next[voices])
            self._next[voices], self._fresh[voices] = made, False
            self._steps[voices] += 1

    def _between(self, row: NDArray[np.int32], elapsed: NDArray[np.float64], out: Float32s) -> None:
        way = (elapsed - np.floor(elapsed)).astype(np.float32)[:, np.newaxis]
        last = self._last[row]
        np.subtract(self._next[row], last, out=out)
        out *= way
        out += last


def _without_repeats(row: NDArray[np.int32]) -> int:
    """How many rows there are until a voice comes again."""
    seen: set[int] = set()
    for i, v in enumerate(row.tolist()):
        if v in seen:
            return i
        seen.add(v)
    return len(row)
