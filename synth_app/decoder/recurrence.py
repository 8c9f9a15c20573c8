"""An LSTM layer at run time, with the states of several sequences that go on independently of each other."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.operations import Operations
from synth_app.modelfile import Lstm

Array = NDArray[np.float32]


class Turn:
    """Whose rows the present call has: shared by the recurrent layers of one network.

    Attributes:
        slots: intp [n], the sequence that each row continues, none twice; None: the rows are successive moments of
            sequence 0.
    """

    def __init__(self) -> None:
        self.slots: NDArray[np.intp] | None = None


class Recurrence:
    """One LSTM layer (``modelfile.Lstm`` has its equations), with every buffer made beforehand.

    Args:
        op: names of its weights. tensors: float32 arrays by name.
        batch: most rows of one call. slots: sequences.
        operations: how layers are computed. turn: whose rows each call has.
    """

    def __init__(
        self, op: Lstm, tensors: dict[str, Array], batch: int, slots: int, operations: Operations, turn: Turn
    ) -> None:
        bias = tensors[op.bias]
        self._layer = operations.pack(tensors[op.weight], bias)
        self._recurrent = operations.pack(tensors[op.recurrent], np.zeros_like(bias))
        self._operations, self._turn, self.width = operations, turn, len(bias) // 4
        self._hidden, self._cell = np.zeros((2, slots, self.width), np.float32)
        self._given, self._gates = np.empty((2, batch, 4 * self.width), np.float32)
        self._out, self._before = np.empty((2, batch, self.width), np.float32)

    def forget(self, slot: int) -> None:
        """Let a sequence begin anew."""
        self._hidden[slot] = self._cell[slot] = 0.0

    def __call__(self, x: Array) -> Array:
        """Apply to [n, n_in]; returns [n, width], a buffer that the next call overwrites."""
        n = len(x)
        self._operations.affine(x, self._layer, self._given[:n])
        if self._turn.slots is not None:
            self._each(self._turn.slots, n)
        else:
            for i in range(n):
                self._cell_step(slice(i, i + 1), self._hidden[:1], self._cell[:1], self._out[i : i + 1])
                self._hidden[0] = self._out[i]
        return self._out[:n]

    def _each(self, slots: NDArray[np.intp], n: int) -> None:
        hidden, cell = self._before[:n], self._cell[slots]
        np.take(self._hidden, slots, axis=0, out=hidden)
        self._cell_step(slice(0, n), hidden, cell, self._out[:n])
        self._hidden[slots], self._cell[slots] = self._out[:n], cell

    def _cell_step(self, rows: slice, hidden: Array, cell: Array, out: Array) -> None:
        o, gates = self._operations, self._gates[rows]
        o.affine(hidden, self._recurrent, gates)
        o.add(self._given[rows], gates)
        o.lstm_cell(gates, cell, out)
