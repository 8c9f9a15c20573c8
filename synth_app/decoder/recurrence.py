"""An LSTM layer at run time, with the states of several independent sequences."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.operations import Operations
from synth_app.modelfile import Lstm

Array = NDArray[np.float32]


class ActiveSequences:
    """Sequences that the rows of the present call continue. All LSTM layers of a network share one instance.

    Attributes:
        sequences: intp [n], index of the sequence of each row, no sequence twice; None: the rows are successive frames
            of sequence 0.
    """

    def __init__(self) -> None:
        self.sequences: NDArray[np.intp] | None = None


class LstmRuntime:
    """One LSTM layer, with all buffers allocated beforehand; ``modelfile.Lstm`` has the equations.

    Args:
        op: names of the weights.
        tensors: float32 arrays by name.
        batch: maximum number of rows per call.
        sequences: number of sequences.
        operations: implementation of the layers.
        active: sequences of the present call.
    """

    def __init__(
        self,
        op: Lstm,
        tensors: dict[str, Array],
        batch: int,
        sequences: int,
        operations: Operations,
        active: ActiveSequences,
    ) -> None:
        bias = tensors[op.bias]
        self._layer = operations.pack(tensors[op.weight], bias)
        self._recurrent = operations.pack(tensors[op.recurrent], np.zeros_like(bias))
        self._operations, self._active, self.width = operations, active, len(bias) // 4
        self._hidden, self._cell = np.zeros((2, sequences, self.width), np.float32)
        self._input_gates, self._gates = np.empty((2, batch, 4 * self.width), np.float32)
        self._out, self._previous = np.empty((2, batch, self.width), np.float32)

    def reset(self, sequence: int) -> None:
        """Restart a sequence from the zero state."""
        self._hidden[sequence] = self._cell[sequence] = 0.0

    def __call__(self, x: Array) -> Array:
        """Apply the layer to [n, n_in]; return [n, width], a buffer that the next call overwrites."""
        n = len(x)
        self._operations.affine(x, self._layer, self._input_gates[:n])
        if self._active.sequences is not None:
            self._each(self._active.sequences, n)
        else:
            for i in range(n):
                self._cell_step(slice(i, i + 1), self._hidden[:1], self._cell[:1], self._out[i : i + 1])
                self._hidden[0] = self._out[i]
        return self._out[:n]

    def _each(self, sequences: NDArray[np.intp], n: int) -> None:
        hidden, cell = self._previous[:n], self._cell[sequences]
        np.take(self._hidden, sequences, axis=0, out=hidden)
        self._cell_step(slice(0, n), hidden, cell, self._out[:n])
        self._hidden[sequences], self._cell[sequences] = self._out[:n], cell

    def _cell_step(self, rows: slice, hidden: Array, cell: Array, out: Array) -> None:
        o, gates = self._operations, self._gates[rows]
        o.affine(hidden, self._recurrent, gates)
        o.add(self._input_gates[rows], gates)
        o.lstm_cell(gates, cell, out)
