"""The audio process that is started first: it is used once, and ends if nobody uses it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from synth_app.support.early_process import ENGINE, MIDI, EarlyProcess, start_audio_process

OTHER = ("tests.audio.fake_engine", "tests.audio.fake_midi")
STANDARD = (ENGINE, MIDI)


def ended(process: "subprocess.Popen[bytes]") -> None:
    """End a process as a closing app does: close its pipe."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    assert process.wait(60) == 0


def test_the_first_client_with_the_standard_modules_gets_the_process() -> None:
    early = EarlyProcess()
    assert early.take(OTHER) is None
    first = early.take(STANDARD)
    assert first is not None
    assert early.take(STANDARD) is None
    second = start_audio_process(STANDARD)
    assert first.args == second.args
    assert first.pid != second.pid
    for each in (first, second):
        ended(each)


def test_a_process_that_died_is_not_handed_over() -> None:
    early = EarlyProcess()
    assert early._process is not None
    early._process.kill()
    early._process.wait()
    assert early.take(STANDARD) is None


def test_a_process_that_nobody_used_ends_with_the_program() -> None:
    code = (
        "from synth_app.support.early_process import EarlyProcess; "
        "early = EarlyProcess(); print(early._process.pid, flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    end = time.monotonic() + 60.0
    while _alive(int(done.stdout)):
        assert time.monotonic() < end, "the process does not end"
        time.sleep(0.05)


def test_the_module_imports_only_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import synth_app.support.early_process; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    foreign = {name for name in done.stdout.split() if name not in sys.stdlib_module_names}
    assert foreign == {"synth_app"}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # a zombie whose parent has gone is dead
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
