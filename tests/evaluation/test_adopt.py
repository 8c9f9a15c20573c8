"""Grid cells as models to play: the weights of one cell, the scores of two."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation import score_model
from synth_app.evaluation.adopt import adopt_cells
from synth_app.modelfile import load_model_file
from synth_app.support.errors import UserError
from synth_app.training import TrainSettings, grid
from synth_app.training.data.split_and_pca import make_split
from synth_app.training.grid import Budget, Cell, GridSettings, cell_path, train_cells


@pytest.fixture
def trained(settings: TrainSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GridSettings:
    monkeypatch.setitem(grid.BUDGETS, "quick", Budget(epochs=2, frames_per_note=20, learning_rate=2e-3))
    made = GridSettings(settings.data, tmp_path / "grid", settings.spec, "quick", cache=settings.cache)
    list(train_cells([Cell("ae", 4, split) for split in ("note", "instrument")], made))
    return made


def test_a_cell_gets_a_name_and_the_scores_of_both_splits(trained: GridSettings, tmp_path: Path) -> None:
    out = tmp_path / "models"
    out.mkdir()
    (path,) = adopt_cells(trained, ["ae"], 4, out)
    assert path.name == "ae-8k.safetensors"
    model = load_model_file(path)
    assert model.card.name == "ae-8k"
    notes = read_notes(trained.data)
    for split, score in zip(("note", "instrument"), model.card.scores, strict=True):
        cell = load_model_file(cell_path(Cell("ae", 4, split), trained))
        held_out = set(make_split(notes, split, 0).test)
        found = score_model(cell, trained.data, [note for note in notes if note.note_str in held_out])
        assert (score.split, score.notes) == (split, len(held_out))
        assert score.rmse_pooled_db == pytest.approx(found.pooled_db, abs=0.01)
        if split == "note":
            for name, tensor in cell.tensors.items():
                np.testing.assert_array_equal(model.tensors[name], tensor)
            assert len(model.bank) == len(cell.bank)


def test_a_missing_cell_is_named_and_nothing_is_written(trained: GridSettings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lacks ae-8-note-0 and ae-8-instrument-0"):
        adopt_cells(trained, ["ae"], 8, tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))
