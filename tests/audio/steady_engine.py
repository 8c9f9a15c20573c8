"""The product's engine, but never relieved: what it plays does not depend on how busy the machine is."""

from synth_app.engine import engine
from synth_app.engine.engine import prepare_instrument, warm_kernels
from synth_app.patch.quality import Relief

__all__ = ["Engine", "prepare_instrument", "warm_kernels"]


class Engine(engine.Engine):
    """Gives nothing up."""

    def relieve(self, relief: Relief) -> None:
        """Late blocks are late, and sound the same."""
