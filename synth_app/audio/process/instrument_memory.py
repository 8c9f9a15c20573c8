"""Frees the memory of instruments that are no longer played, in small steps.

An instrument has references to itself, so Python's garbage collector frees it, in one piece: with the notes of a large
bank it would hold the interpreter for more than a millisecond. So the parts of every instrument are kept here. The
collector then frees little, and the parts are dropped one by one.
"""

import gc
import threading
import weakref
from collections.abc import Sequence
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Protocol

import numpy as np

_CONTAINERS = (tuple, list, dict, CellType, MethodType, partial)
_STEP_BYTES = 2**20  # the system takes back 7 MB in 0.2 to 0.5 ms, with the interpreter held


class HasParts(Protocol):
    """An instrument of an engine module."""

    def parts(self) -> Sequence[object]:
        """Return the notes and arrays that take longest to free."""


class InstrumentMemory:
    """Keeps the parts of instruments until the garbage collector has freed the instruments."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()  # never locked by the rendering thread
        self._kept: list[tuple[weakref.ref[HasParts], list[object]]] = []

    def keep(self, instrument: HasParts) -> None:
        """Keep the parts of an instrument, even if nothing else refers to it any more."""
        with self._lock:
            self._kept.append((weakref.ref(instrument), [*_arrays_of(instrument), *instrument.parts()]))
        for generation in (0, 2):  # the first visit of an object takes longest: the next collection has less to do
            gc.collect(generation)

    def free(self) -> None:
        """Free the parts of instruments that are gone. Another thread can have the interpreter after each part."""
        with self._lock:
            gone = [parts for instrument, parts in self._kept if instrument() is None]
            self._kept = [(instrument, parts) for instrument, parts in self._kept if instrument() is not None]
        for parts in gone:
            while parts:
                _free_last(parts)


def _arrays_of(instrument: object) -> list[object]:
    """Return all arrays that an instrument reaches through objects of the program, containers and closures."""
    found, seen, waiting = list[object](), set[int](), [instrument]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type):
            continue
        seen.add(id(each))
        if isinstance(each, np.ndarray):
            found.append(each)
            waiting.append(each.base)
        elif isinstance(each, FunctionType):
            waiting.extend(each.__closure__ or ())
        elif isinstance(each, _CONTAINERS) or type(each).__module__.startswith("synth_app."):
            waiting.extend(gc.get_referents(each))
    return found


def _free_last(parts: list[object]) -> None:
    """Free the last part, an array from its end in steps."""
    part = parts.pop()
    if isinstance(part, np.ndarray) and part.flags.owndata:
        try:
            while part.nbytes > _STEP_BYTES:
                part.resize(part.size - _STEP_BYTES // part.itemsize)
        except ValueError:  # something else refers to it, and frees it later
            return
