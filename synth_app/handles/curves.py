"""Curves of the handles: moves by whole steps around one sound, for modulation and automation."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.scale import HandleScale
from synth_app.handles.solver import QUICK, move_handles
from synth_app.handles.sound import HandleSound, SoundReader
from synth_app.params import SPECTRAL_HANDLES
from synth_app.patch.handle_curves import NODES, NODES_PER_SIDE, HandleCurves

Floats = NDArray[np.float64]
_NODE = replace(QUICK, looks=2)


def solve_curves(reader: SoundReader, scale: HandleScale, sound: HandleSound, handles: frozenset[int]) -> HandleCurves:
    """Return the curves of some handles around a sound; those of the others are 0.

    Each node is found from the one before it, with the slopes there, so that the curve does not jump. It takes about
    12 ms a handle, longer for recurrent models: not for the thread of the window.
    """
    values = np.zeros((len(SPECTRAL_HANDLES), NODES, len(sound.z) + 1))
    slopes = reader.slopes(sound.z, sound)
    for handle in handles:
        for direction in (-1, 1):
            start: Floats | None = None
            for steps in range(1, NODES_PER_SIDE + 1):
                move = move_handles(
                    reader, scale, sound, {handle: float(direction * steps)}, slopes=slopes, start=start, effort=_NODE
                )
                start = move.offset
                values[handle, NODES_PER_SIDE + direction * steps] = [*move.offset, move.gain_db]
    return HandleCurves.of(values)
