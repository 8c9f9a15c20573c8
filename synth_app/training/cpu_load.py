"""Keeps a core busy as a training does, until its standard input ends: the load beside which sound must not break.

``python -m synth_app.training.cpu_load`` fits a full-band net to noise with torch, or multiplies matrices with numpy
where torch is not installed. It prints "torch" or "numpy" when it begins and then, every half second, the steps made.
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
_TELL_EVERY_S = 0.5


def main() -> None:
    """Work until standard input ends."""
    over = threading.Event()
    threading.Thread(target=_await_end, args=(over,), daemon=True).start()
    torch_there = find_spec("torch") is not None
    step = _torch_step() if torch_there else _numpy_step()
    print("torch" if torch_there else "numpy", flush=True)
    steps, told = 0, time.monotonic()
    while not over.is_set():
        step()
        steps += 1
        if time.monotonic() - told > _TELL_EVERY_S:
            told = time.monotonic()
            print(steps, flush=True)


def _await_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def _torch_step() -> Callable[[], object]:
    """One step of the training loop: loss, gradients, Adam, for the net that the full-band model is made of."""
    import torch

    from synth_app.training.data.pca import PrincipalAxes
    from synth_app.training.families.residual_vae import FAMILY

    torch.set_num_threads(1)  # "on the other core": one is the sound's
    bins = FULL_BAND_SPEC.bins
    axes = PrincipalAxes(np.zeros(bins, np.float32), np.eye(bins, dtype=np.float32), np.ones(bins, np.float32), bins)
    net = FAMILY.build(FULL_BAND_SPEC, _LATENT, axes, FAMILY.fit(FULL_BAND_SPEC))
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
