"""Starts the audio process before the window's libraries are imported, so that both start at the same time.

This module and what it imports need the standard library only, because imports take most of the start time.
"""

import subprocess

from synth_app.support.child_process import start_child

ENGINE = "synth_app.engine.engine"
MIDI = "synth_app.audio.process.midi_ports"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class EarlyProcess:
    """One audio process that is started at once and used by the first client that needs one.

    A process that nobody uses ends with this program, because its standard input closes.
    """

    def __init__(self) -> None:
        """Start the process with the standard engine and MIDI modules."""
        self._process: subprocess.Popen[bytes] | None = start_audio_process((ENGINE, MIDI))

    def take(self, modules: tuple[str, str]) -> "subprocess.Popen[bytes] | None":
        """Hand over the process.

        Args:
            modules: dotted names of the engine's and the MIDI ports' modules that the caller needs.

        Returns:
            The process; None if it runs other modules, was handed over before, or has ended.
        """
        if modules != (ENGINE, MIDI):
            return None
        process, self._process = self._process, None
        return process if process is not None and process.poll() is None else None


def start_audio_process(modules: tuple[str, str]) -> "subprocess.Popen[bytes]":
    """Start an audio process; its standard input and output are the channel.

    Args:
        modules: dotted names of the engine's and the MIDI ports' modules.
    """
    # Not multiprocessing: that would import the app's main module, Qt and all, into the audio process.
    return start_child("synth_app.audio.process.main", modules, _ONE_THREAD)
