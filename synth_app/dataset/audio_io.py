"""Read audio files as mono float32; write 16-bit WAV files."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.sound_stream import sound_stream

FloatArray = npt.NDArray[np.float32]

MIN_RATE_HZ = 4_000
MAX_RATE_HZ = 384_000
MAX_PEAK = 100.0  # 40 dB over full scale: a float file with a higher peak is not scaled to +-1
# A stream writer that cannot seek back leaves one of these sizes in the data chunk; it means "until the end".
_OPEN_ENDED_SIZES = frozenset({0, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0xFFFFFFFF, 0xFFFFFFFF - 36})


def read_audio_file(path: Path | str, *, rate: int | None = None, max_seconds: float = 600.0) -> tuple[FloatArray, int]:
    """Read a whole audio file and mix it to mono by the mean of its channels.

    Args:
        path: any format that libsndfile reads (WAV, FLAC, AIFF, OGG, MP3), any bit depth.
        rate: sample rate in Hz to convert to (soxr VHQ); None keeps the file's own.
        max_seconds: maximum duration.

    Returns:
        Samples, shape [n], float32, full scale +-1, and their sample rate in Hz.

    Raises:
        UserError: the file is missing, empty, truncated, not audio, too long, has NaN or infinite samples, or
            is not scaled to +-1.
    """
    channels, file_rate = decode_audio_file(path, max_seconds=max_seconds)
    samples = channels[:, 0] if channels.shape[1] == 1 else channels.mean(axis=1, dtype=np.float32)
    if rate is None or rate == file_rate:
        return np.ascontiguousarray(samples), file_rate
    converted = resample(samples, file_rate, rate)
    if not len(converted):
        raise UserError(f"{path} is too short: {len(samples)} samples at {file_rate} Hz; use a longer file")
    return converted, rate


def decode_audio_file(path: Path | str, *, max_seconds: float = 600.0) -> tuple[FloatArray, int]:
    """Read all channels of an audio file: samples [n, channels] float32, and the rate in Hz.

    Raises as ``read_audio_file``.
    """
    source = Path(path)
    _check_readable(source)
    channels, rate = _decode(source, max_seconds)
    if not np.isfinite(channels).all():
        raise UserError(f"{source} has NaN or infinite samples; export it again from the program that wrote it")
    peak = float(np.abs(channels).max())
    if peak > MAX_PEAK:
        raise UserError(f"{source} peaks at {peak:.3g}, the limit is {MAX_PEAK:g}; normalise it to full scale 1")
    return channels, rate


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
    import soundfile

    if not np.isfinite(samples).all():
        raise UserError(f"cannot write {path}: the audio has NaN or infinite samples; please report this")
    pcm = np.clip(np.rint(samples * np.float32(32768.0)), -32768, 32767).astype(np.int16)
    with atomic_path(path, durable=False) as temporary, sound_stream(temporary) as stream:
        soundfile.write(stream, pcm, rate, subtype="PCM_16", format="WAV")


def _check_readable(source: Path) -> None:
    if source.is_dir():
        raise UserError(f"{source} is a folder, not an audio file; name one file")
    try:
        with source.open("rb") as stream:
            header = stream.read(12)
            promised = _end_by_header(stream, header)
            size = stream.seek(0, os.SEEK_END)
    except FileNotFoundError as error:
        raise UserError(f"{source} does not exist; check the name") from error
    except OSError as error:
        raise UserError(f"cannot read {source}: {error.strerror}; check its permissions") from error
    if size == 0:
        raise UserError(f"{source} is empty (0 bytes); copy or export it again")
    if promised is not None and promised > size:
        raise UserError(
            f"{source} is truncated: the header says {promised} bytes, the file has {size}; copy or export it again"
        )


def _end_by_header(stream: BinaryIO, header: bytes) -> int | None:
    """Return the file offset where the data of a WAV or AIFF file ends by its header; None if the header does not say.

    libsndfile reads truncated files without an error, so the size is compared here.
    """
    if header[:4] == b"FORM":
        return 8 + int.from_bytes(header[4:8], "big")
    if header[:4] != b"RIFF" or header[8:12] != b"WAVE":
        return None
    while len(chunk := stream.read(8)) == 8:
        name, size = struct.unpack("<4sI", chunk)
        if name == b"data":
            return None if size in _OPEN_ENDED_SIZES else stream.tell() + int(size)
        stream.seek(size + size % 2, os.SEEK_CUR)
    return None


def _decode(source: Path, max_seconds: float) -> tuple[FloatArray, int]:
    """Decode to ([n, channels] float32, rate); convert libsndfile's errors to UserError."""
    import soundfile

    try:
        with soundfile.SoundFile(source) as sound:
            rate, frames = int(sound.samplerate), int(sound.frames)
            _check_extent(source, rate, frames, max_seconds)
            samples: FloatArray = sound.read(dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise UserError(
            f"{source} is not a readable audio file, or is damaged ({error.error_string.rstrip('.')}); "
            "export it again as WAV or FLAC"
        ) from error
    if len(samples) < frames:
        raise UserError(f"{source} is truncated: {len(samples)} of {frames} samples are there; copy or export it again")
    return samples, rate


def _check_extent(source: Path, rate: int, frames: int, max_seconds: float) -> None:
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise UserError(
            f"{source} has a sample rate of {rate} Hz, the limits are {MIN_RATE_HZ} and {MAX_RATE_HZ}; "
            "convert it to 48000 Hz"
        )
    if frames == 0:
        raise UserError(f"{source} holds no samples; export it again")
    if frames > max_seconds * rate:
        raise UserError(
            f"{source} lasts {frames / rate:.0f} s, the limit is {max_seconds:g} s; cut out the part you need"
        )
