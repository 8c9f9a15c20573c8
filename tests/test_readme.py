"""The README's Python example runs as printed, on the shipped model, and means what it says."""

import contextlib
import io
import re
from pathlib import Path

from synth_app.modelfile import list_models
from synth_app.modelfile.catalog import DEFAULT_MODEL, model_folders

STUDY = ("pca-16k", "ae-16k", "dae-16k", "lstm-ae-16k", "vae-16k")
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
    assert set(shipped) == {*STUDY, "residual-vae-16k", "residual-vae-48k", DEFAULT_MODEL}
    assert sum(path.stat().st_size for path in shelf.iterdir()) < 40e6
    for card in shipped.values():
        assert card is not None
        both = (
            card.name != DEFAULT_MODEL
        )  # its net of the instrument split learned from fewer synthetic notes: docs/benchmarks.md
        assert {score.split for score in card.scores} == ({"note", "instrument"} if both else {"note"})
        assert "Frank Wen" in card.data.notice
        assert card.training.command.startswith(("synth-app train ", "synth-app grid "))
    ratios = {
        (name, score.split): score.rmse_pooled_db / score.pca_pooled_db
        for name, card in shipped.items()
        if card is not None
        for score in card.scores
    }
    assert ratios["residual-vae-48k", "note"] <= 0.72
    assert ratios["residual-vae-48k", "instrument"] <= 0.80
    assert ratios[DEFAULT_MODEL, "note"] <= 0.75  # it is told the pitch, so that any key plays its code
    assert ratios["residual-vae-16k", "instrument"] < min(ratios[name, "instrument"] for name in STUDY)


def test_the_studys_models_can_be_compared() -> None:
    """Same frames, same size, same data and, but for PCA, which has none, the same budget."""
    cards = [entry.card for entry in list_models() if entry.path.stem in (*STUDY, "residual-vae-16k")]
    told = {(card.frame_spec, card.latent_size, card.data.name) for card in cards if card is not None}
    assert len(told) == 1
    assert len({card.training.epochs for card in cards if card is not None and card.family != "pca"}) == 1
