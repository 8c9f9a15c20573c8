"""Audio files in memory, to cut and to change."""

import io
import struct
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from synth_app.dataset.audio_io import read_audio_file

RATE = 16_000
TONE = 0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)
NOISE = 0.1 * np.random.default_rng(0).standard_normal(10 * RATE)


def encoded(
    kind: str, subtype: str | None = None, wave: NDArray[np.float64] = TONE, endian: str | None = None
) -> bytes:
    """Return a file in memory."""
    stream = io.BytesIO()
    soundfile.write(stream, wave, RATE, format=kind, subtype=subtype, endian=endian)
    return stream.getvalue()


def put(data: bytes, offset: int, form: str, value: int) -> bytes:
    """Return the file with a number changed."""
    out = bytearray(data)
    struct.pack_into(form, out, offset, value)
    return bytes(out)


def read(tmp_path: Path, data: bytes, name: str = "a.wav") -> NDArray[np.float32]:
    """Return the samples of a file with this content."""
    (tmp_path / name).write_bytes(data)
    return read_audio_file(tmp_path / name)[0]


def written(path: Path, data: bytes) -> Path:
    """Return the path of a file with this content."""
    path.write_bytes(data)
    return path
