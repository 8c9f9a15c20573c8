"""Audio files in every container and codec that libsndfile writes: whole, cut, hostile and with odd names."""

import io
import os
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.audio_files import decode as decode_module
from synth_app.dataset.audio_io import decode_audio_file, read_audio_file
from synth_app.support.errors import UserError
from tests.dataset.audio_files.encoded_files import NOISE, RATE, TONE, encoded, put, read

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
