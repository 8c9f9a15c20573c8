"""Reconstruction of numpy frames by a trained net that is not exported."""

import numpy as np
import torch
from numpy.typing import NDArray

from synth_app.training.families.base import FrameNet


def reconstruct(net: FrameNet, unit: NDArray[np.float32], pitch: float) -> NDArray[np.float32]:
    """Encode and decode the scaled frames [n, bins] of one note at its MIDI pitch."""
    with torch.no_grad():
        keys = torch.full((len(unit),), float(pitch))
        frames: NDArray[np.float32] = net.decode(net.encode(torch.from_numpy(unit), keys), keys).numpy()
    return frames
