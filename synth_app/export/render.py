"""Renders a request: engine events in, a WAV file out."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth_app.export.ending import ring_out, without_end
from synth_app.export.request import BITS, FileFormat, RenderRequest
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn
from synth_app.support.files import atomic_path

_BLOCK = 4800  # a tenth of a second: how often progress is told


def render_audio(request: RenderRequest, progress: Callable[[float], None] | None = None) -> NDArray[np.float32]:
    """The note as the live engine plays it.

    Args:
        request: what to play.
        progress: told the share done, 0-1.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``: the length asked for and, with ``ring_out``, what effects ring on for.

    Raises:
        UserError: the model cannot be loaded.
    """
    from synth_app.engine.engine import Engine, prepare_instrument  # compiled kernels: only where sound is made

    engine = Engine()
    engine.install(prepare_instrument(request.patch.model, quality_name=request.patch.quality), request.patch)
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
    return without_end(np.concatenate([out, *ring_out(engine, _BLOCK)]), len(out))


def write_wav(request: FileFormat, audio: NDArray[np.float32]) -> None:
    """Convert rate, channels and sample format, and write atomically.

    At ``ENGINE_RATE``, stereo, 32-bit float the samples are written bit for bit. Mono is the mean of both
    channels. PCM is rounded, with triangular dither at 16 bits (seeded, so a file can be made again).

    Raises:
        UserError: the file cannot be written.
    """
    import soundfile
    import soxr

    samples = audio if request.channels == 2 else audio.mean(axis=1, keepdims=True)
    if request.rate != ENGINE_RATE:
        samples = np.clip(soxr.resample(samples, ENGINE_RATE, request.rate, quality="VHQ"), -1.0, 1.0)
    with atomic_path(request.path) as temporary:
        soundfile.write(
            temporary, quantize(samples, request.bits), request.rate, subtype=BITS[request.bits], format="WAV"
        )


def quantize(samples: NDArray[np.float32], bits: int) -> NDArray[np.generic]:
    """Samples as stored: float32 for 32 bits, else integers, 24-bit ones in the upper part of int32.

    Done here because the sound-file library truncates and scales by 2^15 - 1.
    """
    if bits == 32:
        return samples
    full_scale = 2.0 ** (bits - 1)
    steps = samples.astype(np.float64) * full_scale
    if bits == 16:
        rng = np.random.default_rng(0)
        steps += rng.random(steps.shape) - rng.random(steps.shape)
    whole = np.clip(np.rint(steps), -full_scale, full_scale - 1)
    return whole.astype(np.int16) if bits == 16 else whole.astype(np.int32) << 8


def render_file(request: RenderRequest, progress: Callable[[float], None] | None = None) -> float:
    """Render and write; the file's length in seconds. Errors as the two steps."""
    audio = render_audio(request, progress)
    write_wav(request, audio)
    return len(audio) / ENGINE_RATE
