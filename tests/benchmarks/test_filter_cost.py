"""The cost of the filter is measured on engines that differ in nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.benchmarks import filter_cost as module
from synth_app.engine.engine import Engine
from synth_app.modelfile import find_model, read_card
from synth_app.patch.initial_patch import initial_patch

_PATH = str(find_model("pitched-vae-48k"))


def test_one_engine_has_the_filter_and_the_other_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that moves nothing would be measured as free: the treble is gone, and the level below it stays."""
    powers: list[NDArray[np.float64]] = []

    def listen(engines: tuple[Engine, ...], blocks: int) -> NDArray[np.float64]:
        for engine in engines:
            out = np.zeros((9600, 2), np.float32)
            engine.render(out)
            mono = out[4800:].mean(axis=1) * np.blackman(4800)
            powers.append(np.abs(np.fft.rfft(mono)) ** 2)  # bins of 10 Hz
        return np.array([[0.0012, 0.001, 0.002, 0.0008]])

    monkeypatch.setattr(module, "times_in_turns", listen)
    cost = module.filter_cost(initial_patch(_PATH, read_card(_PATH)), 0.1)
    assert [cost.off_ms, cost.on_ms] == pytest.approx([1.0, 1.5])
    assert "x 1.50" in cost.as_text()
    off, on = powers[:2]
    assert np.array_equal(powers[2], on)
    assert np.array_equal(powers[3], off)
    assert on[800:].sum() < 0.01 * off[800:].sum(), "above 8 kHz"
    assert 0.7 < on[5:50].sum() / off[5:50].sum() < 1.5, "below 500 Hz"
