"""A study from nothing to its page: stopped, continued, and with missing cells."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synth_app.evaluation.study import StudyJob, document, evaluate, rebuild_report, run
from synth_app.evaluation.study.measurements.betas import beta_models
from synth_app.evaluation.study.measurements.grid_spec import parse_grid
from synth_app.evaluation.study.measurements.results import save_result
from synth_app.modelfile import load_model_file, read_card, save_model_file
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training import Progress
from synth_app.training.grid import Cell, GridSettings
from tests.evaluation.study.study_results import make_result, make_study

pytest.importorskip("matplotlib", reason="optional: pip install 'synth-app[report]'")

SPEC = FrameSpec(8000, 128, 64, "hamming", -100.0)


class Page(HTMLParser):
    """Tags and what they point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.tags: dict[str, int] = {}
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "img", "br"):
            self.open.pop()


class Log:
    """Progress messages of a run."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, progress: Progress) -> None:
        self.lines.append(f"{progress.stage} {progress.message}")

    def count(self, start: str) -> int:
        return sum(line.startswith(start) for line in self.lines)


@pytest.fixture(scope="module")
def done(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyJob, Path]:
    """A report on PCA and a DAE, four dimensions, both splits."""
    out = tmp_path_factory.mktemp("study")
    grid = GridSettings(data, out / "models", spec=SPEC, budget="quick", cache=out / "cache")
    job = StudyJob(grid, parse_grid("pca,dae:4"), out / "report", similarity_count=2)
    return job, evaluate(job)


def test_the_page_is_complete_and_needs_no_network(done: tuple[StudyJob, Path]) -> None:
    job, path = done
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags["svg"] == 4  # error, similarity, agreement, cost; no cell has 16 dimensions for correlation
    assert page.tags["audio"] == 3 * 3 * 5  # pairs, the notes and two models, steps
    assert all(source.startswith(("data:", "#")) for source in page.sources)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "url(http" not in text
    assert "prefers-color-scheme: dark" in text
    assert str(job.grid.data.parent) not in text
    for word in ("Statement 1, note split", "Not measured yet", "LSTM-AE, note split: 4, 8, 12, 16, 32, 64, 100"):
        assert word in text


def test_tables_are_those_of_the_cells(done: tuple[StudyJob, Path]) -> None:
    _, path = done
    with (path.parent / "cells.csv").open(encoding="utf-8") as lines:
        cells = list(csv.DictReader(lines))
    assert [(c["family"], c["split"]) for c in cells] == [
        ("pca", "note"), ("dae", "note"), ("pca", "instrument"), ("dae", "instrument"),
    ]  # fmt: skip
    assert float(cells[0]["ratio_to_pca"]) == 1.0
    ratio = float(cells[1]["rmse_pooled_db_active"]) / float(cells[0]["rmse_pooled_db_active"])
    assert float(cells[1]["ratio_to_pca"]) == pytest.approx(ratio, abs=1e-3)
    with (path.parent / "notes.csv").open(encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) == sum(int(c["notes"]) for c in cells)
    with (path.parent / "statements.csv").open(encoding="utf-8") as lines:
        assert {line["statement"] for line in csv.DictReader(lines)} == set("12345678")
    assert {p.name for p in (path.parent / "figures").iterdir()} == {"rmse.svg", "psm.svg", "agreement.svg", "cost.svg"}


def test_nothing_is_measured_or_interpolated_twice(
    done: tuple[StudyJob, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, path = done
    monkeypatch.setattr(run, "write_report", lambda folder, *_: folder)  # figures are not part of this test
    kept = {p: p.stat().st_mtime_ns for p in (path.parent / "cells").iterdir()}
    log = Log()
    evaluate(job, log)
    assert log.count("measure") == log.count("fit") == 0
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    (path.parent / "cells" / "dae-4-note-0.json").unlink()
    damaged = path.parent / "cells" / "pca-4-note-0.json"
    damaged.write_text(damaged.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    evaluate(job, log)
    assert [line for line in log.lines if line.startswith("measure")] == [
        "measure measuring pca-4-note-0", "measure measuring dae-4-note-0",
    ]  # fmt: skip
    json.loads(damaged.read_text(encoding="utf-8"))


def test_without_training_the_report_has_existing_cells_only(done: tuple[StudyJob, Path], tmp_path: Path) -> None:
    job, _ = done
    log = Log()
    less = StudyJob(job.grid, parse_grid("pca,vae:4:note"), tmp_path / "less", train=False, similarity_count=1)
    text = evaluate(less, log).read_text(encoding="utf-8")
    assert log.count("fit") == 0
    assert "VAE, note split: 4, 8, 12, 16, 32, 64, 100" in text
    assert "PCA, note split: 8, 12, 16, 32, 64, 100" in text
    nothing = StudyJob(job.grid, parse_grid("vae:4:note"), tmp_path / "nothing", train=False)
    with pytest.raises(UserError, match="nothing is measured"):
        evaluate(nothing)


def test_a_whole_study_makes_a_page_and_a_document(done: tuple[StudyJob, Path], tmp_path: Path) -> None:
    _, path = done
    folder = tmp_path / "whole"
    (folder / "cells").mkdir(parents=True)
    (folder / "about.json").write_bytes((path.parent / "about.json").read_bytes())
    ratios: dict[str, float] = {"pca": 1.0, "ae": 1.03, "dae": 0.9, "lstm-ae": 0.85, "vae": 0.95, "residual-vae": 0.7}
    for cell in make_study(ratios):
        save_result(folder / "cells", cell)
    save_result(folder / "cells", make_result("dae-256", 16, ratio=0.88))
    text = rebuild_report(folder).read_text(encoding="utf-8")
    assert Page(text).tags["svg"] == 5
    assert text.count('class="verdict"') == 7
    target = tmp_path / "docs" / "study.md"
    with pytest.raises(UserError, match="make it first"):
        document(folder, target)
    (tmp_path / "docs" / "images").mkdir(parents=True)
    document(folder, target)
    told = target.read_text(encoding="utf-8")
    pictures = re.findall(r"\]\((images/[^)]+)\)", told)
    assert len(pictures) == 5
    assert all((target.parent / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert sum((target.parent / picture).stat().st_size for picture in pictures) < 1_000_000
    assert "| Statement 4 | At 100 dimensions PCA is about the best. | not replicated |" in told
    assert "| LSTM-AE | 0.8" in told


def test_other_betas_are_trained_with_the_vae_under_their_own_names(data: Path, tmp_path: Path) -> None:
    grid = GridSettings(data, tmp_path, spec=SPEC, budget="quick", cache=tmp_path / "cache")
    cells = (Cell("vae", 16, "note"), Cell("vae", 4, "note"), Cell("dae", 16, "note"))
    assert list(beta_models(cells, grid, train=False)) == []
    made = dict(beta_models(cells, grid, train=True))
    assert [cell.family for cell in made] == ["vae-beta-0", "vae-beta-1e-06", "vae-beta-1e-04"]
    betas = [read_card(path).training.settings["beta"] for path in made.values()]
    assert betas == [0.0, 1e-6, 1e-4]
    older = load_model_file(next(iter(made.values())))
    older.card.training.settings.pop("width")  # as an earlier version without this setting wrote it
    save_model_file(next(iter(made.values())), older)
    times = [path.stat().st_mtime_ns for path in made.values()]
    assert dict(beta_models(cells, grid, train=True)) == made
    assert [path.stat().st_mtime_ns for path in made.values()] == times


def test_an_interrupted_run_can_be_reported(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = GridSettings(data, tmp_path / "models", spec=SPEC, budget="quick", cache=tmp_path / "cache")
    job = StudyJob(grid, parse_grid("pca:4,8:note"), tmp_path / "report", similarity_count=1)

    def stop(progress: Progress) -> None:
        if progress.message == "measuring pca-8-note-0":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(job, stop)
    text = rebuild_report(job.out).read_text(encoding="utf-8")
    assert "36 notes of 12 instruments" in text
    assert "PCA, note split: 8, 12, 16, 32, 64, 100" in text
    (job.out / "about.json").unlink()  # as an earlier version left it
    assert "The run did not end." in rebuild_report(job.out).read_text(encoding="utf-8")
    (job.out / "about.json").write_text("[" * 9)
    with pytest.raises(UserError, match="is not the description of a report"):
        rebuild_report(job.out)


def test_without_matplotlib_nothing_is_begun(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.evaluation.study.page.report.find_spec", lambda _: None)
    job = StudyJob(GridSettings(data, tmp_path / "models", spec=SPEC), parse_grid("pca:4:note"), tmp_path / "report")
    with pytest.raises(UserError, match="need matplotlib"):
        evaluate(job, lambda _: pytest.fail("work began"))
    assert list(tmp_path.iterdir()) == []


def test_seeds_of_networks_leave_the_split_alone(data: Path, tmp_path: Path) -> None:
    grid = GridSettings(data, tmp_path / "m", spec=SPEC, budget="quick", cache=tmp_path / "cache", split_seed=5)
    cells = parse_grid("dae,pca:4:note", seeds=(1, 2))
    assert {cell.seed for cell in cells} == {1, 2}
    page = evaluate(StudyJob(grid, cells, tmp_path / "report", similarity_count=1, seed=5))
    with (page.parent / "cells.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {(row["family"], row["seed"]) for row in rows} == {(f, s) for f in ("pca", "dae") for s in "12"}
    errors = {row["seed"]: row["rmse_pooled_db_active"] for row in rows if row["family"] == "pca"}
    assert errors["1"] == errors["2"]  # PCA has no seed of its own, so its test notes are the same
    assert {row["seeds"] for row in rows} == {"2"}
    assert all(row["ratio_sd_between_seeds"] for row in rows if row["family"] == "dae")
    assert "seeds)" in page.read_text(encoding="utf-8")


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a report of"):
        rebuild_report(tmp_path)
