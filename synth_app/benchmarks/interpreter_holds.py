"""Measures for how long the threads beside the rendering one hold the interpreter (the GIL) in one piece.

A probe of high priority asks for the interpreter every fifth of a millisecond while an operation runs in another
thread. How long it was kept waiting is measured as the CPU time that the operation's thread used meanwhile, so other
programs on the machine hardly count. Each operation runs several times, and the least of the longest holds counts: a
call that keeps the interpreter does so every time. As in the audio process, Python collects no garbage by itself. It
runs on Linux: ``python -m synth_app.benchmarks.interpreter_holds``.
"""

import contextlib
import gc
import itertools
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from synth_app.audio.process.instrument_memory import InstrumentMemory
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.protocol.messages import Play
from synth_app.benchmarks.scheduler_stalls import request_highest_priority
from synth_app.engine.engine import prepare_instrument, warm_kernels
from synth_app.midi import Translator
from synth_app.modelfile import load_model_file
from synth_app.patch import Automation, AutomationCurve, Patch, SetPatch, UserNote
from synth_app.patch.patch import Message
from synth_app.patch.quality import DEFAULT_QUALITY, QUALITIES
from synth_app.patch.user_note import MAX_RECORDINGS

_SLEEP_S = 0.0002
_SWITCH_INTERVAL_S = 0.0001  # as in the audio process
_REPEATS, _RUNS = 200, 9


@dataclass(frozen=True)
class Hold:
    """The longest time for which an operation held the interpreter, in ms, and how long the operation took."""

    operation: str
    longest_ms: float
    cpu_ms: float

    def as_text(self) -> str:
        """Return a line for a terminal."""
        return f"{self.operation:32} longest hold {self.longest_ms:6.2f} ms, {self.cpu_ms:8.1f} ms of work"


def longest_hold(
    name: str, operation: Callable[[], object], prepare: Callable[[], object] = lambda: None, runs: int = _RUNS
) -> Hold:
    """Run an operation several times in threads and measure it; ``prepare`` runs before each time, unmeasured."""
    holds = []
    for _ in range(runs):
        prepare()
        holds.append(_measure_once(name, operation))
    return min(holds, key=lambda hold: hold.longest_ms)


def _measure_once(name: str, operation: Callable[[], object]) -> Hold:
    begun, ended, measured = threading.Event(), threading.Event(), threading.Event()

    def run() -> None:
        begun.wait()
        operation()
        ended.set()
        measured.wait()  # the clock of a thread ends with it

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    clock = time.pthread_getcpuclockid(worker.ident or 0)
    start = used_s = time.clock_gettime(clock)
    longest_s = 0.0
    begun.set()
    while not ended.is_set():
        before = used_s
        time.sleep(_SLEEP_S)
        used_s = time.clock_gettime(clock)
        longest_s = max(longest_s, used_s - before - _SLEEP_S)
    measured.set()
    return Hold(name, 1e3 * longest_s, 1e3 * (used_s - start))


@contextlib.contextmanager
def as_in_the_audio_process() -> Iterator[None]:
    """Freeze all objects, collect no garbage, and let waiting threads have the interpreter after 0.1 ms."""
    interval = sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.enable()
        gc.unfreeze()


def in_probe(measure: Callable[[], list[Hold]]) -> list[Hold]:
    """Measure in a thread of the highest priority, which is woken in time, in conditions of the audio process."""
    holds: list[Hold] = []

    def probe() -> None:
        request_highest_priority()
        holds.extend(measure())

    with as_in_the_audio_process():
        thread = threading.Thread(target=probe)
        thread.start()
        thread.join()
    return holds


def measure_holds(model: str) -> list[Hold]:
    """Measure what the audio process does beside rendering.

    Args:
        model: path of a model file.
    """
    warm_kernels()

    def measure() -> list[Hold]:
        memory = InstrumentMemory()
        playing: list[Any] = [prepare_instrument(model)]
        clean = partial(_clean, memory)
        return [
            longest_hold("commands unpickled", _unpickle(_large_patch(model))),
            *(
                longest_hold(f"model prepared, {q.name}", partial(_replace, playing, memory, model, q.name), clean)
                for q in QUALITIES
            ),
            longest_hold("garbage collected", gc.collect, partial(_clean_and_replace, playing, memory, model)),
            longest_hold("replaced model freed", memory.free, partial(_replace_and_collect, playing, memory, model)),
            longest_hold("two full sounds packed", _pack(model)),
            longest_hold("MIDI translated and queued", _translate),
        ]

    return in_probe(measure)


def _replace(playing: list[Any], memory: InstrumentMemory, model: str, quality: str = DEFAULT_QUALITY) -> None:
    """Prepare a model as ``ModelSwitcher`` does; the one before is then no longer played, but not freed."""
    instrument = prepare_instrument(model, quality)
    memory.keep(instrument)
    playing[0] = instrument


def _clean(memory: InstrumentMemory) -> None:
    gc.collect()
    memory.free()


def _clean_and_replace(playing: list[Any], memory: InstrumentMemory, model: str) -> None:
    _clean(memory)
    _replace(playing, memory, model)


def _replace_and_collect(playing: list[Any], memory: InstrumentMemory, model: str) -> None:
    _clean_and_replace(playing, memory, model)
    gc.collect()


def _large_patch(model: str) -> Patch:
    """Return a patch with two long user notes and a minute of automation of 16 dimensions."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((1000, 16)).astype(np.float32)
    note = UserNote("note", "", 60.0, 16, z.tobytes(), np.zeros(1000, np.float32).tobytes(), (1, 500, 900, 950))
    curves = tuple(AutomationCurve.of(f"z{d + 1}", rng.standard_normal(1500)) for d in range(16))
    return Patch(model, user_notes=(note, note), automation=Automation(curves))


def _unpickle(patch: Patch) -> Callable[[], object]:
    data = pickle.dumps(Play(SetPatch(patch)), pickle.HIGHEST_PROTOCOL)

    def unpickle() -> None:
        for _ in range(_REPEATS):
            pickle.loads(data)  # noqa: S301  # our own bytes

    return unpickle


def _pack(model: str) -> Callable[[], object]:
    """Return the packing of two sounds with the most recordings, never the same ones, so that none is kept from before.

    Each has four keys with four velocities, made of bank notes.
    """
    instrument, bank = prepare_instrument(model), load_model_file(model).bank
    places = [(key, velocity) for key in (36, 48, 60, 72) for velocity in (30, 60, 90, 120)][:MAX_RECORDINGS]
    count = itertools.count()

    def sound() -> UserNote:
        first = next(count)
        notes = [UserNote.of(bank[(first + 17 * i) % len(bank)]) for i in range(len(places))]
        main, *others = (
            replace(note, pitch=float(key), velocity=velocity)
            for note, (key, velocity) in zip(notes, places, strict=True)
        )
        return replace(main, others=tuple(others))

    patches = [SetPatch(Patch(model, user_notes=(sound(), sound()))) for _ in range(_RUNS)]
    return lambda: instrument.prepared(patches.pop())


def _translate() -> None:
    queue, translator = MidiQueue(), Translator()
    for i in range(100 * _REPEATS):
        for message in translator.feed((0x90, i % 128, 100), i * 1e-3):
            if isinstance(message, Message):
                queue.put(i * 1e-3, message)


if __name__ == "__main__":
    from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model

    for hold in measure_holds(str(find_model(DEFAULT_MODEL))):
        print(hold.as_text())
