"""Modulation and pads as plain data: what is refused, and what a model of fewer dimensions leaves out."""

from collections.abc import Callable

import numpy as np
import pytest

from synth_app.patch import PadGrid
from synth_app.patch.modulation_matrix import Connection, Lfo, ModEnvelope, Modulation, mod_target
from synth_app.support.errors import UserError


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lfo(shape="wobble"), "sample & hold"),  # type: ignore[arg-type]
        (lambda: Lfo(rate_hz=31.0), "0.01 to 30"),
        (lambda: Lfo(sync="1/5"), "1/4t"),
        (lambda: ModEnvelope(attack_s=0.0), "0.001 to 20"),
        (lambda: Connection("lfo5", "pan", 0.0), "lfo4"),
        (lambda: Connection("lfo1", "cutoff", 0.0), "tilt"),
        (lambda: Connection("lfo1", "z0", 0.0), "z1"),
        (lambda: Connection("lfo1", "pitch", 25.0), "-24 to 24"),
        (lambda: Connection("lfo1", "pitch", float("nan")), "-24 to 24"),
        (lambda: Connection("lfo1", "pan", 0.1, via="nose"), "wheel"),
        (lambda: Modulation(connections=(Connection("lfo1", "pan", 0.1),) * 33), "limit is 32"),
        (lambda: Modulation(lfos=()), "0 LFOs"),
    ],
)
def test_invalid_modulation_is_refused_by_name(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


def test_connections_to_dimensions_that_a_model_lacks_are_left_out() -> None:
    modulation = Modulation(connections=(Connection("lfo1", "z3", 1.0), Connection("lfo1", "pan", 1.0)))
    assert modulation.latent_size() == 3
    assert modulation.within(3) is modulation
    assert [each.target for each in modulation.within(2).connections] == ["pan"]
    assert Modulation().latent_size() == 0
    assert mod_target("z12").unit == "sd"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PadGrid(3, 2, b"1234", (0.0, 0.0)), "4 bytes for a pad of 2 x 2"),
        (lambda: PadGrid.of(np.zeros((40, 40, 3)), (0.0, 0.0)), "2 to 33"),
        (lambda: PadGrid.of(np.zeros((2, 2, 3)), (0.0, 1.2)), "0 to 1"),
        (lambda: PadGrid.of(np.full((2, 2, 3), np.nan), (0.0, 0.0)), "finite"),
    ],
)
def test_an_invalid_pad_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()
