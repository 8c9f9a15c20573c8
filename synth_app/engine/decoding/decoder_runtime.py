"""Conversion of the voices' latent vectors to unit frames.

A recurrent model runs at its own hop, with a state for every voice.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.modelfile import ModelFile

Float32s = NDArray[np.float32]
HELD_STEPS = 3  # steps at a constant latent vector after which a recurrent model's frame counts as settled
_MOST_STEPS = 8  # limit of the steps that a voice that joins late catches up on at once


class DecoderRuntime:
    """The decoder of one instrument.

    A recurrent decoder learned its steps at its training hop, which is longer than the engine's hop. So a voice steps
    only at the end of a training hop, with the latent vector it has then. The frames between are interpolated linearly,
    in dB, from the step before to the last one, so the timbre follows one training hop later.

    Args:
        file: the model.
        voices: number of the instrument's voices.
        rows: most latent vectors in one call of ``decode_voices``.
        held_rows: most latent vectors in one call of ``decode_held``.
    """

    def __init__(self, file: ModelFile, voices: int, rows: int, held_rows: int) -> None:
        card = file.card
        sequences, keys = voices + held_rows, card.key_range
        self._network = Network(card.decoder, file.tensors, card.latent_size, rows, COMPILED, keys, sequences)
        self._held_sequences = np.arange(voices, voices + held_rows)
        many = voices if self._network.recurrent else 0
        self._steps = np.zeros(many, np.int64)  # number of each voice's steps so far
        self._fresh = np.ones(many, np.bool_)
        self._last, self._next = np.zeros((2, many, self._network.n_out), np.float32)
        self._unit = np.zeros((rows if many else 0, self._network.n_out), np.float32)

    def reset_voice(self, v: int) -> None:
        """Make a voice's next frame its first."""
        if self._network.recurrent:
            self._network.reset(v)
            self._steps[v], self._fresh[v] = 0, True

    def decode_voices(
        self, z: Float32s, pitch: Float32s, row: NDArray[np.int32], elapsed: NDArray[np.float64]
    ) -> Float32s:
        """Decode latent vectors of voices.

        Args:
            z: float32 [n, latent], latent vectors.
            pitch: float32 [n], MIDI, for pitch-conditioned decoders.
            row: int32 [n], indices of the voices; if one is repeated, its later rows are later moments.
            elapsed: float64 [n], training hops since each voice began, 0 or more.

        Returns:
            Unit frames, float32 [n, bins] in [-1, 1], in a buffer that the next call overwrites.
        """
        if not self._network.recurrent:
            return self._network.run(z, pitch)
        first = 0
        while first < len(z):
            n = _count_before_repeat(row[first:])
            part = slice(first, first + n)
            self._step(z[part], pitch[part], row[part], elapsed[part])
            self._interpolate(row[part], elapsed[part], self._unit[part])
            first += n
        return self._unit[: len(z)]

    def decode_held(self, z: Float32s, pitch: Float32s) -> Float32s:
        """Decode constant latent vectors [n, latent] to unit frames [n, bins], in a buffer that is overwritten."""
        if not self._network.recurrent:
            return self._network.run(z, pitch)
        sequences = self._held_sequences[: len(z)]
        for sequence in sequences:
            self._network.reset(int(sequence))
        for _ in range(HELD_STEPS - 1):
            self._network.run_each(z, sequences, pitch)
        return self._network.run_each(z, sequences, pitch)

    def _step(self, z: Float32s, pitch: Float32s, row: NDArray[np.int32], elapsed: NDArray[np.float64]) -> None:
        """Make the steps that are due."""
        wanted = elapsed.astype(np.int64) + 1
        self._steps[row] = np.maximum(self._steps[row], wanted - _MOST_STEPS)
        while True:
            due = np.flatnonzero(self._steps[row] < wanted)
            if not len(due):
                return
            voices = row[due].astype(np.intp)
            frames = self._network.run_each(z[due], voices, pitch[due])
            self._last[voices] = np.where(self._fresh[voices, np.newaxis], frames, self._next[voices])
            self._next[voices], self._fresh[voices] = frames, False
            self._steps[voices] += 1

    def _interpolate(self, row: NDArray[np.int32], elapsed: NDArray[np.float64], out: Float32s) -> None:
        fraction = (elapsed - np.floor(elapsed)).astype(np.float32)[:, np.newaxis]
        last = self._last[row]
        np.subtract(self._next[row], last, out=out)
        out *= fraction
        out += last


def _count_before_repeat(row: NDArray[np.int32]) -> int:
    """Return the number of rows before the first repeated voice."""
    seen: set[int] = set()
    for i, v in enumerate(row.tolist()):
        if v in seen:
            return i
        seen.add(v)
    return len(row)
