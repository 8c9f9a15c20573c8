"""Compile the engine's kernels into the cache: ``python -m synth_app.engine.warmup [GROUP]``.

Compiling is Python code under the GIL, so only processes can share it. Each group is compiled in a process of its own,
``FIRST`` at the same time and before any sound, ``LATER`` while the program plays. Without a group all are compiled,
which an installation does.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from synth_app.effects.chain import EffectChain
from synth_app.engine.control.controls import Controls
from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.engine import WARM_UP, warm_kernels
from synth_app.engine.frame_renderer import FrameRenderer
from synth_app.engine.instrument import Instrument
from synth_app.engine.spectral.frame_layout import frame_layout
from synth_app.engine.tiny_model import tiny_model
from synth_app.params import EFFECTS, EffectSpec
from synth_app.patch.patch import ENGINE_RATE, Patch
from synth_app.patch.quality import quality
from synth_app.support.compiling.jobs import WITH_PARENT, CompileJobs, mark_compiled
from synth_app.support.priority import lower_process

FIRST, LATER = ("frames", "voices"), ("studio",)
FIRST_KERNELS = 161  # kernels in the groups of FIRST, for the progress
_BPM = 120.0


def _warm_frames() -> None:
    """Compile what makes frames of decoded spectra, and effects."""
    file, settings = tiny_model(), quality("live")
    layout = frame_layout(file.card.frame_spec, settings)
    renderer = FrameRenderer(file, layout, settings, DecoderRuntime(file, 1, 1, 1), 1, 1, seed=0)
    params = Controls(file.card.latent_size, layout.tick, Patch("warm-up")).params
    renderer.begin_voice(0, 0)
    unit = np.zeros((1, file.card.frame_spec.bins), np.float32)
    renderer.prime(unit, range(1), 1, params)
    renderer.add(unit, range(1), 1, params)
    renderer.waves(params)
    _warm_effects(EFFECTS)


class _SilentRenderer(FrameRenderer):
    """A renderer without the kernels that ``_warm_frames`` compiles."""

    def prime(self, unit: NDArray[np.float32], rows: range, hops: int, params: NDArray[np.float64]) -> None:
        """Do nothing."""

    def add(
        self, unit: NDArray[np.float32], rows: range, hops: int, params: NDArray[np.float64], *, fit: bool = False
    ) -> None:
        """Do nothing."""

    def waves(self, params: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return silence."""
        return np.zeros((2, 2 * self._left.shape[1] - 2), np.float32)


class _SilentInstrument(Instrument):
    renderer_type = _SilentRenderer


def _warm_voices() -> None:
    """Compile everything else that live sound needs."""
    warm_kernels(("live",), _SilentInstrument, effects=False)
    # The other group begins with the first effect. Each takes what the other has put into the cache, so that both end
    # at about the same time.
    _warm_effects(tuple(EFFECTS)[::-1])


def _warm_effects(effects: Iterable[EffectSpec]) -> None:
    """Compile the kernels of effects, one after the other."""
    for effect in effects:
        patch = Patch("warm-up")
        for name, value in effect.audible_values.items():
            patch = patch.with_param(name, value)
        chain = EffectChain(float(ENGINE_RATE))
        chain.set_targets(np.array(patch.params), _BPM)
        chain.process(np.full((1, 2), 0.1, np.float32))  # effects skip silence


_GROUPS: dict[str, Callable[[], None]] = {
    "frames": _warm_frames,
    "voices": _warm_voices,
    "studio": lambda: warm_kernels(("studio",)),
}


def main(arguments: list[str]) -> None:
    """Compile the named groups in this process, or all groups in processes of their own.

    Args:
        arguments: groups, and ``WITH_PARENT`` to end as soon as the process that holds standard input open ends.
    """
    groups = [each for each in arguments if each != WITH_PARENT]
    if not groups:
        _compile_all()
        return
    if WITH_PARENT in arguments:
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    for group in groups:
        if group in LATER:
            lower_process()  # sound comes first
        _GROUPS[group]()
        mark_compiled(group)


def _compile_all() -> None:
    for groups in (FIRST, LATER):
        jobs = CompileJobs(WARM_UP, groups)
        jobs.start()
        jobs.wait()
        jobs.end()
    warm_kernels()  # compiles what a failed process has left


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):  # not through sys.stdin, which Python could not close while this waits
        pass
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
