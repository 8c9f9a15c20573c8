"""Rendering of voice frames to samples: decoding, phases, summation and the inverse transform."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import FILTER_POLES, FILTER_TYPE, LOCK, WIDTH
from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.spectral.detail import DetailTables, new_detail
from synth_app.engine.spectral.frame_layout import FrameLayout
from synth_app.engine.spectral.frame_synthesis import (
    FrameContext,
    FrameShaping,
    VoiceFrames,
    add_frames,
    add_studio_frames,
    new_frames,
    new_scratch,
    prime_voices,
)
from synth_app.engine.spectral.inverse_fft import InverseFft
from synth_app.modelfile import ModelFile
from synth_app.patch.quality import Quality
from synth_app.phase import new_state, new_studio, phase_tables, reset, reset_studio
from synth_app.support.fast_dispatch import FastDispatch

Float32s = NDArray[np.float32]
Params = NDArray[np.float64]


class FrameRenderer:
    """The phase state of an instrument's voices, and the spectra that their frames are added to.

    Args:
        file: the model.
        layout, quality: sizes of the frames and phase method.
        decoder: of the instrument.
        max_voices: voices with a phase state. rows: frames decoded at once.
        seed: of phases and noise.

    Attributes:
        frames: rows that ``voice_frames.gather`` fills.
        center: int64 [rows], sample of each frame's centre.
        detail: corrections of the recordings in the slots, and the voices' level differences.
    """

    def __init__(
        self, file: ModelFile, layout: FrameLayout, quality: Quality, decoder: DecoderRuntime, max_voices: int,
        rows: int, seed: int,
    ) -> None:  # fmt: skip
        spec = file.card.frame_spec
        self._decoder, self._model_hop, self._floor_db = decoder, layout.model_hop, spec.floor_db
        self._iterations, self._seed = quality.iterations, seed
        self._bin_hz = layout.bin_hz
        tables = [phase_tables(spec.window, spec.n_fft, hops * spec.n_fft // quality.overlap) for hops in (1, 2)]
        self._tables = [each.kernel for each in tables]  # for frames one and two hops apart
        self._state = new_state(max_voices, spec.bins)
        self._studio = new_studio(max_voices, tables[0]) if quality.iterations else None
        self.frames: VoiceFrames = new_frames(rows, file.card.latent_size)
        self.center = np.zeros(rows, np.int64)
        self.detail = new_detail(max_voices, spec.bins)
        self._scratch = new_scratch(spec.bins, spec.window, layout.bin_hz)
        self._left, self._right = np.zeros((2, spec.bins), np.float32), np.zeros((2, spec.bins), np.float32)
        self._add, self._waves = FastDispatch(add_frames), InverseFft(layout, spec.bins)

    def parts(self) -> list[object]:
        """Return the largest arrays."""
        noise = [each.noise for each in self._tables]
        return [*noise, *self._state, *self.detail.state, *(self._studio or ())]

    def use(self, corrections: DetailTables) -> None:
        """Use other corrections from the next frame on."""
        self.detail = self.detail._replace(tables=corrections)

    def touch(self) -> None:
        """Write to the phase state, so that its memory is mapped before sound is made."""
        for v in range(len(self._state.magnitude)):
            self._state.magnitude[v] = self._state.phase[v] = 0
            self.detail.state.now[v] = self.detail.state.before[v] = 0

    def begin_voice(self, v: int, serial: int) -> None:
        """Clear the past frames of a voice; ``serial`` varies its random phases."""
        self._decoder.reset_voice(v)
        reset(self._state, v, self._tables[0], self._seed * 1_000_003 + serial)
        if self._studio:
            reset_studio(self._studio, v)

    def decode(self, n: int, start: NDArray[np.int64]) -> Float32s:
        """Return unit frames of the first ``n`` rows, in a buffer that the next call overwrites.

        Args:
            n: number of rows.
            start: int64 [voices], sample of each voice's onset.
        """
        row = self.frames.row[:n]
        elapsed = np.maximum(self.center[:n] - start[row], 0) / self._model_hop
        return self._decoder.decode_voices(self.frames.z[:n], self.frames.pitch[:n], row, elapsed)

    def add(self, unit: Float32s, rows: range, hops: int, params: Params, *, fit: bool = False) -> None:
        """Find the phases of rows and add them to the spectra.

        Args:
            unit: float32 [n, bins], from ``decode``.
            rows: which of them.
            hops: distance from the voices' frames before, 1 or 2.
            params: float64 [parameters].
            fit: fit the phases to the earlier output, if the quality allows it; needs rows from 0 on and 1 hop.
        """
        context, left, right = self._context(hops, params), self._left, self._right
        if fit and self._studio is not None:
            add_studio_frames(unit, len(rows), context, self._state, self._studio, self._iterations, left, right)
        else:
            self._add(unit, rows.start, len(rows), context, self._state, left, right)

    def forget_fit(self, n: int) -> None:
        """Clear the fitted output of the first ``n`` rows: a frame that was not fitted has replaced it."""
        if self._studio:
            for v in self.frames.row[:n]:
                reset_studio(self._studio, v)

    def prime(self, unit: Float32s, rows: range, hops: int, params: Params) -> None:
        """Use rows as the past of their voices, as if these frames had always been held."""
        prime_voices(unit, rows.start, len(rows), self._context(hops, params), self._state)

    def waves(self, params: Params) -> Float32s:
        """Return the samples of the spectra, float32 [2, n_fft], and empty the spectra."""
        return self._waves(self._left, self._right, params[WIDTH])

    def _context(self, hops: int, params: Params) -> FrameContext:
        kind, four_poles = int(params[FILTER_TYPE]), bool(params[FILTER_POLES])
        shaping = FrameShaping(self._floor_db, params[LOCK], kind, four_poles, self._bin_hz)
        return FrameContext(self.frames, shaping, self._scratch, self._tables[hops - 1], self.detail)
