"""Agreement of PSM and PSMt with ViSQOL, an independent measure, on the same degraded notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt
from scipy.stats import spearmanr

from synth_app.dataset.audio_io import resample
from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.decoder import Model
from synth_app.evaluation.listening import HOW_TO_INSTALL, Visqol, find_visqol
from synth_app.evaluation.psm import SimilarityMeter
from synth_app.evaluation.study.measurements.perceptual_similarity import note_frames, reconstruct_frames, to_sound
from synth_app.spectrum.spec import PAPER_SPEC
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
RATE = PAPER_SPEC.sample_rate
NOISE_DB = (50.0, 40.0, 30.0, 20.0)
LOWPASS_HZ = (4000.0, 2000.0, 1000.0)
BITS = (10, 8, 6)
CLIPPED = (0.5, 0.2)


@dataclass(frozen=True)
class Degraded:
    """Mean scores of one degradation over notes; ``visqol`` is None without its package."""

    kind: str
    name: str
    psm: float
    psm_t: float
    visqol: float | None


@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlation of a measure with ViSQOL.

    Attributes:
        measure: "PSM" or "PSMt".
        over_means: over the means of the degradations.
        over_sounds: over all degraded notes.
        within_notes: mean over notes of the correlation over degradations.
    """

    measure: str
    over_means: float
    over_sounds: float
    within_notes: float


@dataclass(frozen=True)
class PsmReport:
    """Scores of all degradations, and the agreement of each measure with ViSQOL (empty without its package)."""

    notes: int
    degraded: tuple[Degraded, ...]
    agreement: tuple[Agreement, ...]

    def as_text(self) -> str:
        """Return a table with the rank correlations below it."""
        lines = [f"{self.notes} notes at {RATE} Hz; PSM and PSMt: 1 for identity; ViSQOL: MOS of 1 to 4.73"]
        lines += [f"{'degradation':24} {'PSM':>7} {'PSMt':>7} {'ViSQOL':>7}"]
        for row in self.degraded:
            visqol = f"{row.visqol:7.2f}" if row.visqol is not None else ""
            lines.append(f"{row.kind + ' ' + row.name:24} {row.psm:7.3f} {row.psm_t:7.3f} {visqol}")
        for found in self.agreement:
            lines.append(
                f"rank correlation of {found.measure} with ViSQOL: {found.over_means:.2f} over degradations, "
                f"{found.over_sounds:.2f} over all sounds, {found.within_notes:.2f} within a note"
            )
        if not self.agreement:
            lines.append(f"ViSQOL is not installed: {HOW_TO_INSTALL}")
        return "\n".join(lines)


def psm_report(
    data: Path,
    models: Sequence[Model] = (),
    *,
    count: int = 8,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> PsmReport:
    """Score randomly chosen notes with standard degradations and with models' resynthesis.

    Args:
        data: folder in NSynth's layout.
        models: of 16 kHz frames. Their resynthesis with original phases is one degradation each.
        count: number of notes.
        seed: of the choice of notes and of the noise.
        progress: called with (notes done, all notes).

    Raises:
        UserError: no notes, a note cannot be read, or a model has another sample rate.
    """
    for model in models:
        if model.spec.sample_rate != RATE:
            raise UserError(f"{model.card.name} has {model.spec.sample_rate} Hz; this report takes models of {RATE} Hz")
    notes = read_notes(data)
    if count < 1 or not notes:
        raise UserError(f"{count} notes requested, {len(notes)} in {data}; choose 1 or more, and a folder with notes")
    chosen = [notes[int(i)] for i in np.random.default_rng(seed).permutation(len(notes))[:count]]
    judge = find_visqol()
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for i, note in enumerate(chosen):
        for key, scores in _scores(data, note, models, seed + i, judge):
            found.setdefault(key, []).append(scores)
        if progress:
            progress(i + 1, len(chosen))
    table = {key: np.array(scores) for key, scores in found.items()}
    return PsmReport(len(chosen), _means(table, judge is not None), agreement(table) if judge else ())


def _means(table: dict[tuple[str, str], NDArray[np.float64]], with_visqol: bool) -> tuple[Degraded, ...]:
    """Return the mean scores of every degradation."""
    return tuple(
        Degraded(kind, name, float(psm), float(psm_t), float(visqol) if with_visqol else None)
        for (kind, name), scores in table.items()
        for psm, psm_t, visqol in (scores.mean(axis=0),)
    )


def degradations(sound: Array, seed: int) -> dict[tuple[str, str], Array]:
    """Return degraded versions of a sound by (kind, name), each as long as the sound; the first is undegraded."""
    rng = np.random.default_rng(seed)
    power = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) or 1.0
    peak = float(np.abs(sound).max()) or 1.0
    out: dict[tuple[str, str], Array] = {("none", ""): sound}
    noise = rng.standard_normal(len(sound))
    for snr_db in NOISE_DB:
        out["noise", f"{snr_db:g} dB SNR"] = (sound + noise * power * 10.0 ** (-snr_db / 20.0)).astype(np.float32)
    for cutoff_hz in LOWPASS_HZ:
        low = sosfilt(butter(4, cutoff_hz, fs=RATE, output="sos"), sound)
        out["low-pass", f"{cutoff_hz:g} Hz"] = np.asarray(low, np.float32)
    for bits in BITS:
        step = 2.0 * peak / 2**bits
        out["quantised", f"{bits} bits"] = (np.round(sound / step) * step).astype(np.float32)
    for fraction in CLIPPED:
        out["clipped", f"at {fraction:g} of peak"] = np.clip(sound, -fraction * peak, fraction * peak)
    return out


def _scores(
    data: Path, note: Note, models: Sequence[Model], seed: int, judge: Visqol | None
) -> list[tuple[tuple[str, str], tuple[float, float, float]]]:
    samples, rate = read_audio(data, note)
    sound = resample(samples, rate, RATE)
    made = degradations(sound, seed)
    for model in models:
        frames = note_frames(sound, note.pitch, model.spec)
        made["model", model.card.name] = to_sound(reconstruct_frames(model, frames), "original", frames, model.spec)
    meter, out = SimilarityMeter(sound, RATE), []
    for key, wave in made.items():
        found = meter.compare_with(wave)
        visqol = judge.score(sound, wave, RATE) if judge else float("nan")
        out.append((key, (found.psm, found.psm_t, visqol)))
    return out


def agreement(table: dict[tuple[str, str], NDArray[np.float64]]) -> tuple[Agreement, ...]:
    """Return the agreement of PSM and PSMt with ViSQOL, from scores [notes, 3] by (kind, name) of degradation.

    Undegraded sounds are left out: all measures agree on them.
    """
    real = {key: scores for key, scores in table.items() if key[0] != "none"}
    means = np.array([scores.mean(axis=0) for scores in real.values()])
    sounds = np.concatenate(list(real.values()))
    notes = np.array(list(real.values())).transpose(1, 0, 2)
    return tuple(
        Agreement(
            measure,
            _rank(means[:, column], means[:, 2]),
            _rank(sounds[:, column], sounds[:, 2]),
            float(np.mean([_rank(scores[:, column], scores[:, 2]) for scores in notes])),
        )
        for column, measure in enumerate(("PSM", "PSMt"))
    )


def _rank(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(spearmanr(x, y).statistic)
