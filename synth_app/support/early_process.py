"""Starts the audio process before the window's libraries are imported, so that both get ready side by side.

Nothing but the standard library is imported here: the imports are what takes the time.
"""

import os
import subprocess
import sys

ENGINE = "synth_app.engine.engine"
MIDI = "synth_app.audio.process.midi_ports"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class _Early:
    process: "subprocess.Popen[bytes] | None" = None


def begin() -> None:
    """Start one; whoever wants an audio process first gets it. Nobody need: it ends with this process."""
    _Early.process = _start((ENGINE, MIDI))


def audio_process(modules: tuple[str, str]) -> "subprocess.Popen[bytes]":
    """The early process, or a new one, with these modules as engine and MIDI ports."""
    if modules == (ENGINE, MIDI):
        early, _Early.process = _Early.process, None
        if early is not None and early.poll() is None:
            return early
    return _start(modules)


def _start(modules: tuple[str, str]) -> "subprocess.Popen[bytes]":
    # Not multiprocessing: that would import the app's main module, Qt and all, into the audio process.
    return subprocess.Popen(
        [sys.executable, "-m", "synth_app.audio.process.main", *modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
