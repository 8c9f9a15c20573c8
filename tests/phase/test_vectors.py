"""Vectors of sixteen against numpy: arithmetic, rows that do not end at a vector's end, SIMD elements and scans."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from synth_app.phase.carry import add_down, add_up, clamp_down, clamp_up
from synth_app.phase.tonality import fill_down, fill_up
from synth_app.phase.vectors import (
    WIDTH,
    backward,
    element_indices,
    first,
    floats,
    greatest,
    ints,
    last,
    load,
    select,
    shift_down,
    shift_up,
    store,
    to_floats,
    to_ints,
    to_mask,
)

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@njit
def _arithmetic(x: F32, y: F32, out: F32) -> None:
    for k in range(0, x.shape[0], WIDTH):
        a, b = load(x, k), load(y, k)
        store(out[0], k, (a + b) * np.float32(2) - a / (abs(b) + np.float32(0.5)))
        store(out[1], k, math.sqrt(abs(a)))
        store(out[2], k, select((a > b) & (a < np.float32(1)), max(a, b), min(-a, np.float32(0))))
        store(out[3], k, to_floats((to_ints(a * np.float32(100)) << 2) + (element_indices() & 3) + to_mask(a >= b)))


@pytest.mark.parametrize("n", [1, 15, 16, 17, 100])
def test_arithmetic_and_ends_of_rows(n: int) -> None:
    x, y = np.random.default_rng(n).standard_normal((2, n)).astype(np.float32)
    room = np.full((4, n + 40), 7.0, np.float32)
    out = np.ascontiguousarray(room[:, :n])
    _arithmetic(x, y, out)
    a, b = x.astype(float), y.astype(float)
    expected = [
        (a + b) * 2 - a / (abs(b) + 0.5),
        np.sqrt(abs(a)),
        np.where((a > b) & (a < 1), np.maximum(a, b), np.minimum(-a, 0)),
        ((x * np.float32(100)).astype(int) << 2) + (np.arange(n) % WIDTH & 3) - (a >= b),
    ]
    np.testing.assert_allclose(out, expected, rtol=1e-6, atol=1e-6)


@njit
def _write(out: F32) -> None:
    for k in range(0, out.shape[0], WIDTH):
        store(out, k, floats(np.float32(1)))


def test_nothing_is_written_beyond_a_row() -> None:
    room = np.zeros(64, np.float32)
    _write(room[3:40])
    np.testing.assert_array_equal(room, [0.0] * 3 + [1.0] * 37 + [0.0] * 24)


@pytest.mark.parametrize("exponent", [-30, -20, -3, 0, 4, 20, 30])
def test_quotients_and_roots_are_good_to_21_bits(exponent: int) -> None:
    x = np.geomspace(1.0, 10.0, 200).astype(np.float32) * np.float32(10.0**exponent)
    out = np.zeros((2, 200), np.float32)
    _quotient_and_root(x, out)
    np.testing.assert_allclose(out[0], 3.0 / x.astype(float), rtol=2.0**-21)
    np.testing.assert_allclose(out[1], np.sqrt(x.astype(float)), rtol=2.0**-21)
    zero = np.zeros((2, 1), np.float32)
    _quotient_and_root(np.zeros(1, np.float32), zero)
    assert zero[1] == 0.0


@njit
def _quotient_and_root(x: F32, out: F32) -> None:
    for k in range(0, x.shape[0], WIDTH):
        store(out[0], k, np.float32(3) / load(x, k))
        store(out[1], k, math.sqrt(load(x, k)))


@njit
def _moved(x: I32, out: I32) -> int:
    a, b = load(x, 0), load(x, WIDTH)
    store(out[0], 0, shift_up(a, b, 3))
    store(out[1], 0, shift_down(a, b, 3))
    store(out[2], 0, first(a))
    store(out[3], 0, last(a))
    store(out[4], 0, backward(a))
    return greatest(a)


def test_lanes_are_shifted_and_reversed() -> None:
    x = np.arange(100, 132, dtype=np.int32)
    out = np.zeros((5, WIDTH), np.int32)
    assert _moved(x, out) == 115
    np.testing.assert_array_equal(out[0], np.arange(113, 129))
    np.testing.assert_array_equal(out[1], np.arange(103, 119))
    np.testing.assert_array_equal(out[2:4, :].T, [[100, 115]] * WIDTH)
    np.testing.assert_array_equal(out[4], np.arange(115, 99, -1))


@njit
def _scan(kind: int, x: I32, y: I32, start: int, out: I32) -> None:
    a, b, arriving = load(x, 0), load(y, 0), ints(start)
    if kind == 0:
        store(out, 0, add_up(a, b, arriving))
    elif kind == 1:
        store(out, 0, add_down(a, b, arriving))
    elif kind == 2:
        store(out, 0, clamp_up(a, b, arriving))
    elif kind == 3:
        store(out, 0, clamp_down(a, b, arriving))
    elif kind == 4:
        store(out, 0, fill_up(a, b, arriving))
    else:
        store(out, 0, fill_down(a, b, arriving))


_STEPS: dict[int, Any] = {
    0: lambda before, a, b: (before & b) + a,
    1: lambda before, a, b: max(min(before, a), b),
    2: lambda before, a, b: before if b else a,
}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(kind=st.integers(0, 5), seed=st.integers(0, 10**6), start=st.integers(-1000, 1000))
def test_scans_equal_a_loop(kind: int, seed: int, start: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-1000, 1000, WIDTH).astype(np.int32)
    y = rng.integers(-1000, 1000, WIDTH) if kind in (2, 3) else np.where(rng.random(WIDTH) < rng.random(), -1, 0)
    out = np.zeros(WIDTH, np.int32)
    _scan(kind, x, y.astype(np.int32), start, out)
    order = range(WIDTH) if kind % 2 == 0 else range(WIDTH - 1, -1, -1)
    value = start
    for i in order:
        value = _STEPS[kind // 2](value, int(x[i]), int(y[i]))
        assert out[i] == value
