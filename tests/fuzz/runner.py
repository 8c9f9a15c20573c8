"""Runs mutated files through the loaders in a process of its own, and watches exceptions, time, memory and writes."""

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from synth_app.support.errors import UserError
from tests.fuzz.loaders import Loader, loader

MAX_CPU_SECONDS = 2.0
MAX_GROWTH_KIB = 2**20
_STOP_CPU_SECONDS = 20.0  # an input that hangs is stopped, and counts
_ADDRESS_SPACE = 3 * 2**30  # more than the process has: what asks for so much fails, and does not stop the machine
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_CHANGES = frozenset(
    ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
)


@dataclass(frozen=True)
class Outcome:
    """What one input did.

    Attributes:
        loader, number: identify the input.
        kind: "value", "message", or the fault: "exception", "hang", "memory", "outside".
        detail: the message, or the fault in one line.
        cpu_s: processor time.
        growth_kib: growth of the process's largest resident memory.
    """

    loader: str
    number: int
    kind: str
    detail: str
    cpu_s: float
    growth_kib: int

    @property
    def fault(self) -> bool:
        """Whether the rule of loaders is broken."""
        return self.kind not in ("value", "message")


class Hang(BaseException):
    """Raised in an input that takes too long; no handler of the program catches it."""


def _whole(event: str, path: str | bytes | os.PathLike[str], args: tuple[Any, ...]) -> str:
    """Return a path; one that is relative to an open folder, as in ``shutil.rmtree``, with that folder."""
    name = os.fsdecode(path)
    if event in ("os.remove", "os.rmdir") and isinstance(args[1], int) and args[1] >= 0:
        return str(Path(f"/proc/self/fd/{args[1]}").readlink() / name)
    return name


class WriteWatch:
    """Notes every file that is written, renamed or removed outside one folder. It cannot be removed again."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.outside: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & _WRITES):
            return
        if event != "open" and event not in _CHANGES:
            return
        for path in args[: 2 if event in ("os.rename", "os.link") else 1]:
            if isinstance(path, str | bytes | os.PathLike) and not self._inside(_whole(event, path, args)):
                self.outside.append(f"{event} {os.fsdecode(path)}")

    def _inside(self, path: str) -> bool:
        return path == os.devnull or f"{os.path.realpath(path)}{os.sep}".startswith(f"{self.folder}{os.sep}")


def make_input(chosen: Loader, seed: int, number: int) -> bytes:
    """Return an input. It depends on the loader, the seed and the number only."""
    random = Random(zlib.crc32(f"{seed} {chosen.name} {number}".encode()))
    return chosen.mutate(random.choice(chosen.seeds()), random)


def run_job(name: str, seed: int, start: int, stop: int) -> list[Outcome]:
    """Run the inputs ``start`` to ``stop - 1`` of the loader of that name: a job of a worker process."""
    return list(run_inputs(loader(name), seed, range(start, stop)))


def run_inputs(chosen: Loader, seed: int, numbers: Iterable[int]) -> Iterator[Outcome]:
    """Run inputs one after the other in this process."""
    sys.dont_write_bytecode = True
    watch = _watch()
    with limited_memory(), tempfile.TemporaryDirectory() as root:
        for name, content in chosen.beside().items():  # also makes the seeds before the watch begins
            assert content, name
        for number in numbers:
            yield _run(chosen, make_input(chosen, seed, number), number, Path(root).resolve(), watch)


@cache
def _watch() -> WriteWatch:
    return WriteWatch()


def _run(chosen: Loader, data: bytes, number: int, root: Path, watch: WriteWatch) -> Outcome:
    folder = root / "input"
    path = folder / chosen.file
    path.parent.mkdir(parents=True)
    for name, content in chosen.beside().items():
        (folder / name).write_bytes(content)
    path.write_bytes(data)
    before_kib, start_s = _peak_kib(), time.process_time()
    watch.folder, watch.outside = folder, []
    kind, detail = _outcome(chosen, path)
    watch.folder = None
    cpu_s, growth_kib = time.process_time() - start_s, _peak_kib() - before_kib
    if watch.outside:
        kind, detail = "outside", watch.outside[0]
    elif growth_kib > MAX_GROWTH_KIB:
        kind, detail = "memory", f"{growth_kib} KiB"
    elif cpu_s > MAX_CPU_SECONDS and kind != "hang":
        kind, detail = "hang", f"{cpu_s:.1f} s"
    shutil.rmtree(folder)
    return Outcome(chosen.name, number, kind, detail, cpu_s, growth_kib)


def _outcome(chosen: Loader, path: Path) -> tuple[str, str]:
    try:
        with _stopped_after(_STOP_CPU_SECONDS):
            chosen.load(path)
    except UserError as error:
        text = str(error)
        return ("exception", f"message of several lines: {text!r}") if "\n" in text else ("message", text)
    except Hang:
        return "hang", f"over {_STOP_CPU_SECONDS:g} s"
    except BaseException as error:  # also what is no Exception: every other outcome is a fault
        return "exception", f"{type(error).__name__}: {error}"[:300].replace("\n", " ")
    return "value", ""


@contextmanager
def _stopped_after(cpu_seconds: float) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Hang

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, old)


@contextmanager
def limited_memory() -> Iterator[None]:
    """Limit the address space of this process to what it has and 3 GiB more."""
    old = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + _ADDRESS_SPACE, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
