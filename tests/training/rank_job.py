"""One of the processes that train together: ``torchrun ... -m tests.training.rank_job DATA OUT``.

The first process writes the trained weights of every job and the training state to OUT.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file

from synth_app.spectrum import FrameSpec
from synth_app.training import FitSettings, TrainSettings
from synth_app.training.fit.job import Fitted, fit_family
from synth_app.training.fit.torchrun import is_leader
from synth_app.training.progress import ignore_progress, never_cancel


def fitted(data: Path, runs: Path, family: str, augment: float) -> Fitted:
    """The training job for one and for two processes."""
    fit = FitSettings(epochs=3, batch_size=63, frames_per_note=20, beta=1e-5, augment=augment)
    settings = TrainSettings(
        data, family, FrameSpec(8000, 128, 64), 4, fit=fit, cache=data.parent / "cache", runs=runs, threads=1
    )
    return fit_family(settings, ignore_progress, never_cancel)


JOBS = {"dae": 0.0, "vae": 0.5}  # families and how much is left to chance


def main() -> None:
    """Train and write the results."""
    data, out = map(Path, sys.argv[1:])
    for family, augment in JOBS.items():
        done = fitted(data, out / "runs", family, augment)
        if is_leader():
            weights = {name: value.clone() for name, value in done.net.state_dict().items()}
            save_file(weights, out / f"{family}.safetensors", {"state": json.dumps(asdict(done.state))})


if __name__ == "__main__":
    main()
