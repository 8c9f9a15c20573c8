"""Priorities of threads and processes, each by the calls of its system. None of them needs an administrator.

On Linux, new threads inherit the priority of the thread that starts them. On Windows the priority of the process counts
for all its threads. On macOS each thread asks for itself. The system's own audio threads, which call back for samples,
are real-time threads on Windows and macOS without a request.
"""

import contextlib
import ctypes
import os
import sys
import threading
from functools import cache
from typing import Any, Literal, Protocol

Priority = Literal["normal", "raised", "real-time"]

_FIFO_PRIORITY, _FIFO_PRIORITY_OF_OTHERS = 10, 5
_NICE = -11  # what desktop sound servers use
_NICE_OF_LOADERS = -20
_NICE_OF_BACKGROUND = 15
_HIGH_PRIORITY_CLASS, _BELOW_NORMAL_PRIORITY_CLASS = 0x80, 0x4000  # Windows: SetPriorityClass
_QOS_CLASS_USER_INTERACTIVE = 0x21  # macOS: pthread/qos.h


class System(Protocol):
    """The calls of one operating system."""

    def raise_process(self) -> Priority:
        """Raise this thread, and what inherits from it; return what was granted."""

    def raise_thread(self) -> None:
        """Raise this thread as ``raise_process`` raised the first one, if threads do not inherit it."""

    def request_real_time(self, granted: Priority) -> Priority:
        """Request real-time scheduling for this thread; return what it has now: ``granted`` if refused."""

    def leave_real_time(self) -> None:
        """Give this thread the highest priority that is not real-time."""

    def lower_process(self) -> None:
        """Let other processes go first."""


class Posix:
    """Linux and other systems with POSIX scheduling."""

    def raise_process(self) -> Priority:
        """Raise this thread and all that it starts."""
        if _request_fifo(_FIFO_PRIORITY_OF_OTHERS):
            return "real-time"
        with contextlib.suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, 0, _NICE)
            return "raised"
        return "normal"

    def raise_thread(self) -> None:
        """Do nothing: threads inherit it."""

    def request_real_time(self, granted: Priority) -> Priority:
        """Request SCHED_FIFO for this thread and all that it starts."""
        return "real-time" if _request_fifo(_FIFO_PRIORITY) else granted

    def leave_real_time(self) -> None:
        """Leave SCHED_FIFO for the highest normal priority."""
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE_OF_LOADERS)

    def lower_process(self) -> None:
        """Raise the nice value."""
        with contextlib.suppress(AttributeError, OSError):
            os.nice(_NICE_OF_BACKGROUND)


class MacOS(Posix):
    """macOS, where negative nice values need root but the quality of service of a thread does not.

    Args:
        library: of the system, with ``pthread_set_qos_class_self_np``.
    """

    def __init__(self, library: Any) -> None:
        self._library = library

    def raise_process(self) -> Priority:
        """Request the class of threads that the user waits for, for this thread."""
        refused = self._library.pthread_set_qos_class_self_np(_QOS_CLASS_USER_INTERACTIVE, 0)
        return "normal" if refused else "raised"

    def raise_thread(self) -> None:
        """Request the same for this thread."""
        self.raise_process()

    def request_real_time(self, granted: Priority) -> Priority:
        """Request the same for this thread; only CoreAudio's own threads are real-time."""
        return self.raise_process()

    def leave_real_time(self) -> None:
        """Request the same for this thread: the rendering thread may wait for the GIL that it holds."""
        self.raise_process()


class Windows:
    """Windows, whose priority classes below "real time" need no administrator.

    Args:
        kernel32: the library with ``SetPriorityClass``.
        avrt: the library of the multimedia class scheduler, with ``AvSetMmThreadCharacteristicsW``.
    """

    def __init__(self, kernel32: Any, avrt: Any) -> None:
        self._kernel32, self._avrt = kernel32, avrt
        kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        kernel32.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        avrt.AvSetMmThreadCharacteristicsW.argtypes = (ctypes.c_wchar_p, ctypes.POINTER(ctypes.c_uint32))
        avrt.AvSetMmThreadCharacteristicsW.restype = ctypes.c_void_p

    def raise_process(self) -> Priority:
        """Set the priority class "high" for all threads of this process."""
        return "raised" if self._set_class(_HIGH_PRIORITY_CLASS) else "normal"

    def raise_thread(self) -> None:
        """Do nothing: the class counts for all threads."""

    def request_real_time(self, granted: Priority) -> Priority:
        """Register this thread with the multimedia class scheduler as "Pro Audio"."""
        task = ctypes.c_uint32(0)
        return "real-time" if self._avrt.AvSetMmThreadCharacteristicsW("Pro Audio", ctypes.byref(task)) else granted

    def leave_real_time(self) -> None:
        """Do nothing: only the thread that asked for it is real-time."""

    def lower_process(self) -> None:
        """Set the priority class "below normal"."""
        self._set_class(_BELOW_NORMAL_PRIORITY_CLASS)

    def _set_class(self, priority_class: int) -> bool:
        return bool(self._kernel32.SetPriorityClass(self._kernel32.GetCurrentProcess(), priority_class))


def raise_process() -> Priority:
    """Request a raised priority for this process; call it in its first thread, before others start.

    All threads need it: while one of them holds the GIL and the rendering thread waits for it, the holder must not
    wait for a core.
    """
    return _system().raise_process()


def raise_thread() -> None:
    """Request the priority of ``raise_process`` for this thread where it is not inherited."""
    _system().raise_thread()


def request_real_time(granted: Priority) -> Priority:
    """Request real-time scheduling for this thread.

    Args:
        granted: what ``raise_process`` returned.

    Returns:
        What this thread has now.
    """
    return _system().request_real_time(granted)


def leave_real_time() -> None:
    """Leave real-time scheduling in a thread that works for long, or it would keep a core from the sound server.

    The thread gets the highest normal priority, because the rendering thread may wait for the GIL that it holds.
    """
    _system().leave_real_time()


def lower_process() -> None:
    """Let other processes go first: for work in the background."""
    _system().lower_process()


@cache
def _system() -> System:
    loader: Any = ctypes
    if sys.platform == "win32":
        return Windows(loader.WinDLL("kernel32"), loader.WinDLL("avrt"))
    if sys.platform == "darwin":
        return MacOS(loader.CDLL("/usr/lib/libSystem.B.dylib"))
    return Posix()


def _request_fifo(priority: int) -> bool:
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
        return True
    return False
