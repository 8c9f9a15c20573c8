"""Read audio files as mono float32; write 16-bit WAV files."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import shown
from synth_app.support.sound_writer import sound_writer

FloatArray = npt.NDArray[np.float32]


def read_audio_file(path: Path | str, *, rate: int | None = None, max_seconds: float = 600.0) -> tuple[FloatArray, int]:
    """Read a whole audio file and mix it to mono by the mean of its channels.

    Args:
        path: any format that libsndfile reads (WAV, FLAC, AIFF, OGG, MP3 and more), any bit depth and codec.
        rate: sample rate in Hz to convert to (soxr VHQ); None keeps the file's own.
        max_seconds: maximum duration.

    Returns:
        Samples, shape [n], float32, full scale +-1, and their sample rate in Hz.

    Raises:
        UserError: the file is missing, empty, truncated, not audio, too long, has too many channels or NaN or
            infinite samples, or is not scaled to +-1.
    """
    from synth_app.dataset.audio_files.decode import decode

    mixed, file_rate = decode(Path(path), max_seconds, mono=True)
    samples = mixed[:, 0]
    if rate is None or rate == file_rate:
        return np.ascontiguousarray(samples), file_rate
    converted = resample(samples, file_rate, rate)
    if not len(converted):
        raise UserError(f"{shown(path)} is too short: {len(samples)} samples at {file_rate} Hz; use a longer file")
    return converted, rate


def decode_audio_file(path: Path | str, *, max_seconds: float = 600.0) -> tuple[FloatArray, int]:
    """Read all channels of an audio file: samples [n, channels] float32, and the rate in Hz.

    Raises as ``read_audio_file``.
    """
    from synth_app.dataset.audio_files.decode import decode

    return decode(Path(path), max_seconds, mono=False)


def resample(samples: FloatArray, from_hz: int, to_hz: int) -> FloatArray:
    """Convert ``samples`` [n] from one sample rate to another, float32, soxr's VHQ filter (linear phase)."""
    if from_hz == to_hz:
        return samples
    import soxr

    converted: FloatArray = soxr.resample(samples, from_hz, to_hz, quality="VHQ").astype(np.float32, copy=False)
    return converted


def write_wav16(path: Path | str, samples: FloatArray, rate: int) -> None:
    """Write mono ``samples`` [n] (full scale +-1) as a 16-bit PCM WAV, atomically and without dither, as in NSynth.

    Raises:
        UserError: the folder cannot be written, or the samples hold NaN or infinite values.
    """
    if not np.isfinite(samples).all():
        raise UserError(f"cannot write {shown(path)}: the audio has NaN or infinite samples; please report this")
    pcm = np.clip(np.rint(samples * np.float32(32768.0)), -32768, 32767).astype(np.int16)
    with atomic_path(path, durable=False) as temporary, sound_writer(temporary, rate, 1, "PCM_16") as file:
        file.write(pcm)
