"""Holds of the interpreter: a long call into C is found, Python code and short calls are not."""

import sys
from functools import partial

import pytest

from synth_app.benchmarks.interpreter_holds import in_probe, longest_hold
from synth_app.engine.engine import prepare_instrument, warm_kernels
from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model

_RUNS = 25  # a loaded machine spoils most


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the CPU time of another thread")
def test_a_long_call_is_found_and_python_code_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    try:
        in_c = longest_hold("sum in C", lambda: sum(range(2_000_000)))
        in_python = longest_hold("loop in Python", _count)
    finally:
        sys.setswitchinterval(before)
    assert in_c.longest_ms > 5.0
    assert in_python.longest_ms < in_c.longest_ms / 3
    assert in_python.cpu_ms > 5.0, "it worked for long enough to be noticed"
    assert "sum in C" in in_c.as_text()


def _count() -> None:
    total = 0
    for i in range(1_000_000):
        total += i


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the CPU time of another thread")
def test_preparing_the_default_model_gives_way() -> None:
    """No step holds the interpreter for longer than a call that takes 0.8 ms on the slowest machine that we use."""
    warm_kernels()
    path = str(find_model(DEFAULT_MODEL))
    known_call = partial(sum, range(100_000))
    prepared, known = in_probe(
        lambda: [
            longest_hold("model prepared", lambda: prepare_instrument(path), runs=_RUNS),
            longest_hold("a call into C", lambda: [known_call() for _ in range(20)], runs=_RUNS),
        ]
    )
    assert prepared.cpu_ms > 20.0
    assert prepared.longest_ms < known.longest_ms, f"{prepared.as_text()}\n{known.as_text()}"
