"""After the warm-up, no kernel is compiled or loaded while notes sound."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from synth_app.effects.glides import Coefficients
from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import Floats, Samples
from synth_app.engine.engine import warm_kernels
from synth_app.params import EffectSpec, ParamSpec, param_index, register_effect, unregister_effect

_COUNT = """
import numba.core.dispatcher as dispatcher
compiled = []
before = dispatcher._DispatcherBase._compile_for_args
def counted(self, *args, **kws):
    compiled.append(self.py_func.__qualname__)
    return before(self, *args, **kws)
dispatcher._DispatcherBase._compile_for_args = counted
dispatcher.Dispatcher._compile_for_args = counted
from synth_app.patch import Event, NoteOff, NoteOn, SetPatch, Patch
from synth_app.engine.engine import Engine, _with_audible_effects, prepare_instrument, render_events, warm_kernels
from synth_app.patch.quality import QUALITIES
from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model
warm_kernels()
path = str(find_model(DEFAULT_MODEL))
instruments = [prepare_instrument(path, each.name) for each in QUALITIES]
assert len(compiled) > 20, "else nothing is counted"
del compiled[:]
for each, instrument in zip(QUALITIES, instruments):
    engine, patch = Engine(), Patch(path, quality=each.name)
    engine.install(instrument, patch)
    events = [Event(0, NoteOn(60)), Event(900, NoteOn(67)), Event(2000, NoteOff(60))]
    render_events(engine, [*events, Event(2500, SetPatch(_with_audible_effects(patch)))], 6000)
print(*compiled)
"""


def test_no_quality_needs_a_kernel_that_was_not_warmed() -> None:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split() == []


class Crush(EffectProcessor):
    """An effect that runs its kernel only at an amount above 0."""

    processed: list[float] = []  # noqa: RUF012  # amount of each block, of all instances

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        self._amount = 0.0

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        self._amount = params[param_index("crush_on")] * params[param_index("crush_amount")]

    def process(self, out: Samples) -> None:
        if self._amount > 0.0:
            self.processed.append(self._amount)

    def skip_silence(self) -> bool:
        return True


@pytest.fixture
def crush() -> Iterator[type[Crush]]:
    """An effect from outside that changes nothing at its defaults, registered."""
    switch = ParamSpec("crush_on", "Crush", "", 0, 1, 0, "steps", 20, "effects", "Distorts.", ("Off", "On"))
    amount = ParamSpec("crush_amount", "Amount", "", 0, 1, 0, "linear", 20, "effects", "Amount.")
    effect = EffectSpec("crush", Crush, (switch, amount), audible={"crush_amount": 0.5})
    register_effect(effect)
    yield Crush
    unregister_effect(effect)


def test_an_effect_that_is_neutral_at_its_defaults_is_warmed(crush: type[Crush]) -> None:
    crush.processed.clear()
    warm_kernels()
    assert crush.processed
    assert set(crush.processed) == {0.5}
