"""The audio process that is started before anything else: taken once, and gone when nobody takes it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from synth_app.support import early_process
from synth_app.support.early_process import ENGINE, MIDI, audio_process

OTHER = ("tests.audio.fake_engine", "tests.audio.fake_midi")


def ended(process: "subprocess.Popen[bytes]") -> None:
    """End one, as an app that goes does: by closing its pipe."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    assert process.wait(60) == 0


def test_the_first_who_wants_the_usual_modules_gets_it() -> None:
    early_process.begin()
    early = early_process._Early.process
    other = audio_process(OTHER)
    first, second = audio_process((ENGINE, MIDI)), audio_process((ENGINE, MIDI))
    assert first is early
    assert len({each.pid for each in (other, first, second)}) == 3
    assert first.args == second.args
    for each in (other, first, second):
        ended(each)


def test_one_that_died_is_not_given() -> None:
    early_process.begin()
    assert early_process._Early.process is not None
    dead = early_process._Early.process
    dead.kill()
    dead.wait()
    given = audio_process((ENGINE, MIDI))
    assert given.pid != dead.pid
    ended(given)


def test_one_that_nobody_took_ends_with_the_program() -> None:
    code = "from synth_app.support import early_process as e; e.begin(); print(e._Early.process.pid, flush=True)"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    end = time.monotonic() + 60.0
    while _alive(int(done.stdout)):
        assert time.monotonic() < end, "it waits for ever"
        time.sleep(0.05)


def test_it_needs_no_library() -> None:
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
