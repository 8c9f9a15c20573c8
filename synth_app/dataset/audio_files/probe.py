"""Compares an audio file with what its header promises, and corrects a header that promises too much or nothing."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from synth_app.dataset.audio_files import iff, riff, simple, voc
from synth_app.dataset.audio_files.layout import Layout
from synth_app.dataset.audio_files.mpeg import MpegFrames, mpeg_frames
from synth_app.dataset.audio_files.ogg import ogg_pages
from synth_app.dataset.audio_files.patched_file import PatchedFile
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

_LAYOUTS: tuple[tuple[bytes, Callable[[BinaryIO, bytes], Layout | None]], ...] = (
    (b"RIFF", riff.riff_layout),
    (b"RIFX", riff.riff_layout),
    (b"RF64", riff.riff_layout),
    (b"BW64", riff.riff_layout),
    (b"riff\x2e\x91\xcf\x11", riff.w64_layout),
    (b"FORM", iff.iff_layout),
    (b"caff", iff.caf_layout),
    (b".snd", simple.au_layout),
    (b"dns.", simple.au_layout),
    (b"NIST_1A", simple.nist_layout),
    (b"Creative Voi", voc.voc_layout),
    (b"2BIT", simple.avr_layout),
    (b"\x01\x04", simple.mpc2k_layout),
    (b"ALawSoundFil", simple.wve_layout),
    (b"Extended Ins", simple.xi_layout),
    (b"\xf0\x7e", simple.sds_layout),
    (b"MATLAB 5.0", simple.mat5_layout),
    (b"\x00\x00\x00\x00\x01\x00\x00\x00", simple.mat4_layout),
    (b"\x00\x00\x03\xe8\x00\x00\x00\x01", simple.mat4_layout),
)
_MP3_SUFFIXES = frozenset({".mp3", ".mp2", ".mpga"})
_OWN_FRAMES = 2  # frames by which the number in an MP3 file may differ: some writers count the stating frame


def checked_stream(source: Path, stream: BinaryIO) -> PatchedFile:
    """Return a view of a file to decode, with its header corrected where needed.

    Args:
        source: for messages, and for its suffix.
        stream: the opened file.

    Raises:
        UserError: the file is empty, or lacks much of what its header promises.
    """
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise UserError(f"{shown(source)} is empty (0 bytes); copy or export it again")
    stream.seek(0)
    return _view(source, stream, stream.read(12), size)


def _view(source: Path, stream: BinaryIO, header: bytes, size: int) -> PatchedFile:
    """Return what to decode, by the first 12 bytes of the file; arguments and errors as ``checked_stream``."""
    if header[:4] == b"OggS":
        _check_ogg(source, stream, size)
        return PatchedFile(stream)
    for magic, layout_of in _LAYOUTS:
        if header.startswith(magic) and len(header) == 12:
            layout = layout_of(stream, header)
            return PatchedFile(stream) if layout is None else _corrected(source, stream, magic, layout, size)
    if header[:3] == b"ID3" or source.suffix.lower() in _MP3_SUFFIXES or (header[0] == 0xFF and header[1:] >= b"\xe0"):
        frames = mpeg_frames(stream)
        return PatchedFile(stream) if frames is None else _mpeg_stream(source, stream, frames)
    return PatchedFile(stream)


def _corrected(source: Path, stream: BinaryIO, magic: bytes, layout: Layout, size: int) -> PatchedFile:
    if layout.missing(size):
        promised = layout.start + (layout.promised or 0)
        raise UserError(
            f"{shown(source)} is truncated: the header says {promised} bytes, the file has {size}; "
            "copy or export it again"
        )
    corrections = layout.corrections(size)
    if magic == b"Creative Voi" and (joined := voc.joined_voc(stream)) is not None:
        return PatchedFile(io.BytesIO(joined))
    if magic == b"BW64":
        corrections[0] = b"RF64"  # the same layout under the name that libsndfile knows
    return PatchedFile(stream, corrections, suffix=layout.end_mark)


def _check_ogg(source: Path, stream: BinaryIO, size: int) -> None:
    pages = ogg_pages(stream)
    if pages.end > size:
        raise UserError(
            f"{shown(source)} is truncated: its last page ends at byte {pages.end}, the file has {size}; "
            "copy or export it again"
        )
    if pages.joined:
        raise UserError(
            f"{shown(source)} joins several Ogg streams, of which only the first can be read; split or convert it"
        )


def _mpeg_stream(source: Path, stream: BinaryIO, frames: MpegFrames) -> PatchedFile:
    """Return the file, behind a frame with the true number of frames where the file states none or a smaller one."""
    if frames.stated is not None and frames.count < frames.stated - _OWN_FRAMES:
        raise UserError(
            f"{shown(source)} is truncated: the header says {frames.stated} frames, the file has {frames.count}; "
            "copy or export it again"
        )
    if frames.stated is not None and frames.count <= frames.stated + _OWN_FRAMES:
        return PatchedFile(stream)
    if not frames.layer_3:  # of constant bit rate, so the decoder knows the length
        return PatchedFile(stream, skip=frames.start)
    return PatchedFile(stream, skip=frames.start, prefix=frames.tag_frame())
