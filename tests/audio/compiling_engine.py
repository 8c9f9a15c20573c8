"""The fake engine with kernels to compile: its warm-up module is ``tests.audio.slow_warm_up``."""

from collections.abc import Sequence

from tests.audio import fake_engine
from tests.audio.fake_engine import Engine, prepare_instrument

__all__ = ["WARM_UP", "Engine", "prepare_instrument", "warm_kernels"]

WARM_UP = "tests.audio.slow_warm_up"


def warm_kernels(qualities: Sequence[str]) -> None:
    """Load nothing."""
    fake_engine.warm_kernels(qualities)
