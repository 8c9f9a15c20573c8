"""The real engine without quality reduction: its output does not depend on how busy the machine is."""

from synth_app.engine import engine
from synth_app.engine.engine import WARM_UP, prepare_instrument, warm_kernels
from synth_app.patch.quality import Relief

__all__ = ["WARM_UP", "Engine", "prepare_instrument", "warm_kernels"]


class Engine(engine.Engine):
    """An engine that ignores quality reduction."""

    def relieve(self, relief: Relief) -> None:
        """Do nothing: late blocks keep their quality."""
