"""CPU seconds of each stage from the drop of a file to the note: ``python -m tests.export.measure_drop``.

It does in this process what the worker of own sounds does, warm: a first file loads the model and everything else.
Give a file to measure it instead of four seconds of a plucked tone.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from synth_app.decoder import correction_fit, noise_fit
from synth_app.decoder.model import Model
from synth_app.export.sounds import perform as worker
from synth_app.export.sounds.tasks import Added, AddSound, EncodeSound, SoundAnswer
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session.sounds import encode_sound, encoded_notes, new_sound
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.blas_threads import BlasThreadLimit

_STAGES: tuple[tuple[Any, str, str], ...] = (
    (SoundLibrary, "add", "keep the file"),
    (new_sound, "pitch_of", "  of which: find the pitch"),
    (Model, "frames", "spectra"),
    (encode_sound, "_encoded", "latent path"),
    (noise_fit, "fit_noise", "share of noise"),
    (correction_fit, "fit_correction", "correction"),
    (encoded_notes, "write_notes", "write the notes"),
    (encoded_notes, "read_notes", "read them back"),
)


class Stages:
    """CPU and wall seconds by stage, of the last file."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        for owner, name, label in _STAGES:
            setattr(owner, name, self._timed(getattr(owner, name), label))

    def _timed(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        def run(*arguments: Any, **keywords: Any) -> Any:
            cpu_s, wall_s = time.process_time(), time.perf_counter()
            try:
                return function(*arguments, **keywords)
            finally:
                spent = time.process_time() - cpu_s, time.perf_counter() - wall_s
                before = self.seconds.get(label, (0.0, 0.0))
                self.seconds[label] = (before[0] + spent[0], before[1] + spent[1])

        return run


def plucked(seconds: float, rate: int = 48_000) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return a bright decaying tone of middle C with some noise, as a recording has it."""
    time_s = np.arange(round(seconds * rate)) / rate
    partials = [np.exp(-0.4 * h * time_s) * np.sin(2 * np.pi * h * 261.6 * time_s) / h for h in range(1, 40)]
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(time_s)) * np.exp(-time_s)
    return np.asarray(0.3 * (np.sum(partials, axis=0) + noise))


def main() -> None:
    """Print a table of stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    model, stages = str(find_model(arguments.model)), Stages()
    with tempfile.TemporaryDirectory() as folder, BlasThreadLimit():
        path = arguments.file or Path(folder) / "pluck.wav"
        if arguments.file is None:
            soundfile.write(path, plucked(4.0), 48_000)
        found = [_drop(path, Path(folder) / f"sounds-{i}", model, stages) for i in range(arguments.rounds + 1)][1:]
    print(f"load average {os.getloadavg()[0]:.1f}; least of {arguments.rounds} rounds, warm", file=sys.stderr)
    print(f"{'stage':30} {'CPU s':>7} {'wall s':>7}")
    for label in found[0]:
        cpu_s, wall_s = (min(each[label][i] for each in found) for i in range(2))
        print(f"{label:30} {cpu_s:7.2f} {wall_s:7.2f}")


def _drop(path: Path, folder: Path, model: str, stages: Stages) -> dict[str, tuple[float, float]]:
    """Do both tasks of a drop; return the seconds of their stages."""
    answers: list[SoundAnswer] = []
    stages.seconds = {}
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    worker.perform(AddSound(1, (path,)), folder, answers.append)
    added = answers[0]
    assert isinstance(added, Added)
    worker.perform(EncodeSound(2, added.key, model), folder, answers.append)
    return {**stages.seconds, "all": (time.process_time() - cpu_s, time.perf_counter() - wall_s)}


if __name__ == "__main__":
    main()
