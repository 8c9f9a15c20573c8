"""Audio files whose sizes are inexact: from stream writers, off by a header, without pad bytes."""

import struct
from pathlib import Path

import numpy as np
import pytest

from synth_app.support.errors import UserError
from tests.dataset.audio_files.encoded_files import RATE, TONE, encoded, put, read

# ---- sizes that stream writers leave

OPEN_32 = (0, 0x7F000000, 0x7FFFF000, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFF - 36)


@pytest.mark.parametrize("size", OPEN_32)
@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
@pytest.mark.parametrize("bits", [8, 16, 24])
def test_wav_of_a_stream_writer(tmp_path: Path, size: int, endian: str, bits: int) -> None:
    order = "<" if endian == "LITTLE" else ">"
    data = encoded("WAV", f"PCM_{'U8' if bits == 8 else bits}", TONE[:-1], endian)
    data = put(data, data.index(b"data") + 4, f"{order}I", size)
    samples = read(tmp_path, put(data, 4, f"{order}I", min(size + 36, 0xFFFFFFFF)))
    assert len(samples) - RATE in (-1, 0)  # a pad byte of 8 bits counts as a sample
    np.testing.assert_allclose(samples[: RATE - 1], TONE[:-1], atol=0.01)


@pytest.mark.parametrize("size", [0, 8, 0x7F000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("frames", ["right", 0, 0x7F000000, 0xFFFFFFFF])
def test_aiff_of_a_stream_writer(tmp_path: Path, size: int, frames: str | int) -> None:
    data = encoded("AIFF", "PCM_16")
    data = put(put(data, data.index(b"SSND") + 4, ">I", size), 4, ">I", 0)
    if not isinstance(frames, str):
        data = put(data, data.index(b"COMM") + 10, ">I", frames)
    assert len(read(tmp_path, data)) == RATE


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
def test_au_of_a_stream_writer(tmp_path: Path, size: int, endian: str) -> None:
    data = put(encoded("AU", "PCM_16", endian=endian), 8, "<I" if endian == "LITTLE" else ">I", size)
    assert len(read(tmp_path, data)) == RATE


@pytest.mark.parametrize("size", [-1, 0, 1 << 62])
def test_caf_of_a_stream_writer(tmp_path: Path, size: int) -> None:
    data = encoded("CAF", "PCM_16")
    assert len(read(tmp_path, put(data, data.index(b"data") + 4, ">q", size))) == RATE


@pytest.mark.parametrize("size", [0, 24, (1 << 63) - 1, (1 << 64) - 1])
def test_w64_of_a_stream_writer(tmp_path: Path, size: int) -> None:
    data = encoded("W64", "PCM_16")
    assert len(read(tmp_path, put(put(data, data.index(b"data\xf3") + 16, "<Q", size), 16, "<Q", size))) == RATE


@pytest.mark.parametrize("size", [0, (1 << 64) - 1])
def test_rf64_of_a_stream_writer(tmp_path: Path, size: int) -> None:
    data = encoded("RF64", "PCM_16")
    at = data.index(b"ds64") + 8
    assert len(read(tmp_path, put(put(data, at, "<Q", size), at + 8, "<Q", size))) == RATE


def test_bw64_is_rf64_under_another_name(tmp_path: Path) -> None:
    data = b"BW64" + encoded("RF64", "PCM_16")[4:]
    assert len(read(tmp_path, data)) == RATE
    with pytest.raises(UserError, match="truncated"):
        read(tmp_path, data[: len(data) // 2])


def test_flac_of_unknown_length(tmp_path: Path) -> None:
    data = bytearray(encoded("FLAC"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    np.testing.assert_allclose(read(tmp_path, bytes(data)), TONE, atol=1e-4)
    with pytest.raises(UserError, match="truncated"):
        read(tmp_path, bytes(data[: len(data) // 2]))


# ---- sizes that are off by a header, and missing pad bytes


@pytest.mark.parametrize("extra", [8, 12, 36, 44])
def test_a_size_that_counts_the_header_is_whole(tmp_path: Path, extra: int) -> None:
    data = encoded("WAV")
    assert len(read(tmp_path, put(data, data.index(b"data") + 4, "<I", 2 * RATE + extra))) == RATE


@pytest.mark.parametrize("difference", [-8, -4, 4, 8, 12, -20_000, 1_000_000])
def test_a_wrong_form_size_loses_nothing(tmp_path: Path, difference: int) -> None:
    data = encoded("AIFF")
    assert len(read(tmp_path, put(data, 4, ">I", len(data) - 8 + difference))) == RATE


@pytest.mark.parametrize(("kind", "subtype"), [("AIFF", "PCM_S8"), ("SVX", "PCM_S8"), ("WAV", "PCM_U8")])
def test_a_missing_pad_byte_is_no_loss(tmp_path: Path, kind: str, subtype: str) -> None:
    data = encoded(kind, subtype, TONE[:-1])
    assert len(read(tmp_path, data[:-1] if len(data) % 2 == 0 else data)) == RATE - 1


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_U8"])
def test_voc_without_its_last_byte(tmp_path: Path, subtype: str) -> None:
    assert len(read(tmp_path, encoded("VOC", subtype)[:-1])) == RATE


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_U8"])
@pytest.mark.parametrize("repeated", [False, True])
def test_voc_in_many_blocks_has_no_clicks(tmp_path: Path, subtype: str, repeated: bool) -> None:
    """Continued blocks, or blocks that repeat their header, with a marker and a text between them."""
    data = encoded("VOC", subtype)
    kind, form = data[26], data[30 : 30 + (12 if data[26] == 9 else 2)]
    samples = data[30 + len(form) : -1]

    def block(number: int, content: bytes) -> bytes:
        return bytes((number,)) + len(content).to_bytes(3, "little") + content

    parts = [samples[at : at + 2_048] for at in range(0, len(samples), 2_048)]
    chain = [block(kind, form + part) if repeated or not i else block(2, part) for i, part in enumerate(parts)]
    chain.insert(3, block(4, b"\1\0") + block(5, b"text\0"))
    found = read(tmp_path, data[:26] + b"".join(chain) + b"\0")
    np.testing.assert_array_equal(found, read(tmp_path, data))
    with pytest.raises(UserError, match="truncated"):
        read(tmp_path, data[:26] + b"".join(chain)[:-1_000])


def test_chunks_behind_the_samples_are_no_samples(tmp_path: Path) -> None:
    note = b"LIST" + struct.pack("<I", 12) + b"INFOISFT" + bytes(4)
    assert len(read(tmp_path, encoded("WAV") + note)) == RATE
    with pytest.raises(UserError, match="no samples"):
        read(tmp_path, encoded("WAV", wave=TONE[:0]) + note)
