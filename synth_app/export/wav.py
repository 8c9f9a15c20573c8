"""WAV files: 16-bit and 24-bit PCM, and 32-bit float."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.export.audio_format import AudioFormat, BitDepth
from synth_app.support.sound_stream import sound_stream

_SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_wav(path: Path, samples: NDArray[np.float32], rate: int, bits: int) -> None:
    """Write float32 [n, channels] as WAV. PCM is rounded; 16 bits get triangular dither. See ``quantize``."""
    import soundfile

    with sound_stream(path) as stream:
        soundfile.write(stream, quantize(samples, bits), rate, subtype=_SUBTYPES[bits], format="WAV")


def quantize(samples: NDArray[np.float32], bits: int) -> NDArray[np.generic]:
    """Convert samples to the type that is stored.

    The conversion is done here because the sound-file library truncates and scales by 2^15 - 1. The dither has a fixed
    seed, so that the same samples give the same file.

    Args:
        samples: float32, full scale is 1.
        bits: 16, 24 or 32.

    Returns:
        int16 for 16 bits; int32 with the sample in the upper 24 bits for 24; the float32 samples for 32.
    """
    if bits == 32:
        return samples
    full_scale = 2.0 ** (bits - 1)
    steps = samples.astype(np.float64) * full_scale
    if bits == 16:
        rng = np.random.default_rng(0)
        steps += rng.random(steps.shape) - rng.random(steps.shape)
    whole = np.clip(np.rint(steps), -full_scale, full_scale - 1)
    return whole.astype(np.int16) if bits == 16 else whole.astype(np.int32) << 8


WAV = AudioFormat(
    name="WAV",
    suffix=".wav",
    depths=(BitDepth(16), BitDepth(24), BitDepth(32, "float")),
    default_bits=24,
    write=write_wav,
)
