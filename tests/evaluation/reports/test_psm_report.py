"""Agreement of PSM with ViSQOL: the degradations and the rank correlations."""

import sys
from pathlib import Path

import numpy as np
import pytest

from synth_app.evaluation.reports.psm_report import RATE, agreement, degradations, psm_report
from synth_app.support.errors import UserError


def test_degradations_match_their_names() -> None:
    t = np.arange(16_000) / 16_000
    sound = (0.4 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 6000 * t)).astype(np.float32)
    made = degradations(sound, 0)
    np.testing.assert_array_equal(made["none", ""], sound)
    error = made["noise", "30 dB SNR"] - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(error**2)) == pytest.approx(30.0, abs=0.2)
    spectrum = np.abs(np.fft.rfft(made["low-pass", "2000 Hz"]))
    assert spectrum[440] == pytest.approx(np.abs(np.fft.rfft(sound))[440], rel=0.02)
    assert spectrum[6000] < 0.02 * np.abs(np.fft.rfft(sound))[6000]
    assert len(np.unique(made["quantised", "6 bits"])) <= 65
    assert np.abs(made["clipped", "at 0.2 of peak"]).max() == pytest.approx(0.2 * np.abs(sound).max())


def test_without_visqol_our_own_figures_remain(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "visqol", None)
    report = psm_report(data, count=1)
    scores = {(row.kind, row.name): row.psm for row in report.degraded}
    assert scores["none", ""] == pytest.approx(1.0)
    noise = [value for (kind, _), value in scores.items() if kind == "noise"]
    assert noise == sorted(noise, reverse=True)
    assert report.agreement == ()
    assert "pip install 'synth-app[report]'" in report.as_text()


def test_agreement_is_rank_correlation() -> None:
    """ViSQOL rises with PSM; PSMt has the reverse order within each note and the right order of the notes."""
    steps, notes = np.arange(6)[:, None], np.arange(4)
    psm = 0.9 - 0.02 * steps - 0.15 * notes  # [degradations, notes]
    psm_t = 0.1 + 0.02 * steps - 0.15 * notes
    table = {("noise", str(i)): np.stack([psm[i], psm_t[i], 5 * psm[i] ** 3], axis=1) for i in range(6)}
    table["none", ""] = np.array([[1.0, 1.0, 0.0]] * 4)  # left out, or it would break the order
    psm_found, psm_t_found = agreement(table)
    assert (psm_found.over_means, psm_found.over_sounds, psm_found.within_notes) == pytest.approx((1.0, 1.0, 1.0))
    assert (psm_t_found.over_means, psm_t_found.within_notes) == pytest.approx((-1.0, -1.0))
    assert 0.5 < psm_t_found.over_sounds < 1.0
    assert [found.measure for found in (psm_found, psm_t_found)] == ["PSM", "PSMt"]


def test_a_report_with_visqol_has_its_scores(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loudness:
        def score(self, reference: np.ndarray, degraded: np.ndarray, rate: int) -> float:
            assert rate == RATE
            return 4.0 - float(np.sqrt(np.mean((reference - degraded) ** 2)))

    monkeypatch.setattr("synth_app.evaluation.reports.psm_report.find_visqol", Loudness)
    monkeypatch.setattr("synth_app.evaluation.reports.psm_report.CLIPPED", ())
    report = psm_report(data, count=1)
    assert report.degraded[0].visqol == 4.0
    assert all(row.visqol is not None and row.visqol < 4.0 for row in report.degraded[1:])
    assert report.as_text().count("rank correlation of PSM") == 2


def test_invalid_counts_are_refused(data: Path) -> None:
    with pytest.raises(UserError, match="choose 1 or more"):
        psm_report(data, count=0)
