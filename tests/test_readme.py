"""The README's Python example runs as printed, on the shipped model, and means what it says."""

import contextlib
import io
import re
from pathlib import Path

from synth_app.modelfile import list_models
from synth_app.modelfile.catalog import DEFAULT_MODEL, model_folders

ROOT = Path(__file__).parents[1]


def test_python_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].strip().splitlines()) <= 10
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(blocks[0], "README.md", "exec"), {})
    name, *_, error_db = printed.getvalue().split()
    assert name == DEFAULT_MODEL
    assert float(error_db) < 12.0  # a bare sine is far from any trained note


def test_shipped_models_are_whole_and_small() -> None:
    shelf = model_folders()[-1]
    shipped = {entry.path.stem: entry.card for entry in list_models() if entry.path.parent == shelf}
    assert {"pca-16k", "dae-16k", "vae-16k", DEFAULT_MODEL} <= set(shipped)
    assert sum(path.stat().st_size for path in shelf.iterdir()) < 40e6
    for card in shipped.values():
        assert card is not None
        assert {score.split for score in card.scores} == {"note", "instrument"}
        assert "Frank Wen" in card.data.notice
        assert card.training.command.startswith("synth-app train ")
    default = shipped[DEFAULT_MODEL]
    assert default is not None
    ratio = {score.split: score.rmse_pooled_db / score.pca_pooled_db for score in default.scores}
    assert ratio["note"] <= 0.72
    assert ratio["instrument"] <= 0.80
