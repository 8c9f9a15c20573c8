"""Resynthesis of audio through a model's encoder and decoder, with any phase method."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.phase import METHODS, resynthesize, stft
from synth_app.spectrum import window
from synth_app.support.errors import UserError

_OVERLAP = 8  # as in live; decoders work frame by frame, so any hop length is possible
MIN_SECONDS = 0.05


def resynthesize_audio(
    model: Model, audio: NDArray[np.float32], rate: int, phase: str, pitch: float | None = None
) -> NDArray[np.float32]:
    """Encode and decode audio, and reconstruct it from the decoded magnitudes.

    Args:
        model: the model.
        audio: float32 [n], mono, at ``rate``.
        rate: in Hz; it must be the model's.
        phase: "original" takes the phases of ``audio``, else a key of ``phase.METHODS`` such as "live".
        pitch: MIDI pitch of the sound, for pitch-conditioned models.

    Returns:
        float32 [n] at the model's rate.

    Raises:
        UserError: unknown phase method, another rate, or too short a sound.
    """
    if phase not in (*METHODS, "original"):
        raise UserError(f"no phase method {phase!r}; choose one of {', '.join((*METHODS, 'original'))}")
    if rate != model.spec.sample_rate:
        raise UserError(f"audio at {rate} Hz, model at {model.spec.sample_rate} Hz; convert it first")
    if len(audio) < MIN_SECONDS * rate:
        raise UserError(f"{len(audio)} samples are too short to resynthesise; give at least {MIN_SECONDS:g} s")
    grid = replace(model.spec, hop_length=model.spec.n_fft // _OVERLAP)
    spectra = stft(audio, grid)
    scale = np.float32(window(grid.window, grid.n_fft).sum() / 2.0)  # |X| of a full-scale sine
    frames_db = 20.0 * np.log10(np.maximum(np.abs(spectra) / scale, 1e-10))
    z, gain_db = model.encode(frames_db.astype(np.float32), pitch)
    magnitudes = (10.0 ** (model.decode(z, gain_db, pitch) / 20.0) * scale).astype(np.float32)
    turns = np.angle(spectra).astype(np.float64) / (2.0 * np.pi) if phase == "original" else None
    return resynthesize(magnitudes, grid, phase, phase_turns=turns)[: len(audio)]
