"""The phase report: its measures against closed forms, with and without ViSQOL, and its figures."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from synth_app.evaluation.listening import find_visqol
from synth_app.evaluation.reports.phase_report import (
    PhaseSettings,
    neutral_convergence_db,
    phase_report,
    pitch_error_cents,
)
from synth_app.support.errors import UserError

RATE = 16_000
TIME = np.arange(RATE * 3 // 2) / RATE


def tone(frequency_hz: float, level: float = 0.3) -> np.ndarray:
    return (level * np.cos(2 * np.pi * frequency_hz * TIME)).astype(np.float32)


@pytest.mark.parametrize("cents", [-3.0, -0.05, 0.0, 0.05, 8.0])
def test_pitch_error_is_that_of_the_loudest_partial(cents: float) -> None:
    reference = tone(441.3) + tone(882.6, 0.2)
    moved = tone(441.3 * 2 ** (cents / 1200)) + tone(882.6 * 1.01, 0.2)
    assert pitch_error_cents(reference, moved, RATE) == pytest.approx(cents, abs=0.01)


def test_neutral_convergence_is_the_stated_ratio() -> None:
    note = tone(300.0)
    assert neutral_convergence_db(note, note * np.float32(0.9), RATE) == pytest.approx(-20.0, abs=0.01)
    assert neutral_convergence_db(note, np.zeros_like(note), RATE) == pytest.approx(0.0, abs=1e-6)


class FakeVisqol(ModuleType):
    """Records its arguments, and scores by the largest difference of the two sounds."""

    calls: list[tuple[np.ndarray, np.ndarray, int]]
    mode: str

    def __init__(self) -> None:
        super().__init__("visqol")
        self.calls = []
        outer = self

        class VisqolApi:
            def create(self, mode: str) -> None:
                outer.mode = mode

            def measure_from_arrays(self, a: np.ndarray, b: np.ndarray, sample_rate: int) -> SimpleNamespace:
                outer.calls.append((a, b, sample_rate))
                return SimpleNamespace(moslqo=5.0 - np.abs(a - b).max())

        self.VisqolApi = VisqolApi


def test_visqol_gets_pairs_at_48_khz_in_audio_mode(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeVisqol()
    monkeypatch.setitem(sys.modules, "visqol", fake)
    report = phase_report(data, PhaseSettings(count=3, n_fft=256, methods=("live", "spsi"), visqol_notes=2))
    assert fake.mode == "audio"
    assert [rate for *_, rate in fake.calls] == [48_000] * len(fake.calls)
    assert len(fake.calls) == 2 * (1 + 2 * 2)  # every scored note against itself, then two methods at two hops
    reference, same, _ = fake.calls[0]
    np.testing.assert_array_equal(reference, same)
    assert len(reference) == 48_000
    assert report.judged_notes == 2
    assert report.visqol_of_identical == 5.0
    scores = {(f.method, f.hop_length): f.visqol for f in report.figures}
    first = [np.abs(a - b).max() for a, b, _ in fake.calls[1:5]]
    second = [np.abs(a - b).max() for a, b, _ in fake.calls[6:]]
    for key, a, b in zip([("live", 64), ("live", 32), ("spsi", 64), ("spsi", 32)], first, second, strict=True):
        assert scores[key] == pytest.approx(5.0 - (a + b) / 2)
    assert "48 kHz" in report.as_text()


def test_without_visqol_the_rest_is_printed_and_how_to_get_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "visqol", None)
    report = phase_report(data, PhaseSettings(count=2, n_fft=256, methods=("live",)))
    text = report.as_text()
    assert "pip install 'synth-app[report]'" in text
    assert all(figure.visqol is None and figure.convergence_db < -10 for figure in report.figures)
    assert text.count("\n") == 4  # head, names, two hops, one remark


def test_the_real_visqol_scores_a_noisy_sound_lower() -> None:
    pytest.importorskip("visqol", reason="optional: pip install 'synth-app[report]'")
    judge = find_visqol()
    assert judge is not None
    note = np.sum([tone(220.0 * h, 0.2 / h) for h in range(1, 8)], axis=0)
    noise = np.random.default_rng(0).normal(0, 0.05, len(note)).astype(np.float32)
    assert judge.score(note, note, RATE) > 4.7
    assert judge.score(note, note + noise, RATE) < 4.0


def test_typical_and_hardest_notes_are_of_the_chosen_notes(data: Path) -> None:
    alone = [phase_report(data, PhaseSettings(count=n, n_fft=256, methods=("live",), visqol_notes=0)) for n in (1, 3)]
    assert alone[0].typical_note == alone[0].hardest_note
    assert alone[1].typical_note != alone[1].hardest_note
    assert alone[1].remark == "ViSQOL was not requested."


def test_shorter_synthesis_windows_have_shorter_hops(data: Path) -> None:
    report = phase_report(data, PhaseSettings(count=1, n_fft=256, shorten=2, methods=("live",), visqol_notes=0))
    assert [figure.hop_length for figure in report.figures] == [32, 16]


def test_invalid_settings_are_refused() -> None:
    with pytest.raises(UserError, match="magic"):
        PhaseSettings(methods=("magic",))
    with pytest.raises(UserError, match="the minimum is 1"):
        PhaseSettings(count=0)
    with pytest.raises(UserError, match="multiple of 8"):
        PhaseSettings(n_fft=256, shorten=3)


def test_pictures_are_drawn(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="optional: pip install 'synth-app[report]'")
    from synth_app.evaluation.reports.phase_figures import draw_figures

    report = phase_report(data, PhaseSettings(count=3, n_fft=256, methods=("live",), visqol_notes=0))
    draw_figures(data, report, tmp_path)
    for name in ("phase-error.png", "phase-noise.png", "phase-onset.png"):
        picture = (tmp_path / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 20_000
    with pytest.raises(UserError, match="tuba"):
        draw_figures(data, report, tmp_path, "tuba")
    with pytest.raises(UserError, match="not a folder"):
        draw_figures(data, report, tmp_path / "missing")


def test_pictures_need_matplotlib(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from synth_app.evaluation.reports.phase_figures import require_matplotlib

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match="pip install"):
        require_matplotlib(tmp_path)
