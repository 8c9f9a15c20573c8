"""Holds of the interpreter: a long call into C is found, Python code and short calls are not."""

import sys

import pytest

from synth_app.benchmarks.interpreter_holds import longest_hold


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
