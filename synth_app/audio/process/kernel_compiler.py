"""Compiles an engine's kernels in processes of their own: what the first sound needs before it, the rest after it."""

import importlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from synth_app.audio.protocol.messages import Compiling
from synth_app.patch.quality import quality
from synth_app.support.compiling.jobs import CompileJobs, compiled_kernels, is_compiled

logger = logging.getLogger(__name__)

_REPORT_INTERVAL_S = 0.25
_MOST = 0.99  # greatest fraction reported before the end


class WarmUpModule(Protocol):
    """Interface of the module that compiles an engine's kernels, see ``synth_app.engine.warmup``."""

    FIRST: Sequence[str]
    LATER: Sequence[str]
    FIRST_KERNELS: int


class KernelCompiler:
    """The compilation of one engine's kernels.

    Args:
        module: dotted name of the engine's ``WarmUpModule``; "" for an engine without kernels.
        report: called with Compiling.
    """

    def __init__(self, module: str, report: Callable[[object], None]) -> None:
        self._module, self._report = module, report
        self._warm_up = cast(WarmUpModule, importlib.import_module(module)) if module else None
        self._rest: CompileJobs | None = None

    @property
    def qualities(self) -> tuple[str, ...]:
        """The qualities whose kernels are to be loaded before the first sound."""
        if self._warm_up is None or all(is_compiled(group) for group in self._warm_up.LATER):
            return ("live", "studio")
        return ("live",)

    def compile_first(self) -> None:
        """Compile what the first sound needs; returns at once if the cache holds it. An error of ``report`` ends it."""
        warm_up = self._warm_up
        if warm_up is None or all(is_compiled(group) for group in warm_up.FIRST):
            return
        jobs, start = CompileJobs(self._module, warm_up.FIRST), time.monotonic()
        self._report(Compiling(0.0))
        jobs.start()
        try:
            while jobs.running:
                self._report(Compiling(min(compiled_kernels() / warm_up.FIRST_KERNELS, _MOST)))
                time.sleep(_REPORT_INTERVAL_S)
        finally:
            jobs.end()
        logger.info("kernels of the first sound compiled in %.1f s", time.monotonic() - start)

    def start_rest(self) -> None:
        """Compile the rest in the background. Call it before the process raises its priority."""
        if self._warm_up is not None and self._rest is None:
            self._rest = CompileJobs(self._module, self._warm_up.LATER)
            self._rest.start()

    def wait_for(self, quality_name: str) -> None:
        """Wait until the kernels of a quality are compiled, as far as ``start_rest`` compiles them."""
        if self._rest is not None and quality(quality_name).iterations:
            self._rest.wait()

    def close(self) -> None:
        """End the processes."""
        if self._rest is not None:
            self._rest.end()
