"""WAV files: 16-bit and 24-bit PCM, and 32-bit float."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.export.audio_format import AudioFormat, BitDepth
from synth_app.export.pcm import write_blocks


def write_wav(path: Path, blocks: Iterable[NDArray[np.float32]], rate: int, bits: int) -> None:
    """Write blocks of float32 [n, channels] as one WAV file."""
    write_blocks(path, blocks, rate, bits, "WAV")


WAV = AudioFormat(
    name="WAV",
    suffix=".wav",
    depths=(BitDepth(16), BitDepth(24), BitDepth(32, "float")),
    default_bits=24,
    write=write_wav,
    max_bytes=2**32 - 2**16,  # its sizes are 32-bit numbers
)
