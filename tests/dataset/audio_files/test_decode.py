"""Audio files in every container and codec that libsndfile writes: whole, cut, with wrong sizes, and hostile ones."""

import contextlib
import io
import os
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from synth_app.dataset.audio_files import decode as decode_module
from synth_app.dataset.audio_io import decode_audio_file, read_audio_file
from synth_app.support.errors import UserError

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
    (tmp_path / name).write_bytes(data)
    return read_audio_file(tmp_path / name)[0]


# ---- codecs

CODECS = [
    (kind, subtype)
    for kind in soundfile.available_formats()
    for subtype in soundfile.available_subtypes(kind)
    # no sound in memory: RAW has no header, SD2 is two files; the others are not written by libsndfile 1.2
    if kind not in ("RAW", "SD2") and subtype not in ("DWVW_12", "MPEG_LAYER_I", "MPEG_LAYER_II", "DWVW_N")
    and (kind, subtype) != ("WAV", "MPEG_LAYER_III")
]  # fmt: skip
ROUGH = ("ADPCM", "G72", "GSM", "OPUS", "LAW", "MPEG", "VORBIS")  # codecs with loss


@pytest.mark.parametrize(("kind", "subtype"), CODECS)
def test_every_codec_is_read_whole(tmp_path: Path, kind: str, subtype: str) -> None:
    if kind == "SDS" and subtype != "PCM_16":
        pytest.skip("libsndfile writes other depths of SDS wrongly")
    rate = 8_000 if kind == "WVE" or "GSM" in subtype or "NMS" in subtype else RATE
    path = tmp_path / "tone"
    with path.open("w+b") as stream:
        soundfile.write(stream, TONE[:rate], rate, format=kind, subtype=subtype)
    samples, found = decode_audio_file(path)
    assert found == (44_100 if kind == "XI" else 16_129 if (kind, subtype) == ("VOC", "PCM_U8") else rate)
    assert -1 <= len(samples) - rate <= 320
    if subtype != "OPUS":  # it delays
        limit = 0.25 if any(name in subtype for name in ROUGH) else 0.02
        np.testing.assert_allclose(samples[200 : rate - 200, 0], TONE[200 : rate - 200], atol=limit)


@pytest.mark.parametrize("name", ["memo.gsm", "MEMO.GSM", "speech.vox"])
def test_telephone_speech_without_a_header_is_known_by_its_suffix(tmp_path: Path, name: str) -> None:
    subtype = "GSM610" if name.lower().endswith("gsm") else "VOX_ADPCM"
    with (tmp_path / name).open("w+b") as stream:
        soundfile.write(stream, TONE[:8_000], 8_000, format="RAW", subtype=subtype)
    samples, rate = read_audio_file(tmp_path / name)
    assert rate == 8_000
    assert 8_000 <= len(samples) <= 8_200
    np.testing.assert_allclose(samples[500:7_500], TONE[500:7_500], atol=0.2)


def test_raw_samples_are_refused_with_a_remedy_but_known_content_is_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.raw has no header.*sox -r"):
        read(tmp_path, TONE.astype("<f4").tobytes(), "a.raw")
    assert len(read(tmp_path, encoded("WAV"), "b.raw")) == RATE
    with pytest.raises(UserError, match="not a readable audio file"):
        read(tmp_path, b"a text, not u-law samples" * 100, "a.au")


# ---- cut files

PROMISES = [
    ("WAV", "PCM_16", None), ("WAV", "PCM_16", "BIG"), ("WAV", "GSM610", None), ("WAV", "MS_ADPCM", None),
    ("WAVEX", "FLOAT", None), ("RF64", "PCM_24", None), ("W64", "PCM_16", None), ("AIFF", "PCM_16", None),
    ("AIFF", "FLOAT", None), ("AIFF", "GSM610", None), ("SVX", "PCM_S8", None), ("AU", "PCM_16", None),
    ("AU", "PCM_16", "LITTLE"), ("AU", "G721_32", None), ("NIST", "PCM_16", None), ("NIST", "ULAW", None),
    ("VOC", "PCM_16", None), ("VOC", "PCM_U8", None), ("VOC", "ULAW", None), ("AVR", "PCM_16", None),
    ("MPC2K", "PCM_16", None), ("SDS", "PCM_16", None), ("MAT4", "DOUBLE", None), ("MAT4", "PCM_16", "BIG"),
    ("MAT5", "FLOAT", None), ("WVE", "ALAW", None), ("OGG", "VORBIS", None), ("MP3", "MPEG_LAYER_III", None),
    ("FLAC", "PCM_16", None), ("CAF", "PCM_16", None), ("CAF", "ALAC_16", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "subtype", "endian"), PROMISES)
@pytest.mark.parametrize("part", [0.35, 0.5, 0.9])
def test_a_cut_file_is_refused(tmp_path: Path, kind: str, subtype: str, endian: str | None, part: float) -> None:
    stream = io.BytesIO()
    rate = 8_000 if kind == "WVE" or subtype == "GSM610" else RATE
    soundfile.write(stream, NOISE, rate, format=kind, subtype=subtype, endian=endian)
    data = stream.getvalue()
    with pytest.raises(UserError, match="truncated"):
        read(tmp_path, data[: round(len(data) * part)], "cut")


def test_a_cut_xi_instrument_is_refused(tmp_path: Path) -> None:
    """The size of its sample, which libsndfile leaves out, stands in the sample's header."""
    data = encoded("XI", "DPCM_16", NOISE)
    whole = put(data, 298, "<I", len(data) - 338)
    assert len(read(tmp_path, whole)) == len(NOISE)
    with pytest.raises(UserError, match="truncated"):
        read(tmp_path, whole[: len(whole) // 2])


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


# ---- MP3 and Ogg


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
    samples, rate = read_audio_file(_written(tmp_path / "a.mp2", junk + layer_2(100)))
    assert rate == 44_100
    assert len(samples) == pytest.approx(100 * 1_152, abs=2 * 1_152)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_joined_mp3_files_are_read_whole(tmp_path: Path) -> None:
    data = mp3(LOUD)
    assert len(read(tmp_path, data + data, "a.mp3")) > 6 * RATE


def test_joined_ogg_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="joins several Ogg streams"):
        read(tmp_path, encoded("OGG", "VORBIS") * 2, "a.ogg")


# ---- names, kinds of files, limits


def test_names_that_are_not_utf8_are_read_and_shown(tmp_path: Path) -> None:
    good = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    good.write_bytes(encoded("WAV"))
    assert len(read_audio_file(good)[0]) == RATE
    good.write_bytes(b"RIFF")
    with pytest.raises(UserError, match=r"caf\?\.wav is not a readable audio file"):
        read_audio_file(good)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(UserError, match="no regular file"):
        read_audio_file(tmp_path / "pipe.wav")


def test_channels_times_frames_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of silence in eight channels would take gigabytes."""
    path = tmp_path / "silence.flac"
    with soundfile.SoundFile(path, "w", 192_000, 8, format="FLAC", subtype="PCM_16") as file:
        for _ in range(10):
            file.write(np.zeros((192_000, 8), np.int16))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        samples, _rate = read_audio_file(path)  # mixed block by block: 8 MB, not 61
        assert samples.shape == (10 * 192_000,)
        assert tracemalloc.get_traced_memory()[1] < 25e6
    finally:
        tracemalloc.stop()
    monkeypatch.setattr(decode_module, "MAX_VALUES", 12_000_000)
    with pytest.raises(UserError, match="8 channels of 10 s at 192000 Hz, which is 15 million samples"):
        read_audio_file(path)
    data = bytearray(path.read_bytes())  # also where the header does not tell the length
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    with pytest.raises(UserError, match="the limit is 12 million"):
        read(tmp_path, bytes(data), "open.flac")


def test_a_length_that_only_decoding_tells_is_limited(tmp_path: Path) -> None:
    data = bytearray(encoded("FLAC", wave=NOISE))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(bytes(data))
    with pytest.raises(UserError, match="the limit is 5 s"):
        read_audio_file(tmp_path / "a.flac", max_seconds=5)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 3_000_000,
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100),
        (b"ID3\x04\0\0\0\0\0\0") * 200_000,
        b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 300_000,
        b"FORM\xff\xff\xff\xffAIFF" + b"junk\0\0\0\0" * 300_000,
        b"OggS" + bytes(23) + b"OggS\0\0" * 500_000,
        (b"OggS" + bytes(23)) * 100_000,
        b"Creative Voice File\x1a\x1a\0\x0a\x01\x29\x11" + b"\x05\0\0\0" * 500_000,
        b"MATLAB 5.0 MAT-file" + b" " * 107 + b"IM" + bytes(3_000_000),
        b"caff\0\1\0\0" + (b"free" + bytes(8)) * 200_000,
        b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00" + bytes(3_000_000),
        b"NIST_1A\n   1024\nsample_count -i 99999999999\nsample_n_bytes -i 99\n",
    ],
    ids=["ff", "long ID3", "many ID3", "RIFF", "IFF", "Ogg", "Ogg pages", "VOC", "MAT5", "CAF", "W64", "NIST"],
)
def test_hostile_headers_are_refused_in_time(tmp_path: Path, data: bytes) -> None:
    before = os.times()
    with pytest.raises(UserError):
        read(tmp_path, data, "a.mp3" if data[:3] in (b"ID3", b"\xff\xff\xff") else "a.wav")
    after = os.times()
    assert after.user - before.user < 2.0


def test_no_damage_anywhere_ends_in_another_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    kinds = (
        "WAV",
        "AIFF",
        "AU",
        "CAF",
        "W64",
        "RF64",
        "VOC",
        "NIST",
        "FLAC",
        "OGG",
        "MP3",
        "SVX",
        "MAT4",
        "MAT5",
        "XI",
    )
    files = [encoded(kind, wave=TONE[:3_000]) for kind in kinds]
    for number in range(900):
        data = bytearray(files[number % len(files)])
        for _ in range(rng.integers(1, 4)):
            at = rng.integers(min(len(data), 300) if rng.random() < 0.8 else len(data))
            data[at] = rng.choice([0, 0xFF, 0x7F, 0x80, int(rng.integers(256))])
        data = data[: rng.integers(1, len(data) + 1)] if rng.random() < 0.3 else data
        (tmp_path / "a").write_bytes(bytes(data))
        try:
            samples, _rate = read_audio_file(tmp_path / "a")
        except UserError:
            continue
        assert np.isfinite(samples).all()
