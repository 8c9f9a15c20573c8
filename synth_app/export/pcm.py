"""Writes rendered samples as PCM or float, the same numbers in every format."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.support.sound_writer import sound_writer

_SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_blocks(
    path: Path, blocks: Iterable[NDArray[np.float32]], rate: int, bits: int, kind: str, software: str = ""
) -> None:
    """Write blocks of samples as one file.

    Args:
        path: file to write.
        blocks: at least one, float32 [n, channels] each, full scale 1. See ``Quantizer``.
        rate: Hz.
        bits: 16, 24 or 32.
        kind: libsndfile's name of the format, such as ``WAV``.
        software: program that the file names as its maker; "" for none.

    Raises:
        OSError: the file cannot be written.
    """
    waiting = iter(blocks)
    first = next(waiting)
    quantizer = Quantizer(bits)
    with sound_writer(path, rate, first.shape[1], _SUBTYPES[bits], kind) as file:
        if software:
            file.software = software
        for block in chain((first,), waiting):
            file.write(quantizer.quantize(block))


class Quantizer:
    """Converts samples to the type that is stored, block by block.

    The conversion is done here because the sound-file library truncates and scales by 2^15 - 1. PCM is rounded; 16 bits
    get triangular dither, with a fixed seed, so that the same samples give the same file.

    Args:
        bits: 16, 24 or 32.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._rng = np.random.default_rng(0)

    def quantize(self, samples: NDArray[np.float32]) -> NDArray[np.generic]:
        """Convert the next samples, float32, full scale 1.

        Returns:
            int16 for 16 bits; int32 with the sample in the upper 24 bits for 24; the float32 samples for 32.
        """
        if self._bits == 32:
            return samples
        full_scale = 2.0 ** (self._bits - 1)
        steps = samples.astype(np.float64) * full_scale
        if self._bits == 16:
            steps += self._rng.random(steps.shape) - self._rng.random(steps.shape)
        whole = np.clip(np.rint(steps), -full_scale, full_scale - 1)
        return whole.astype(np.int16) if self._bits == 16 else whole.astype(np.int32) << 8
