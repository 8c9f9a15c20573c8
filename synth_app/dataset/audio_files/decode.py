"""Decoding of audio files block by block, in bounded memory; also of codecs that cannot seek."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from synth_app.dataset.audio_files.patched_file import PatchedFile
from synth_app.dataset.audio_files.probe import checked_stream
from synth_app.dataset.audio_files.quiet import quiet_stderr
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, open_regular, shown

FloatArray = npt.NDArray[np.float32]

MIN_RATE_HZ = 4_000
MAX_RATE_HZ = 384_000
MAX_PEAK = 100.0  # 40 dB over full scale: a float file with a higher peak is not scaled to +-1
MAX_VALUES = 120_000_000  # samples times channels: ten minutes in stereo at 96 kHz, 480 MB as float32
_BLOCK_VALUES = 1 << 18
_UNKNOWN_FRAMES = 1 << 40  # libsndfile's number of frames is beyond this where the header leaves it open
_NOT_RECOGNISED = 1  # libsndfile's error code
_HEADERLESS = {".gsm": "GSM610", ".vox": "VOX_ADPCM"}  # telephone speech at 8 kHz, by convention
_RAW_SUFFIXES = frozenset({".raw", ".pcm"})


class _SequentialSound(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A sound file that is read from its begin to its end, because some codecs (GSM, G.72x, VOX) cannot seek."""

    def seekable(self) -> bool:
        """Return False, so that no read seeks."""
        return False


def decode(source: Path, max_seconds: float, *, mono: bool) -> tuple[FloatArray, int]:
    """Decode a whole audio file; the channels can be mixed to their mean on the way.

    Args:
        source: the file.
        max_seconds: maximum duration.
        mono: whether to mix the channels.

    Returns:
        Samples [n, channels], or [n, 1] if mixed, float32, full scale ±1; and the rate in Hz.

    Raises:
        UserError: as ``audio_io.read_audio_file``.
    """
    if source.is_dir():
        raise UserError(f"{shown(source)} is a folder, not an audio file; name one file")
    with loading(source, "a readable audio file", "export it again as WAV or FLAC"), open_regular(source) as stream:
        view = checked_stream(source, stream)
        try:
            with quiet_stderr() if _is_mpeg(view) else nullcontext(), _open_sound(source, view) as sound:
                samples = _joined([*_blocks(source, sound, max_seconds, mono=mono)])
                _check_complete(source, sound, len(samples))
                rate = int(sound.samplerate)
        except soundfile.LibsndfileError as error:
            raise UserError(_unreadable(source, error)) from error
        if view.error is not None:
            raise view.error
    return samples, rate


def _is_mpeg(view: PatchedFile) -> bool:
    """Return whether a file is decoded by libmpg123, which comments every damage on standard error."""
    begin = view.read(3)
    view.seek(0)
    return begin == b"ID3" or begin[:1] == b"\xff"


def _open_sound(source: Path, view: PatchedFile) -> _SequentialSound:
    """Open a file by its content; one without a header by its suffix, where that tells the format."""
    try:
        return _SequentialSound(view, "r")
    except soundfile.LibsndfileError as error:
        subtype = _HEADERLESS.get(source.suffix.lower())
        if error.code != _NOT_RECOGNISED or subtype is None:
            raise
    view.seek(0)
    return _SequentialSound(view, "r", samplerate=8_000, channels=1, format="RAW", subtype=subtype)


def _blocks(source: Path, sound: _SequentialSound, max_seconds: float, *, mono: bool) -> Iterator[FloatArray]:
    """Yield the decoded blocks; raise UserError as soon as a limit is passed, or a value is not usable."""
    rate, channels, frames = int(sound.samplerate), int(sound.channels), int(sound.frames)
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise UserError(
            f"{shown(source)} has a sample rate of {rate} Hz, the limits are {MIN_RATE_HZ} and {MAX_RATE_HZ}; "
            "convert it to 48000 Hz"
        )
    if frames < _UNKNOWN_FRAMES:
        _check_extent(source, frames, rate, channels, max_seconds)
    wanted, done = max(_BLOCK_VALUES // channels, 1), 0
    while True:
        block: FloatArray = sound.read(wanted, dtype="float32", always_2d=True)
        done += len(block)
        _check_extent(source, done, rate, channels, max_seconds)
        _check_values(source, block)
        if len(block):
            yield block.mean(axis=1, dtype=np.float32, keepdims=True) if mono and channels > 1 else block
        if len(block) < wanted:
            return


def _check_extent(source: Path, frames: int, rate: int, channels: int, max_seconds: float) -> None:
    if frames > max_seconds * rate:
        raise UserError(
            f"{shown(source)} lasts {frames / rate:.0f} s, the limit is {max_seconds:g} s; cut out the part you need"
        )
    if frames * channels > MAX_VALUES:
        raise UserError(
            f"{shown(source)} has {channels} channels of {frames / rate:.0f} s at {rate} Hz, which is "
            f"{frames * channels / 1e6:.0f} million samples; the limit is {MAX_VALUES / 1e6:.0f} million: "
            "mix it to mono, or cut out the part you need"
        )


def _check_values(source: Path, block: FloatArray) -> None:
    if not np.isfinite(block).all():
        raise UserError(f"{shown(source)} has NaN or infinite samples; export it again from the program that wrote it")
    peak = float(np.abs(block).max(initial=0.0))
    if peak > MAX_PEAK:
        raise UserError(f"{shown(source)} peaks at {peak:.3g}, the limit is {MAX_PEAK:g}; normalise it to full scale 1")


def _joined(blocks: list[FloatArray]) -> FloatArray:
    """Join blocks [n, channels] and empty the list, so that both copies never exist as a whole."""
    channels = blocks[0].shape[1] if blocks else 1
    samples = np.empty((sum(map(len, blocks)), channels), np.float32)
    at = 0
    blocks.reverse()
    while blocks:
        block = blocks.pop()
        samples[at : at + len(block)] = block
        at += len(block)
    return samples


def _check_complete(source: Path, sound: _SequentialSound, decoded: int) -> None:
    """Compare what was decoded with what libsndfile promised by the header."""
    promised = int(sound.frames)
    if decoded == 0:
        raise UserError(f"{shown(source)} holds no samples; export it again")
    if "MPEG" in sound.subtype:  # their number is estimated by the bit rate; the probe compared the frames
        return
    if promised < _UNKNOWN_FRAMES and decoded < promised:
        raise UserError(
            f"{shown(source)} is truncated: {decoded} of {promised} samples are there; copy or export it again"
        )


def _unreadable(source: Path, error: soundfile.LibsndfileError) -> str:
    if error.code == _NOT_RECOGNISED and source.suffix.lower() in _RAW_SUFFIXES:
        return (
            f"{shown(source)} has no header, so its sample rate and number format are unknown; convert it to WAV, for "
            "example with `sox -r 48000 -e signed -b 16 -c 1 IN.raw OUT.wav`"
        )
    reason = error.error_string.rstrip(".")
    what = f"{shown(source)} is not a readable audio file, or is damaged or truncated ({reason})"
    return f"{what}; export it again as WAV or FLAC"
