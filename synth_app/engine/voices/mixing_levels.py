"""Levels of morphs: the mean of two spectra is quieter than either, so a gain keeps the loudness even."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.spectral.detail import SOFT, DetailTables, PartWeights, combined_levels
from synth_app.engine.spectral.frame_synthesis import unit_to_db
from synth_app.engine.spectral.loudness import k_weights, morph_level_db
from synth_app.engine.voices.detail_path import DetailPaths
from synth_app.engine.voices.nearest_recordings import Choices
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.modelfile import ModelFile

MORPH_POINTS = 9  # steps of a morph at which its level is measured


class MixingLevels:
    """Measures the level along morphs of recordings, with a decoder of its own.

    Args:
        file: the model.
        bins: bins of a frame below the engine's Nyquist frequency.
    """

    def __init__(self, file: ModelFile, bins: int) -> None:
        spec = file.card.frame_spec
        self._decoder, self._floor_db = DecoderRuntime(file, 0, 1, 1), spec.floor_db
        self._bin_hz = spec.sample_rate / spec.n_fft
        self._weights = k_weights(spec.bins, self._bin_hz)[:bins]

    def measure(
        self, bank: PackedBank, detail: DetailPaths, corrections: DetailTables, choices: Choices
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Measure all morphs that can be heard.

        Args:
            bank, detail, corrections: the recordings. choices: of them.

        Returns:
            gains in dB at even steps of each morph, float64 [curves, MORPH_POINTS], the first 0 everywhere; and the
            index of the curve from each recording to each other one, int64 [recordings, recordings].
        """
        curve = np.zeros((len(bank.pitch), len(bank.pitch)), np.int64)
        curves_db = [np.zeros(MORPH_POINTS)]
        for a, b in _morphed_pairs(choices, len(bank.pitch)):
            curve[a, b] = len(curves_db)
            frames_db = self._decoded(bank, a, b)
            self._add_corrections(frames_db, bank.pitch[[a, b]], detail.center[[a, b]], (np.array([a, b]), corrections))
            curves_db.append(morph_level_db(frames_db, self._weights))
        return np.array(curves_db), curve

    def _decoded(self, bank: PackedBank, a: int, b: int) -> NDArray[np.float32]:
        """Return frames in dB at even steps between the centres of two recordings, float32 [MORPH_POINTS, bins]."""
        frames_db = np.empty((MORPH_POINTS, len(self._weights)), np.float32)
        for frame_db, m in zip(frames_db, _steps(), strict=True):  # one by one: hold the GIL as briefly as possible
            z = bank.center_z[a] + m * (bank.center_z[b] - bank.center_z[a])
            key = np.round(bank.pitch[a] + m * (bank.pitch[b] - bank.pitch[a]))
            unit = self._decoder.decode_held(z[None], np.array([key], np.float32))
            unit_to_db(unit[0, : len(frame_db)], self._floor_db, frame_db)
        return frames_db

    def _add_corrections(
        self, frames_db: NDArray[np.float32], pitch: NDArray[np.float32], centers: NDArray[np.float32],
        of: tuple[NDArray[np.int64], DetailTables],
    ) -> None:  # fmt: skip
        """Add the corrections at the centres of two recordings to frames along their morph."""
        recording, tables = of
        scratch, levels = np.zeros((2, tables.shapes_db.shape[2]), np.float32)
        for frame_db, m in zip(frames_db, _steps(), strict=True):
            key = float(np.round(pitch[0] + m * (pitch[1] - pitch[0])))
            weights = centers * np.array([[1.0 - m], [m]], np.float32)
            weights[:, SOFT] = 0.0
            spacing = 440.0 * 2.0 ** ((key - 69.0) / 12.0) / self._bin_hz
            combined_levels(tables, PartWeights(recording, weights), key, spacing, scratch, levels)
            frame_db += levels[: len(frame_db)]


def _steps() -> NDArray[np.float32]:
    return np.linspace(0.0, 1.0, MORPH_POINTS, dtype=np.float32)


def _morphed_pairs(choices: Choices, recordings: int) -> list[tuple[int, int]]:
    """Return the pairs of different recordings that are morphed within a slot, and from slot A to slot B."""
    near_a, near_b = np.where(choices.between < 0.5, choices.low, choices.high)
    pairs = [choices.low * recordings + choices.high, near_a * recordings + near_b]
    used = np.zeros(recordings * recordings, bool)  # np.unique would keep the interpreter for 0.6 ms
    for each in pairs:
        used[each.ravel()] = True
    found = np.flatnonzero(used)
    return [(int(a), int(b)) for a, b in zip(found // recordings, found % recordings, strict=True) if a != b]
