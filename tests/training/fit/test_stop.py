"""Killed and interrupted trainings, as processes: no complete epoch is lost, and no traceback is shown."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from safetensors import safe_open

from synth_app.training import FitSettings, TrainSettings
from synth_app.training.fit.checkpoint import TrainingState
from synth_app.training.fit.job import fit_family
from synth_app.training.progress import ignore_progress, never_cancel

FIT = FitSettings(epochs=4, batch_size=64, frames_per_note=20, beta=1e-5, augment=0.5)
# the process kills itself in the third epoch's second batch: only it knows how far the training is
KILLED = """
import os, signal, sys
from pathlib import Path
from synth_app.spectrum import FrameSpec
from synth_app.training import FitSettings, TrainSettings
from synth_app.training.fit.job import fit_family

epochs, batches = 0, 0
def report(progress):
    global epochs
    epochs += progress.stage == "fit"
def cancel():
    global batches
    batches += epochs == 2
    if batches == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return False
data, runs = map(Path, sys.argv[1:])
fit = FitSettings(epochs=4, batch_size=64, frames_per_note=20, beta=1e-5, augment=0.5)
spec = FrameSpec(8000, 128, 64, "hann", -100.0)
fit_family(TrainSettings(data, "residual-vae", spec, 4, fit=fit, cache=data.parent / "cache", runs=runs, threads=1),
           report, cancel)
"""


def test_a_killed_training_resumes_to_the_same_bits(settings: TrainSettings, tmp_path: Path) -> None:
    runs = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, str(settings.data), str(runs)]
    assert subprocess.run(command, timeout=120, check=False).returncode == -signal.SIGKILL
    log = next(runs.rglob("log.jsonl"))
    assert len(log.read_text().splitlines()) == 2
    resumed = fit_family(replace(settings, family="residual-vae", fit=FIT, runs=runs), ignore_progress, never_cancel)
    whole = fit_family(replace(settings, family="residual-vae", fit=FIT), ignore_progress, never_cancel)
    for name, value in whole.net.state_dict().items():
        np.testing.assert_array_equal(resumed.net.state_dict()[name].numpy(), value.numpy(), err_msg=name)
    assert replace(resumed.state, seconds=0.0) == replace(whole.state, seconds=0.0) != TrainingState()
    assert [json.loads(line)["epoch"] for line in log.read_text().splitlines()] == [1, 2, 3, 4]


def test_ctrl_c_prints_one_line_and_keeps_complete_epochs(data: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.symlink_to(data)  # frames and checkpoints lie beside it
    out = tmp_path / "mine.safetensors"
    train = ["train", str(notes), "--family", "residual-vae", "--spec", "paper", "--latent", "4", "--threads", "1"]
    command = [sys.executable, "-m", "synth_app.cli", *train, "--out", str(out)]
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background would ignore it
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=heed
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("fit 2/40"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read().splitlines()
        assert process.wait(timeout=60) == 130
    assert rest[-1] == "synth-app: stopped; run the command again to continue from the last complete epoch"
    assert not [line for line in rest if "Traceback" in line]
    assert not out.exists()
    log = next((tmp_path / "runs").rglob("log.jsonl"))
    done = len(log.read_text().splitlines())
    assert 2 <= done < 40
    with safe_open(log.with_name("checkpoint.safetensors"), framework="pt") as checkpoint:
        assert json.loads(checkpoint.metadata()["synth_app.training"])["epoch"] == done
