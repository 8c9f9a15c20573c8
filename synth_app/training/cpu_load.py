"""CPU load of a training, for tests that sound does not drop out beside it. It runs until standard input ends.

``python -m synth_app.training.cpu_load`` trains a full-band net on noise with torch, or multiplies matrices with numpy
if torch is not installed. It prints "torch" or "numpy" at the start, then the number of steps every half second.
"""

import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from synth_app.spectrum.spec import FULL_BAND_SPEC

_LATENT = 16
_BATCH = 512
_REPORT_INTERVAL_S = 0.5


def main() -> None:
    """Run until standard input ends."""
    ended = threading.Event()
    threading.Thread(target=_await_end, args=(ended,), daemon=True).start()
    has_torch = find_spec("torch") is not None
    step = _torch_step() if has_torch else _numpy_step()
    print("torch" if has_torch else "numpy", flush=True)
    steps, reported_s = 0, time.monotonic()
    while not ended.is_set():
        step()
        steps += 1
        if time.monotonic() - reported_s > _REPORT_INTERVAL_S:
            reported_s = time.monotonic()
            print(steps, flush=True)


def _await_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _torch_step() -> Callable[[], object]:
    """Return a function that runs one training step (loss, gradients, Adam) of the full-band residual VAE."""
    import torch

    from synth_app.training.data.pca import PrincipalAxes
    from synth_app.training.families.residual import RESIDUAL_VAE

    torch.set_num_threads(1)  # the audio process needs the other core
    bins = FULL_BAND_SPEC.bins
    axes = PrincipalAxes(np.zeros(bins, np.float32), np.eye(bins, dtype=np.float32), np.ones(bins, np.float32), bins)
    net = RESIDUAL_VAE.build(FULL_BAND_SPEC, _LATENT, axes, RESIDUAL_VAE.fit(FULL_BAND_SPEC))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        loss = net.loss(torch.randn((_BATCH, bins), generator=generator), generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()

    return step


def _numpy_step() -> Callable[[], object]:
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, _BATCH, _BATCH)).astype(np.float32)
    return lambda: left @ right


if __name__ == "__main__":
    main()
