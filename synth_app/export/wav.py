"""WAV files: 16-bit and 24-bit PCM, and 32-bit float."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.export.audio_format import AudioFormat, BitDepth
from synth_app.support.sound_writer import sound_writer

_SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_wav(path: Path, blocks: Iterable[NDArray[np.float32]], rate: int, bits: int) -> None:
    """Write blocks of float32 [n, channels] as one WAV file. See ``Quantizer``."""
    waiting = iter(blocks)
    first = next(waiting)
    quantizer = Quantizer(bits)
    with sound_writer(path, rate, first.shape[1], _SUBTYPES[bits]) as file:
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


WAV = AudioFormat(
    name="WAV",
    suffix=".wav",
    depths=(BitDepth(16), BitDepth(24), BitDepth(32, "float")),
    default_bits=24,
    write=write_wav,
    max_bytes=2**32 - 2**16,  # its sizes are 32-bit numbers
)
