"""Priorities by the calls of Linux, and of macOS and Windows through fake libraries."""

import ctypes
import os
from typing import Any

import pytest

from synth_app.support import priority
from synth_app.support.priority import MacOS, Posix, Windows


class FakeFunction:
    """A function of a C library: stores its calls."""

    def __init__(self, result: int | None) -> None:
        self.result, self.calls = result, list[tuple[Any, ...]]()

    def __call__(self, *arguments: Any) -> int | None:
        self.calls.append(arguments)
        return self.result


class FakeKernel32:
    """Windows' kernel32."""

    def __init__(self, granted: int) -> None:
        self.GetCurrentProcess = FakeFunction(-1)
        self.SetPriorityClass = FakeFunction(granted)


class FakeAvrt:
    """Windows' multimedia class scheduler."""

    def __init__(self, handle: int | None) -> None:
        self.AvSetMmThreadCharacteristicsW = FakeFunction(handle)


class FakeLibSystem:
    """MacOS's system library."""

    def __init__(self, status: int) -> None:
        self.pthread_set_qos_class_self_np = FakeFunction(status)


def test_windows_raises_the_class_of_the_process_and_registers_the_thread() -> None:
    kernel32, avrt = FakeKernel32(1), FakeAvrt(40)
    windows = Windows(kernel32, avrt)
    assert windows.raise_process() == "raised"
    assert kernel32.SetPriorityClass.calls == [(-1, 0x80)]  # HIGH_PRIORITY_CLASS
    assert windows.request_real_time("raised") == "real-time"
    assert avrt.AvSetMmThreadCharacteristicsW.calls[0][0] == "Pro Audio"
    windows.raise_thread()
    windows.leave_real_time()
    assert len(kernel32.SetPriorityClass.calls) == 1, "the class counts for all threads"
    windows.lower_process()
    assert kernel32.SetPriorityClass.calls[1:] == [(-1, 0x4000)]  # BELOW_NORMAL_PRIORITY_CLASS


def test_windows_reports_what_it_was_refused() -> None:
    windows = Windows(FakeKernel32(0), FakeAvrt(None))
    assert windows.raise_process() == "normal"
    assert windows.request_real_time("normal") == "normal"


def test_macos_asks_for_each_thread_and_needs_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "setpriority", lambda *_: pytest.fail("negative nice values need root"))
    library = FakeLibSystem(0)
    macos = MacOS(library)
    assert macos.raise_process() == "raised"
    assert macos.request_real_time("raised") == "raised"
    macos.raise_thread()
    macos.leave_real_time()
    assert library.pthread_set_qos_class_self_np.calls == 4 * [(0x21, 0)]  # QOS_CLASS_USER_INTERACTIVE
    assert MacOS(FakeLibSystem(22)).raise_process() == "normal"


def test_linux_falls_back_from_real_time_to_nice_to_normal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", lambda _, policy, param: asked.append(("fifo", param.sched_priority)))
    monkeypatch.setattr(os, "setpriority", lambda _, __, nice: asked.append(("nice", nice)))
    assert Posix().raise_process() == "real-time"
    assert Posix().request_real_time("real-time") == "real-time"
    assert asked == [("fifo", 5), ("fifo", 10)]
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert Posix().raise_process() == "raised"
    assert Posix().request_real_time("raised") == "raised"
    assert asked[2:] == [("nice", -11)]
    monkeypatch.setattr(os, "setpriority", refuse)
    assert Posix().raise_process() == "normal"


@pytest.mark.parametrize(
    ("platform", "expected"), [("win32", Windows), ("darwin", MacOS), ("linux", Posix), ("freebsd14", Posix)]
)
def test_each_platform_gets_its_own_calls(
    monkeypatch: pytest.MonkeyPatch, platform: str, expected: type[priority.System]
) -> None:
    libraries: dict[str, Any] = {"kernel32": FakeKernel32(1), "avrt": FakeAvrt(1)}
    monkeypatch.setattr(ctypes, "WinDLL", libraries.__getitem__, raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda path: FakeLibSystem(0))
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(priority, "_system", priority._system.__wrapped__)  # without its cache
    assert type(priority._system()) is expected
