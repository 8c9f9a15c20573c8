"""Memory of replaced instruments: freed when they are gone, part by part, and little of it by the garbage collector."""

import gc
import weakref

import numpy as np
import pytest

from synth_app.audio.process.instrument_memory import InstrumentMemory
from synth_app.engine.engine import Engine, prepare_instrument, warm_kernels
from synth_app.modelfile import BankNote
from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model
from synth_app.patch import Patch


class _Part:
    pass


class _Cyclic:
    """An instrument that only the garbage collector frees, as a real one."""

    def __init__(self, parts: list[object]) -> None:
        self._parts, self._itself = parts, self

    def parts(self) -> list[object]:
        return self._parts


def test_parts_live_as_long_as_their_instrument() -> None:
    memory, part = InstrumentMemory(), _Part()
    instrument, part_left = _Cyclic([part]), weakref.ref(part)
    del part
    memory.keep(instrument)
    memory.free()
    assert part_left() is not None, "the instrument still plays it"
    del instrument
    gc.collect()
    assert part_left() is not None, "the collector does not free parts"
    memory.free()
    assert part_left() is None


def test_an_array_that_something_else_refers_to_stays_whole() -> None:
    memory, array = InstrumentMemory(), np.arange(1_000_000)
    memory.keep(_Cyclic([array]))
    gc.collect()
    memory.free()
    assert array.shape == (1_000_000,)
    assert array[-1] == 999_999


@pytest.mark.parametrize("kept", [True, False])
def test_the_collector_frees_little_of_a_replaced_model(kept: bool) -> None:
    """A collection holds the interpreter for as long as it frees objects; the bank alone has 1083."""
    warm_kernels()
    path, memory, engine = str(find_model(DEFAULT_MODEL)), InstrumentMemory(), Engine()
    instrument = prepare_instrument(path)
    notes = [weakref.ref(each) for each in instrument.parts() if isinstance(each, BankNote)]
    if kept:
        memory.keep(instrument)
    engine.install(instrument, Patch(path))
    gc.collect()
    del instrument, engine
    unreachable = gc.collect()
    assert (unreachable < 500) == kept
    memory.free()
    assert len(notes) > 100
    assert not any(each() for each in notes)
