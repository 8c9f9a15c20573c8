"""One of the processes that train together: ``torchrun ... -m tests.training.rank_job DATA OUT FAMILY AUGMENT``.

Its first process writes the fitted weights and the standing to OUT.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file

from synth_app.spectrum import FrameSpec
from synth_app.training import FitSettings, TrainSettings
from synth_app.training.job import Fitted, fit_family
from synth_app.training.progress import ignore, never
from synth_app.training.torchrun import leads


def fitted(data: Path, runs: Path, family: str, augment: float) -> Fitted:
    """The job that one and two processes do."""
    fit = FitSettings(epochs=3, batch_size=63, frames_per_note=20, beta=1e-5, augment=augment)
    settings = TrainSettings(
        data, family, FrameSpec(8000, 128, 64), 4, fit=fit, cache=data.parent / "cache", runs=runs, threads=1
    )
    return fit_family(settings, ignore, never)


def main() -> None:
    """Train and tell."""
    data, out, family, augment = sys.argv[1:]
    done = fitted(Path(data), Path(out) / "runs", family, float(augment))
    if leads():
        weights = {name: value.clone() for name, value in done.net.state_dict().items()}
        save_file(weights, Path(out) / "weights.safetensors", {"standing": json.dumps(asdict(done.standing))})


if __name__ == "__main__":
    main()
