"""Renders a request: the engine plays one note, and the samples are written to a file."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.audio_files.text_chunk import add_text
from synth_app.export.patch_text import patch_text
from synth_app.export.request import FileSettings, RenderRequest
from synth_app.export.tail import render_tail, trim_silence
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Patch
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.files import atomic_path, check_target

if TYPE_CHECKING:
    from synth_app.engine.engine import Engine

logger = logging.getLogger(__name__)

_BLOCK = 4800  # samples between two reports of progress, a tenth of a second


def render_audio(request: RenderRequest, progress: Callable[[float], None] | None = None) -> NDArray[np.float32]:
    """Render the note as the live engine plays it.

    Args:
        request: what to play.
        progress: called with the fraction done, 0-1.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``. With ``ring_out`` it is longer than the requested length until the
        effects are silent.

    Raises:
        UserError: the model cannot be loaded.
    """
    with rendering_engine(request.patch) as engine:
        return _play(engine, request, progress)


@contextmanager
def rendering_engine(patch: Patch) -> Iterator["Engine"]:
    """Provide an engine with a patch and its model, and one BLAS thread. Raises UserError if the model cannot load."""
    from synth_app.engine.engine import Engine, prepare_instrument  # compiled kernels: import only to render

    with BlasThreadLimit():
        engine = Engine()
        engine.install(prepare_instrument(patch.model, quality_name=patch.quality), _with_style(patch))
        yield engine


def _with_style(patch: Patch) -> Patch:
    """Return the patch with what its style adds to its notes, as the window solves it while one plays."""
    if patch.style_texture is None or None not in patch.style_changes:
        return patch
    from synth_app.decoder import load_model
    from synth_app.style import with_style_changes

    return with_style_changes(patch, load_model(patch.model))


def _play(engine: "Engine", request: RenderRequest, progress: Callable[[float], None] | None) -> NDArray[np.float32]:
    """Play a note with an engine that has the model; arguments as ``render_audio``."""
    held = round(request.seconds * ENGINE_RATE)
    out = np.zeros((held + round(request.tail_seconds * ENGINE_RATE), 2), np.float32)
    engine.post(NoteOn(request.note, request.velocity))
    bounds = sorted({*range(0, len(out), _BLOCK), held, len(out)})
    for start, stop in pairwise(bounds):
        if start == held:
            engine.post(NoteOff(request.note))
        engine.render(out[start:stop])
        if progress:
            progress(stop / len(out))
    if not request.ring_out or not engine.ringing:
        return out
    return trim_silence(np.concatenate([out, *render_tail(engine, _BLOCK)]), len(out))


def write_audio(settings: FileSettings, blocks: Iterable[NDArray[np.float32]], text: str = "") -> float:
    """Convert rate and channels, and write the file in its format, atomically and block by block.

    Mono is the mean of both channels. Stereo at ``ENGINE_RATE`` reaches the format's writer unchanged.

    Args:
        settings: path, rate, bits, channels and format.
        blocks: float32 [samples, 2] each at ``ENGINE_RATE``; at least one.
        text: kept in the file, if its format and its size allow that: how it was made.

    Returns:
        the file's length in seconds.

    Raises:
        UserError: the file cannot be written.
    """
    samples = 0

    def counted() -> Iterator[NDArray[np.float32]]:
        nonlocal samples
        for block in blocks:
            samples += len(block)
            yield block if settings.channels == 2 else block.mean(axis=1, keepdims=True)

    with atomic_path(settings.path) as temporary:
        settings.format.write(
            temporary, _resampled(counted(), settings.rate, settings.channels), settings.rate, settings.bits
        )
        if text and not add_text(temporary, text):
            logger.warning("%s holds no patch: its format or its size does not allow one", settings.path)
    return samples / ENGINE_RATE


def _resampled(blocks: Iterator[NDArray[np.float32]], rate: int, channels: int) -> Iterator[NDArray[np.float32]]:
    """Convert blocks from ``ENGINE_RATE`` to ``rate`` (soxr VHQ), within full scale."""
    if rate == ENGINE_RATE:
        yield from blocks
        return
    import soxr

    stream = soxr.ResampleStream(ENGINE_RATE, rate, channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield np.clip(stream.resample_chunk(block), -1.0, 1.0)
    yield np.clip(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True), -1.0, 1.0)


def render_file(request: RenderRequest, progress: Callable[[float], None] | None = None) -> float:
    """Render and write a request.

    Returns:
        the file's length in seconds.

    Raises:
        UserError: as ``render_audio`` and ``write_audio``.
    """
    check_target(request.path)
    return write_audio(request, (render_audio(request, progress),), patch_text(request))
