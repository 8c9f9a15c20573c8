"""Phase report: spectral convergence, pitch error, ViSQOL and time of every phase method on recorded notes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.evaluation.listening import HOW_TO_INSTALL, MIN_SECONDS, Visqol, find_visqol
from synth_app.phase import METHODS, resynthesize, spectral_convergence_db, stft
from synth_app.phase.tables import Float32s
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError

NEUTRAL_SECONDS = (0.01, 0.04, 0.16)  # windows in seconds, the same for all frame grids
PITCH_START_S, PITCH_SECONDS = 0.25, 1.0  # part in which pitch is compared, after the attack


@dataclass(frozen=True)
class PhaseFigure:
    """One method at one hop length, medians over notes.

    Attributes:
        convergence_db: spectral convergence on the grid itself, comparable at equal hop lengths only.
        neutral_db: against the note in grids of ``NEUTRAL_SECONDS``, mean of the three; comparable for all hop lengths.
        pitch_cents: absolute pitch error of the loudest partial.
        visqol: MOS-LQO, None if not scored.
        us_per_frame: processor time per frame, of the whole method.
    """

    method: str
    hop_length: int
    causal: bool
    convergence_db: float
    neutral_db: float
    pitch_cents: float
    visqol: float | None
    us_per_frame: float


@dataclass(frozen=True)
class PhaseReport:
    """All figures, with what they were measured on.

    Attributes:
        typical_note, hardest_note: nearest to the first method's median, and its worst, at the larger hop length.
        judged_notes: number of notes scored by ViSQOL.
        visqol_of_identical: score of a note against itself, None if not scored.
        remark: on ViSQOL, one line.
    """

    folder: str
    notes: int
    seed: int
    sample_rate: int
    n_fft: int
    window: str
    shorten: int
    typical_note: str
    hardest_note: str
    judged_notes: int
    visqol_of_identical: float | None
    remark: str
    figures: tuple[PhaseFigure, ...]

    def as_text(self) -> str:
        """Return a table for a terminal."""
        rows = [_row(figure) for figure in self.figures]
        head = (
            f"{self.notes} notes of {self.folder}, seed {self.seed}, {self.sample_rate} Hz, n_fft {self.n_fft}, "
            f"{self.window}, synthesis window n_fft / {self.shorten}; medians"
        )
        names = (
            f"{'method':16} {'hop':>5} {'causal':>6} {'convergence dB':>14} {'neutral dB':>11} {'cents':>6} "
            f"{'ViSQOL':>7} {'us/frame':>9}"
        )
        return "\n".join([head, names, *rows, self.remark])


def _row(f: PhaseFigure) -> str:
    visqol = "-" if f.visqol is None else f"{f.visqol:.3f}"
    return (
        f"{f.method:16} {f.hop_length:5} {'yes' if f.causal else 'no':>6} {f.convergence_db:14.2f} "
        f"{f.neutral_db:11.2f} {f.pitch_cents:6.3f} {visqol:>7} {f.us_per_frame:9.1f}"
    )


@dataclass(frozen=True)
class _Measured:
    convergence_db: float
    neutral_db: float
    pitch_cents: float
    us_per_frame: float
    visqol: float | None


@dataclass(frozen=True)
class PhaseSettings:
    """Settings of ``phase_report``.

    Attributes:
        count: number of notes.
        seed: of the choice of notes and of random phases.
        n_fft, window: of the analysis.
        shorten: n_fft over the length of the synthesis window, as in the live settings.
        methods: keys of ``phase.METHODS``.
        visqol_notes: number of notes, the first that are long enough, that ViSQOL scores too.
    """

    count: int = 40
    seed: int = 0
    n_fft: int = 1024
    window: str = "hann"
    shorten: int = 1
    methods: tuple[str, ...] = tuple(METHODS)
    visqol_notes: int = 8

    def __post_init__(self) -> None:
        """Check all values.

        Raises:
            UserError: unknown method, or a value outside its range.
        """
        unknown = set(self.methods) - set(METHODS)
        if unknown:
            raise UserError(f"no phase method {', '.join(sorted(unknown))}; there are {', '.join(METHODS)}")
        if self.count < 1 or self.visqol_notes < 0:
            raise UserError(f"{self.count} notes, {self.visqol_notes} for ViSQOL; the minimum is 1 note, 0 for ViSQOL")
        if self.shorten < 1 or self.n_fft % (8 * self.shorten):
            raise UserError(
                f"n_fft {self.n_fft} must be a multiple of 8 x {self.shorten} (shorten); choose 1, 2 or 4 for shorten"
            )

    @property
    def length(self) -> int:
        """Length of the synthesis window in samples."""
        return self.n_fft // self.shorten

    @property
    def hops(self) -> tuple[int, int]:
        """Hop lengths to measure: a quarter and an eighth of the synthesis window."""
        return self.length // 4, self.length // 8


def phase_report(
    folder: Path, settings: PhaseSettings, progress: Callable[[int, int], None] | None = None
) -> PhaseReport:
    """Measure phase methods at a quarter and an eighth of the synthesis window.

    Spectral convergence is ``20 log10(|| |STFT(y)| - S || / || S ||)`` with S the note's own magnitudes. It is
    comparable at equal hops only.

    Args:
        folder: notes in NSynth's layout.
        settings: notes, frames and methods.
        progress: called with (notes done, all notes).

    Raises:
        UserError: the folder cannot be read.
    """
    s, notes = settings, read_notes(folder)
    chosen = [notes[i] for i in np.random.default_rng(s.seed).permutation(len(notes))[: s.count]]
    visqol = find_visqol() if s.visqol_notes else None
    measured: dict[tuple[str, int], list[_Measured]] = {(m, h): [] for m in s.methods for h in s.hops}
    identical: list[float] = []
    for done, note in enumerate(chosen):
        audio, rate = read_audio(folder, note)
        judge = visqol if len(identical) < s.visqol_notes and len(audio) >= MIN_SECONDS * rate else None
        if judge:
            identical.append(judge.score(audio, audio, rate))
        for (method, hop), results in measured.items():
            results.append(_measure(audio, FrameSpec(rate, s.n_fft, hop, s.window), s.length, method, s.seed, judge))
        if progress:
            progress(done + 1, len(chosen))
    first = np.array([result.convergence_db for result in measured[s.methods[0], s.hops[0]]])
    return PhaseReport(
        folder.name, len(chosen), s.seed, rate, s.n_fft, s.window, s.shorten,
        typical_note=chosen[int(np.argmin(np.abs(first - np.median(first))))].note_str,
        hardest_note=chosen[int(np.argmax(first))].note_str,
        judged_notes=len(identical),
        visqol_of_identical=float(np.median(identical)) if identical else None,
        remark=_remark(s.visqol_notes, visqol, identical),
        figures=tuple(_figure(method, hop, results) for (method, hop), results in measured.items()),
    )  # fmt: skip


def _figure(method: str, hop: int, results: list[_Measured]) -> PhaseFigure:
    judged = [r.visqol for r in results if r.visqol is not None]
    return PhaseFigure(
        method,
        hop,
        METHODS[method].causal,
        float(np.median([r.convergence_db for r in results])),
        float(np.median([r.neutral_db for r in results])),
        float(np.median([r.pitch_cents for r in results])),
        float(np.median(judged)) if judged else None,
        float(np.median([r.us_per_frame for r in results])),
    )


def _remark(judged: int, visqol: Visqol | None, identical: list[float]) -> str:
    if not judged:
        return "ViSQOL was not requested."
    if visqol is None:
        return f"ViSQOL is not installed; install it: {HOW_TO_INSTALL}"
    if not identical:
        return f"ViSQOL scored no note: none lasts {MIN_SECONDS:g} s."
    return (
        f"ViSQOL: audio mode at 48 kHz (notes at other rates converted), {len(identical)} notes; "
        f"identical sounds score {np.median(identical):.3f}."
    )


def _measure(audio: Float32s, grid: FrameSpec, length: int, method: str, seed: int, visqol: Visqol | None) -> _Measured:
    magnitudes = np.abs(stft(audio, grid))
    start = time.process_time()
    wave = resynthesize(magnitudes, grid, method, seed=seed, length=length)
    seconds = time.process_time() - start
    return _Measured(
        spectral_convergence_db(magnitudes, wave, grid),
        neutral_convergence_db(audio, wave[: len(audio)], grid.sample_rate),
        abs(pitch_error_cents(audio, wave[: len(audio)], grid.sample_rate)),
        1e6 * seconds / len(magnitudes),
        visqol.score(audio, wave[: len(audio)], grid.sample_rate) if visqol else None,
    )


def neutral_convergence_db(reference: Float32s, audio: Float32s, sample_rate: int) -> float:
    """Return the spectral convergence against a reference sound: mean over Hann grids of ``NEUTRAL_SECONDS``.

    The grids overlap by 75 %. The value does not depend on the grid that the audio was made from, so that grids can be
    compared.
    """
    values = []
    for seconds in NEUTRAL_SECONDS:
        hop = round(seconds * sample_rate / 4)
        grid = FrameSpec(sample_rate, 4 * hop, hop, "hann")
        values.append(spectral_convergence_db(np.abs(stft(reference, grid)), audio, grid))
    return float(np.mean(values))


def pitch_error_cents(reference: Float32s, audio: Float32s, sample_rate: int) -> float:
    """Return the pitch error of the reference's loudest partial in the audio, over 1 s from 0.25 s on.

    A parabola through the logarithms around the peak is exact for the Gaussian window used.
    """
    start = min(round(PITCH_START_S * sample_rate), len(reference) // 4)
    cut = slice(start, start + round(PITCH_SECONDS * sample_rate))
    n = len(reference[cut])
    taper = np.exp(-0.5 * ((np.arange(n) - n / 2) / (n / 8)) ** 2)
    spectra = [np.log(np.abs(np.fft.rfft(wave[cut] * taper)) + 1e-12) for wave in (reference, audio)]
    k = int(np.argmax(spectra[0][2:-2])) + 2
    positions = []
    for spectrum in spectra:
        peak = k + int(np.argmax(spectrum[k - 1 : k + 2])) - 1
        low, middle, high = spectrum[peak - 1 : peak + 2]
        positions.append(peak + 0.5 * (low - high) / (low - 2 * middle + high))
    return float(1200 * np.log2(positions[1] / positions[0]))
