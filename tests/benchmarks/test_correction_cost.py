"""The cost of corrections is measured on engines that differ in nothing else."""

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.benchmarks import correction_cost as module
from synth_app.engine.engine import Engine
from synth_app.modelfile import find_model, load_model_file, read_card
from synth_app.patch.initial_patch import initial_patch

_PATH = str(find_model("pitched-vae-48k"))


def _sound(engine: Engine) -> NDArray[np.float32]:
    out = np.zeros((4800, 2), np.float32)
    engine.render(out)
    return out


def test_one_engine_has_corrections_and_the_other_sounds_as_with_detail_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistaken patch or bank would measure the same sound twice."""
    sounds: list[NDArray[np.float32]] = []

    def listen(engines: tuple[Engine, ...], blocks: int) -> NDArray[np.float64]:
        sounds.extend(_sound(engine) for engine in engines)
        return np.array([[0.003, 0.001]])

    monkeypatch.setattr(module, "times_in_turns", listen)
    patch = initial_patch(_PATH, read_card(_PATH)).with_param("detail", 0.5)
    cost = module.correction_cost(patch, 0.1)
    assert (cost.corrected_ms, cost.plain_ms) == (3.0, 1.0)
    assert "x 3.00" in cost.as_text()
    corrected, plain = sounds
    file = load_model_file(_PATH)
    full, off = (_sound(module.holding(file, patch.with_param("detail", amount))) for amount in (1.0, 0.0))
    assert np.array_equal(corrected, full)
    assert np.array_equal(plain, off)
    assert np.abs(corrected - plain).max() > 0.01 * np.abs(corrected).max()


def test_the_times_are_of_each_engine_in_turn() -> None:
    """Blocks alternate, so a slow moment of the machine hits all engines alike."""
    order: list[str] = []

    class Recorded:
        def __init__(self, name: str) -> None:
            self.name = name

        def render(self, out: NDArray[np.float32]) -> None:
            assert out.shape == (128, 2)
            order.append(self.name)

    times = module.times_in_turns(cast("tuple[Engine, ...]", (Recorded("a"), Recorded("b"))), 3)
    assert times.shape == (3, 2)
    assert (times >= 0.0).all()
    assert order == ["a", "b"] * (len(order) // 2)
