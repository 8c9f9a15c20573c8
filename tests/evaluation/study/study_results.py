"""Synthetic results of a study with known truth."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from synth_app.evaluation.metrics.frame_rules import RULES, RuleErrors
from synth_app.evaluation.study.measurements.results import FORMAT, CellResult, Cost, LatentStatistics, SimilarityScores

SIZES = (4, 8, 12, 16, 32, 64, 100)
NOTES = tuple(f"{family}_acoustic_{i:03d}-{pitch:03d}-100" for family in ("bass", "organ", "reed") for i in range(8)
              for pitch in (48, 60, 72))  # fmt: skip
HEARD = NOTES[::6]
PCA_DB = dict(zip(SIZES, (11.0, 9.8, 8.9, 8.3, 6.9, 5.3, 4.2), strict=True))


def make_result(
    family: str, size: int, split: str = "note", *, ratio: float = 1.0, spread: float = 0.05, psm: float | None = None,
    correlation: float = 0.3, beta: float = 0.0, gap: float = 1.02, best_epoch: int = 10,
) -> CellResult:  # fmt: skip
    """A cell whose pooled RMSE is about ``ratio`` times PCA's, with notes of their own difficulty in common."""
    level = PCA_DB[size] * ratio
    shared = np.random.default_rng(size).lognormal(0.0, 0.2, len(NOTES))
    own = np.random.default_rng([size, sum(map(ord, family))]).lognormal(0.0, spread, len(NOTES))
    rmse = level * shared * own
    errors = tuple(RuleErrors(rule.name, tuple(rmse**2), (100,) * len(NOTES)) for rule in RULES)
    mean_psm = 0.98 - 0.03 * level if psm is None else psm
    noise = np.random.default_rng(7).normal(0.0, 0.01, len(HEARD))
    similarities = tuple(SimilarityScores(phases, tuple(mean_psm - less + noise), tuple(mean_psm - less - 0.2 + noise))
                         for phases, less in (("original", 0.0), ("griffinlim", 0.1)))  # fmt: skip
    shown = np.full((size, size), correlation) + (1 - correlation) * np.eye(size) if size <= 32 else np.zeros((0, 0))
    by_note = correlation + np.random.default_rng(5).normal(0.0, 0.02, len(NOTES))
    return CellResult(
        format=FORMAT, digest="0", family=family, title=family, latent_size=size, split=split, seed=0, beta=beta,
        augment=0.8 if family.startswith("residual") else 0.0,
        spec="16000 Hz, n_fft 1024, hamming, hop 512, floor -100 dB", notes=NOTES, errors=errors,
        train_errors=tuple(replace(e, mean_squares=tuple(np.array(e.mean_squares) / gap**2)) for e in errors),
        similarity_notes=HEARD, similarities=similarities,
        latent=LatentStatistics(
            tuple(map(tuple, shown.tolist())), tuple(by_note), 0.04 if family.startswith("dae") else None
        ),
        cost=Cost(513 * size, 513 * size, 16 if family != "pca" else 0, best_epoch if family != "pca" else 0,
                  16 if family != "pca" else 0, 20, 60.0 if family != "pca" else 0.5, 8.0 + 0.1 * size, 1.0),
    )  # fmt: skip


def make_study(ratios: Mapping[str, float | Mapping[int, float]], split: str = "note") -> list[CellResult]:
    """Cells of all sizes; a ratio to PCA for each family, or one for each size."""
    correlations = {"pca": 0.2, "vae": 0.15, "lstm-ae": 0.6}
    cells = []
    for family, ratio in ratios.items():
        for size in SIZES:
            value = ratio if isinstance(ratio, float) else ratio[size]
            less = 0.05 if family == "lstm-ae" else 0.0
            psm = 0.98 - 0.03 * PCA_DB[size] * value - less
            cells.append(make_result(family, size, split, ratio=value, psm=psm,
                                     correlation=correlations.get(family, 0.35)))  # fmt: skip
    return cells
