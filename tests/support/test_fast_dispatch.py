"""Fast calls of kernels: arrays of another layout or dtype never reach machine code made for the first ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.effects.chain import EffectChain
from synth_app.params import PARAMS, defaults, param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import public


@public
def _double(out: NDArray[np.float32], times: int) -> int:
    for i in range(out.shape[0]):
        out[i] *= 2.0
    return times


@pytest.mark.parametrize("strided_first", [False, True])
def test_a_strided_array_is_written_where_its_samples_are(strided_first: bool) -> None:
    call = FastDispatch(_double)
    for strided in (strided_first, not strided_first, strided_first):
        memory = np.ones(20, np.float32)
        out = memory[:10:2] if strided else memory[:5]
        expected = memory.copy()
        expected[: 10 if strided else 5 : 2 if strided else 1] = 2.0
        assert call(out, 7) == 7
        np.testing.assert_array_equal(memory, expected)


def test_another_dtype_is_compiled_anew() -> None:
    call = FastDispatch(_double)
    for dtype in (np.float32, np.float64, np.float32):
        out = np.ones(6, dtype)
        call(out, 0)
        np.testing.assert_array_equal(out, 2.0)


def test_effects_process_strided_samples_like_contiguous_ones() -> None:
    params = list(defaults())
    for name, value in {"limiter_on": 1.0, "limiter_drive_db": 12.0}.items():
        params[param_index(name)] = value
    rng = np.random.default_rng(0)
    contiguous, strided = EffectChain(48_000.0), EffectChain(48_000.0)
    for chain in (contiguous, strided):
        chain.set_targets(params, PARAMS[param_index("tempo_bpm")].default)
    for turn in range(3):
        expected = rng.standard_normal((64, 2)).astype(np.float32)
        memory = np.zeros((128, 2), np.float32)
        memory[::2] = expected
        contiguous.process(expected)
        strided.process(np.ascontiguousarray(memory[::2]) if turn == 0 else memory[::2])
        if turn:
            np.testing.assert_array_equal(memory[::2], expected)
            assert not memory[1::2].any(), "nothing is written between the samples"
