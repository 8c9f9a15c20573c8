"""The audio of a sound's recordings: the kept copies, and what the settings make of them."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.session.sounds.user_sound import MAX_SOURCE_SECONDS, Recording, Region
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, read_bytes, shown

MAX_FILE_BYTES = 2**27  # of a recording: two minutes of stereo at 96 kHz have 92 MB as 32-bit numbers
LEAST_SECONDS = 0.05
Samples = NDArray[np.float32]


def read_source(path: Path) -> bytes:
    """Return the bytes of an audio file.

    Raises:
        UserError: it is missing, cannot be read, or larger than ``MAX_FILE_BYTES``.
    """
    with loading(path, "an audio file", "choose another file"):
        return read_bytes(path, MAX_FILE_BYTES)


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes as hex."""
    return hashlib.sha256(data).hexdigest()


def read_kept_copy(folder: Path, recording: Recording) -> bytes:
    """Return the bytes of a recording's kept copy. Raises UserError if it is missing or was changed."""
    path = folder / recording.file_name
    data = read_source(path)
    if digest(data) != recording.sha256:
        raise UserError(f"{shown(path)} (from {recording.source}) was changed; add {recording.source} again")
    return data


def read_recording(folder: Path, recording: Recording) -> tuple[Samples, int]:
    """Read the kept copy of a recording, and apply trim, gain and fades.

    Returns:
        Samples [n], float32, mono, and their rate in Hz.

    Raises:
        UserError: the copy is missing, changed or damaged, or nothing is left after the trim.
    """
    from synth_app.dataset.audio_io import read_audio_file

    read_kept_copy(folder, recording)
    samples, rate = read_audio_file(folder / recording.file_name, max_seconds=MAX_SOURCE_SECONDS + 1.0)
    return edited(samples, rate, recording), rate


def edited(samples: Samples, rate: int, recording: Recording) -> Samples:
    """Return the used part of a recording at its level and with its fades, float32 [n].

    Raises:
        UserError: less than 50 ms of it are left.
    """
    start, stop = _cut(recording.trim, rate, len(samples))
    if stop - start < LEAST_SECONDS * rate:
        raise UserError(f"{recording.source}: less than {LEAST_SECONDS:g} s are left after the trim; keep more of it")
    part = samples[start:stop] * np.float32(10.0 ** (recording.gain_db / 20.0))
    for fade_s, place in ((recording.fade_in_s, slice(None)), (recording.fade_out_s, slice(None, None, -1))):
        count = min(round(fade_s * rate), len(part))
        part[place][:count] *= np.linspace(0.0, 1.0, count, endpoint=False, dtype=np.float32)
    return part


def loop_in_part(recording: Recording) -> Region | None:
    """Return the user's loop in seconds from the start of the used part; None without one, or if it is cut off."""
    if recording.loop is None:
        return None
    start_s = recording.trim.start_s if recording.trim else 0.0
    end_s = recording.trim.end_s if recording.trim else recording.seconds
    first, last = max(recording.loop.start_s, start_s) - start_s, min(recording.loop.end_s, end_s) - start_s
    return Region(start_s=first, end_s=last) if first < last else None


def _cut(trim: Region | None, rate: int, length: int) -> tuple[int, int]:
    if trim is None:
        return 0, length
    return min(round(trim.start_s * rate), length), min(round(trim.end_s * rate), length)
