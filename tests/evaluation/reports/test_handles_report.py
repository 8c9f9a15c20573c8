"""The report of handles, on synthesized notes."""

from pathlib import Path

import pytest

from synth_app.dataset.nsynth import read_notes, write_notes
from synth_app.decoder import load_model
from synth_app.evaluation.reports.handles_report import HandlesReport, handles_report
from synth_app.modelfile import find_model
from synth_app.support.errors import UserError
from tests.evaluation.reports.synthetic_notes import harmonic_notes

COUNT = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("notes")
    harmonic_notes(path, COUNT)
    return path


@pytest.fixture(scope="module")
def report(folder: Path) -> HandlesReport:
    return handles_report(load_model(find_model("pca-16k")), folder, 100, 0, lambda done, total: None)


def test_the_report_counts_what_it_moved(report: HandlesReport) -> None:
    assert (report.model, report.sounds, report.instruments) == ("pca-16k", COUNT, COUNT)
    names = [each.handle for each in report.handles]
    assert names == ["brightness", "body", "air", "noise", "hollow", "width", "bite", "movement"]


def test_the_handles_of_a_linear_model_reach_and_hold(report: HandlesReport) -> None:
    for each in report.handles:
        assert each.reached_50 == pytest.approx(1.0, abs=0.1)
        assert each.side_50 < 0.2
        assert each.side_50 <= each.worst_side_50 <= each.side_95
        assert each.loudness_50_db < 1.0
        assert 0.0 < each.move_ms < 100.0


def test_silence_is_refused(folder: Path, tmp_path: Path) -> None:
    import soundfile

    notes = read_notes(folder)[:1]
    write_notes(tmp_path, notes)
    (tmp_path / "audio").mkdir()
    soundfile.write(tmp_path / "audio" / f"{notes[0].note_str}.wav", [0.0] * 16_000, 16_000)
    with pytest.raises(UserError, match="no note sounds; check it with `synth-app dataset check"):
        handles_report(load_model(find_model("pca-16k")), tmp_path, 1, 0, lambda done, total: None)
