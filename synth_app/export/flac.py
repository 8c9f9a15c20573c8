"""FLAC files: 16-bit and 24-bit PCM, compressed without loss to about half of a WAV file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.export.audio_format import AudioFormat, BitDepth
from synth_app.export.pcm import write_blocks


def write_flac(path: Path, blocks: Iterable[NDArray[np.float32]], rate: int, bits: int) -> None:
    """Write blocks of float32 [n, channels] as one FLAC file with the samples of a WAV file of the same depth."""
    write_blocks(path, blocks, rate, bits, "FLAC", software="synth_app")


FLAC = AudioFormat(
    name="FLAC",
    suffix=".flac",
    depths=(BitDepth(16), BitDepth(24)),
    default_bits=24,
    write=write_flac,
)
