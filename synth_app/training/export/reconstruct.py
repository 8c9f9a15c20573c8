"""A fitted net as a function of numpy frames, without being exported."""

import numpy as np
import torch
from numpy.typing import NDArray

from synth_app.training.families import FrameNet


def reconstruct(net: FrameNet, unit: NDArray[np.float32], pitch: float) -> NDArray[np.float32]:
    """Scaled frames [n, bins] of one note coded and decoded at its MIDI pitch, scaled as they came."""
    with torch.no_grad():
        keys = torch.full((len(unit),), float(pitch))
        made: NDArray[np.float32] = net.decode(net.encode(torch.from_numpy(unit), keys), keys).numpy()
    return made
