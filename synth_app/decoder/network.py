"""Run the network program of a model card, with all buffers allocated beforehand."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.operations import NUMPY, Operations
from synth_app.decoder.recurrence import ActiveSequences, LstmRuntime
from synth_app.modelfile import (
    Activation,
    KeyRange,
    LayerNorm,
    Linear,
    Lstm,
    Op,
    Parallel,
    PitchComb,
    PitchConcat,
    Residual,
)

Array = NDArray[np.float32]
_Layer = Callable[[Array], Array]  # [n, width_in] -> [n, width_out], n <= max_batch; result is a reused buffer


class Network:
    """A network over batches of vectors.

    In a recurrent network a row depends on the rows before it: see ``run``, ``run_each`` and ``reset``.

    ``run`` allocates nothing beyond what its ``operations`` allocate. An instance belongs to one thread.

    Args:
        ops: the program of the card, validated by ``modelfile``.
        tensors: float32 arrays by name.
        n_in: width of the input vectors.
        max_batch: maximum number of rows per call.
        operations: implementation of the layers; numpy is the fastest for many rows.
        key_range: keys that the pitch tables span, for a pitch-conditioned network.
        sequences: number of independent sequences of a recurrent network.
    """

    def __init__(
        self,
        ops: tuple[Op, ...],
        tensors: dict[str, Array],
        n_in: int,
        max_batch: int,
        operations: Operations = NUMPY,
        key_range: KeyRange | None = None,
        sequences: int = 1,
    ) -> None:
        self.max_batch, self.key_range = max_batch, key_range
        self._table_position = np.zeros(max_batch, np.float32)
        compiler = _Compiler(tensors, max_batch, operations, self._table_position, sequences)
        self._steps, self.n_out = compiler.steps(ops, n_in)
        self._active, self._lstm_layers = compiler.active, compiler.lstm_layers
        self._input = np.empty((max_batch, n_in), np.float32)

    def run(self, x: Array, pitch: Array | None = None) -> Array:
        """Apply the network. The rows of a recurrent network are successive frames and continue sequence 0.

        Args:
            x: float32 [n, n_in], 1 <= n <= max_batch; not changed.
            pitch: float32 [n], MIDI, fractions allowed; ignored without a key range.

        Returns:
            float32 [n, n_out], a buffer that the next call overwrites.
        """
        self._active.sequences = None
        return self._apply(x, pitch)

    def run_each(self, x: Array, sequences: NDArray[np.intp], pitch: Array | None = None) -> Array:
        """Apply the network to one frame of several sequences.

        Args:
            x: float32 [n, n_in].
            sequences: intp [n], index of the sequence that each row continues; no sequence twice.
            pitch: as for ``run``.

        Returns:
            float32 [n, n_out], a buffer that the next call overwrites.
        """
        self._active.sequences = sequences
        return self._apply(x, pitch)

    def reset(self, sequence: int = 0) -> None:
        """Restart a sequence from the zero state."""
        for lstm in self._lstm_layers:
            lstm.reset(sequence)

    @property
    def recurrent(self) -> bool:
        """Whether a row depends on the rows before it."""
        return bool(self._lstm_layers)

    def _apply(self, x: Array, pitch: Array | None) -> Array:
        if self.key_range is not None:
            if pitch is None:
                raise ValueError("this network is pitch-conditioned: give the pitch of every row")
            table_position = self._table_position[: len(x)]
            np.subtract(pitch, np.float32(self.key_range.lowest), out=table_position)
            np.clip(table_position, np.float32(0.0), np.float32(self.key_range.keys - 1), out=table_position)
        value = self._input[: len(x)]
        value[:] = x
        for step in self._steps:
            value = step(value)
        return value

    def __call__(self, x: Array, pitch: Array | None = None) -> Array:
        """Apply the network to any number of rows, from the zero state.

        Returns:
            float32 [n, n_out], a new array.
        """
        self.reset()
        out = np.empty((len(x), self.n_out), np.float32)
        for start in range(0, len(x), self.max_batch):
            part = slice(start, min(start + self.max_batch, len(x)))
            out[part] = self.run(x[part], None if pitch is None else pitch[part])
        return out


class _Compiler:
    """Compile a program to a list of functions that share nothing but weights."""

    def __init__(
        self, tensors: dict[str, Array], batch: int, operations: Operations, table_position: Array, sequences: int
    ) -> None:
        self._tensors, self._batch, self._operations, self._table_position = tensors, batch, operations, table_position
        self._sequences, self.active, self.lstm_layers = sequences, ActiveSequences(), list[LstmRuntime]()

    def steps(self, ops: tuple[Op, ...], width: int) -> tuple[list[_Layer], int]:
        """Compile ``ops`` for input vectors of ``width``; return the functions and the output width."""
        steps: list[_Layer] = []
        for op in ops:
            step, width = self._step(op, width)
            steps.append(step)
        return steps, width

    def _step(self, op: Op, width: int) -> tuple[_Layer, int]:
        o = self._operations
        if isinstance(op, Linear):
            bias = self._tensors[op.bias]
            layer, out = o.pack(self._tensors[op.weight], bias), self._buffer(len(bias))
            return partial(_into, lambda x, y: o.affine(x, layer, y), out), len(bias)
        if isinstance(op, PitchConcat):
            table, table_position = np.ascontiguousarray(self._tensors[op.table]), self._table_position
            out = self._buffer(width + table.shape[1])
            return partial(_into, lambda x, y: o.pitch_concat(x, table_position[: len(x)], table, y), out), out.shape[1]
        if isinstance(op, PitchComb):
            return self._pitch_comb(op)
        if isinstance(op, LayerNorm):
            scale, shift, eps = self._tensors[op.weight], self._tensors[op.bias], op.eps
            return partial(_into, lambda x, y: o.layer_norm(x, scale, shift, eps, y), self._buffer(width)), width
        if isinstance(op, Activation):
            return partial(_into, o.activations[op.function], self._buffer(width)), width
        if isinstance(op, Lstm):
            lstm = LstmRuntime(op, self._tensors, self._batch, self._sequences, self._operations, self.active)
            self.lstm_layers.append(lstm)
            return lstm, lstm.width
        if isinstance(op, Residual):
            return self._sum_of((op.body,), width, with_input=True)
        if isinstance(op, Parallel):
            return self._sum_of(op.branches, width, with_input=False)
        raise TypeError(f"the decoder has no operation {type(op).__name__}; add it to decoder/network.py")

    def _pitch_comb(self, op: PitchComb) -> tuple[_Layer, int]:
        o, bias, combs = self._operations, self._tensors[op.bias], np.ascontiguousarray(self._tensors[op.combs])
        coefficients, each = self._tensors[op.coefficients], combs.shape[1]
        floor = o.pack(self._tensors[op.weight], bias)
        inner = o.pack(coefficients, np.zeros(len(coefficients), np.float32))
        bumps = o.pack(self._tensors[op.bumps].T, np.zeros(len(bias), np.float32))
        out, mixed, table_position = self._buffer(len(bias)), self._buffer(len(coefficients)), self._table_position
        envelopes = np.empty((self._batch * each, len(bias)), np.float32)

        def step(x: Array) -> Array:
            n = len(x)
            o.affine(x, floor, out[:n])
            o.affine(x, inner, mixed[:n])
            o.affine(mixed[:n].reshape(n * each, -1), bumps, envelopes[: n * each])
            o.comb_add(envelopes[: n * each], table_position[:n], combs, out[:n])
            return out[:n]

        return step, len(bias)

    def _sum_of(self, bodies: tuple[tuple[Op, ...], ...], width: int, *, with_input: bool) -> tuple[_Layer, int]:
        compiled = [self.steps(body, width) for body in bodies]
        n_out = compiled[0][1] if compiled else width
        out, o = self._buffer(n_out), self._operations

        def step(x: Array) -> Array:
            total = out[: len(x)]
            if with_input:
                o.copy(x, total)
            for i, (steps, _) in enumerate(compiled):
                y = x
                for inner in steps:
                    y = inner(y)
                (o.add if with_input or i else o.copy)(y, total)
            return total

        return step, n_out

    def _buffer(self, width: int) -> Array:
        return np.empty((self._batch, width), np.float32)


def _into(operation: Callable[[Array, Array], object], buffer: Array, x: Array) -> Array:
    out = buffer[: len(x)]
    operation(x, out)
    return out
