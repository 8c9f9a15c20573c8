"""What the warm-up leaves nothing to be compiled or loaded of while something sounds."""

import os
import subprocess
import sys

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
from synth_app.engine.engine import Engine, _with_all_effects, prepare_instrument, render_events, warm_kernels
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
    render_events(engine, [*events, Event(2500, SetPatch(_with_all_effects(patch)))], 6000)
print(*compiled)
"""


def test_no_quality_needs_a_kernel_that_was_not_warmed() -> None:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split() == []
