"""MP3 and Ogg files: without a length, with tags, damaged and joined."""

import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from synth_app.dataset.audio_io import read_audio_file
from synth_app.support.errors import UserError
from tests.dataset.audio_files.encoded_files import NOISE, RATE, encoded, read, written


def mp3(wave: NDArray[np.float64], mode: str = "VARIABLE") -> bytes:
    stream = io.BytesIO()
    with soundfile.SoundFile(
        stream, "w", RATE, 1, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode=mode, compression_level=0.5
    ) as file:
        file.write(wave)
    return stream.getvalue()


def without_first_frame(data: bytes) -> bytes:
    """Leave out the frame with the Xing or Info tag."""
    return data[data.index(data[:2], 4) :]


QUIET, LOUD = 1e-5 * NOISE[: 3 * RATE], 3 * NOISE[: 3 * RATE]


@pytest.mark.parametrize("parts", [(QUIET, LOUD), (LOUD, QUIET), (LOUD, LOUD)], ids=["rising", "falling", "even"])
@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT", "AVERAGE"])
def test_mp3_without_a_length_frame(tmp_path: Path, parts: tuple[NDArray[np.float64], ...], mode: str) -> None:
    """Its length by the bit rate of the first frame would be far off."""
    data = without_first_frame(mp3(np.concatenate(parts), mode))
    assert b"Xing" not in data
    assert b"Info" not in data
    samples = read(tmp_path, data, "a.mp3")
    assert 6.0 * RATE <= len(samples) <= 6.2 * RATE
    for at, part in ((0.5, parts[0]), (3.5, parts[1])):
        level = samples[round(at * RATE) : round((at + 2) * RATE)].std() / part.std()
        assert level == pytest.approx(1.0, rel=0.1) or part is QUIET


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"ID3\x04\0\0\0\0\x01\0" + bytes(128) + data,
        lambda data: data + b"TAG" + bytes(125),
        lambda data: bytes(3_000) + without_first_frame(data),
        lambda data: data + b"APETAGEX" + bytes(200),
    ],
    ids=["ID3v2", "ID3v1", "leading zeros", "APE tag"],
)
def test_tags_around_an_mp3_are_no_sound(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert 6.0 * RATE <= len(read(tmp_path, change(mp3(np.concatenate([LOUD, QUIET]))), "a.mp3")) <= 6.2 * RATE


def test_a_damaged_mp3_writes_nothing_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(without_first_frame(mp3(LOUD)))
    for at in range(2_000, len(data) - 2_000, 3_000):
        data[at : at + 1_200] = bytes(1_200)
    with contextlib.suppress(UserError):
        read(tmp_path, bytes(data), "a.mp3")
    os.write(2, b"later messages are seen\n")
    assert capfd.readouterr().err == "later messages are seen\n"


def layer_2(frames: int) -> bytes:
    """Return frames of silence at 384 kbit/s, 44.1 kHz: the header and no bit allocation."""
    return (b"\xff\xfd\xe0\xc0" + bytes(1_249)) * frames


@pytest.mark.parametrize("junk", [b"", bytes(500), b"ID3\x04\0\0\0\0\x01\0" + bytes(128)])
def test_mp2_is_read_whole(tmp_path: Path, junk: bytes) -> None:
    samples, rate = read_audio_file(written(tmp_path / "a.mp2", junk + layer_2(100)))
    assert rate == 44_100
    assert len(samples) == pytest.approx(100 * 1_152, abs=2 * 1_152)


def test_joined_mp3_files_are_read_whole(tmp_path: Path) -> None:
    data = mp3(LOUD)
    assert len(read(tmp_path, data + data, "a.mp3")) > 6 * RATE


def test_joined_ogg_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="joins several Ogg streams"):
        read(tmp_path, encoded("OGG", "VORBIS") * 2, "a.ogg")
