"""Compares every phase method on recorded notes: how close the sound's own magnitudes come to the wanted ones."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.errors import UserError
from synth_app.phase import METHODS, resynthesize, spectral_convergence_db, stft
from synth_app.spectrum import FrameSpec


@dataclass(frozen=True)
class PhaseFigure:
    """One method at one hop: median over notes, and time per frame with everything around it."""

    method: str
    hop_length: int
    causal: bool
    convergence_db: float
    us_per_frame: float


@dataclass(frozen=True)
class PhaseReport:
    """All figures with what they were measured on."""

    folder: str
    notes: int
    seed: int
    n_fft: int
    window: str
    figures: tuple[PhaseFigure, ...]

    def as_text(self) -> str:
        """A table for a terminal."""
        rows = [
            f"{f.method:16} {f.hop_length:5} {'yes' if f.causal else 'no':>6} "
            f"{f.convergence_db:12.2f} {f.us_per_frame:12.1f}"
            for f in self.figures
        ]
        head = f"{self.notes} notes of {self.folder}, seed {self.seed}, n_fft {self.n_fft}, {self.window}"
        return "\n".join([head, f"{'method':16} {'hop':>5} {'causal':>6} {'median dB':>12} {'us/frame':>12}", *rows])


def phase_report(
    folder: Path,
    *,
    count: int = 40,
    seed: int = 0,
    n_fft: int = 1024,
    window: str = "hann",
    methods: Sequence[str] = tuple(METHODS),
    progress: Callable[[int, int], None] | None = None,
) -> PhaseReport:
    """Measure methods at a quarter and an eighth of n_fft.

    Spectral convergence is ``20 log10(|| |STFT(y)| - S || / || S ||)`` with S the note's own magnitudes; it is
    comparable only at one hop.

    Args:
        folder: notes in NSynth's layout.
        count: notes drawn.
        seed: of the draw and of random phases.
        n_fft, window: of the analysis.
        methods: keys of ``phase.METHODS``.
        progress: called with (notes done, notes in all).

    Raises:
        UserError: unknown method, or a folder that cannot be read.
    """
    unknown = set(methods) - set(METHODS)
    if unknown:
        raise UserError(f"no phase method {', '.join(sorted(unknown))}; there are {', '.join(METHODS)}")
    notes = read_notes(folder)
    drawn = [notes[i] for i in np.random.default_rng(seed).permutation(len(notes))[:count]]
    hops = (n_fft // 4, n_fft // 8)
    measured: dict[tuple[str, int], list[tuple[float, float]]] = {(m, h): [] for m in methods for h in hops}
    for done, note in enumerate(drawn):
        audio, rate = read_audio(folder, note)
        for (method, hop), results in measured.items():
            results.append(_measure(audio, FrameSpec(rate, n_fft, hop, window), method, seed))
        if progress:
            progress(done + 1, len(drawn))
    figures = tuple(
        PhaseFigure(method, hop, METHODS[method].causal, *map(float, np.median(results, axis=0)))
        for (method, hop), results in measured.items()
    )
    return PhaseReport(folder.name, len(drawn), seed, n_fft, window, figures)


def _measure(audio: np.ndarray, grid: FrameSpec, method: str, seed: int) -> tuple[float, float]:
    magnitudes = np.abs(stft(audio, grid))
    start = time.perf_counter()
    wave = resynthesize(magnitudes, grid, method, seed=seed)
    seconds = time.perf_counter() - start
    return spectral_convergence_db(magnitudes, wave, grid), 1e6 * seconds / len(magnitudes)
