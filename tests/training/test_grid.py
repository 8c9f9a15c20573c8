"""The grid: its cells, the content of a cell's file, and that no cell is trained twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.modelfile import load_model_file, read_card
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training import Progress, grid
from synth_app.training.grid import Budget, Cell, GridSettings, grid_cells, is_trained, train_cell, train_cells


@pytest.fixture
def grid_settings(data: Path, spec: FrameSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GridSettings:
    monkeypatch.setitem(grid.BUDGETS, "quick", Budget(epochs=3, frames_per_note=20, learning_rate=2e-3))
    return GridSettings(data, tmp_path / "grid", spec, "quick", cache=data.parent / "cache")


def test_cells_are_all_combinations_in_the_order_of_sizes() -> None:
    cells = grid_cells()
    assert [cell.latent_size for cell in cells] == sorted((c.latent_size for c in cells), key=grid.SIZE_ORDER.index)
    assert {cell.latent_size for cell in cells} == set(grid.SIZES) == {4, 8, 12, 16, 32, 64, 100}
    for family in grid.study_families():
        sizes = {cell.latent_size for cell in cells if cell.family == family}
        assert sizes == (set(grid.VARIANT_SIZES) if family in grid.variant_families() else set(grid.SIZES))
    assert {(cell.split, cell.seed) for cell in cells} == {("note", 0), ("instrument", 0)}
    assert len(set(cells)) == len(cells) == 2 * (8 * 7 + 3 * 3)
    assert len({cell.name for cell in cells}) == len(cells)


def test_every_fitted_family_gets_the_same_budget(grid_settings: GridSettings) -> None:
    from synth_app.training.families import families

    assert set(families()) > set(grid.study_families())
    assert "pitched-vae" not in grid.study_families(), "its latent vectors leave the pitch out"
    budgets = set()
    for cell in grid_cells(sizes=(16,)):
        fit = grid.cell_fit(cell, grid_settings)
        if cell.family == "pca":
            assert fit.epochs == 0
        else:
            budgets.add((fit.epochs, fit.frames_per_note, fit.patience, fit.batch_size))
            assert fit.learning_rate == (1.5e-3 if cell.family in grid.own_families() else 2e-3)
    assert budgets == {(3, 20, 30, 512)}
    assert grid.cell_fit(Cell("residual-vae", 16, "note"), replace(grid_settings, budget="long")).learning_rate == 1e-3
    assert grid.cell_fit(Cell("vae", 16, "note"), grid_settings).beta == 1e-5  # the family's own
    with pytest.raises(UserError, match="no training budget 'huge'; choose one of quick, study, long"):
        replace(grid_settings, budget="huge")


def test_cells_are_model_files_with_the_cell_in_the_card(grid_settings: GridSettings) -> None:
    cells = [Cell("pca", 3, "note"), Cell("dae", 3, "instrument"), Cell("dae", 3, "note", 1)]
    told: list[Progress] = []
    for (cell, path), asked in zip(train_cells(cells, grid_settings, report=told.append), cells, strict=True):
        assert cell == asked
        model = load_model_file(path)
        card, settings = model.card, model.card.training.settings
        assert model.bank
        assert not any(note.correction for note in model.bank)
        assert (card.family, card.latent_size, settings["split"], card.training.seed) == tuple(vars(cell).values())
        assert card.training.epochs == (0 if cell.family == "pca" else 3)
        assert settings["parameters"] == sum(tensor.size for tensor in model.tensors.values())
        linear, deep = 2 * 65 * 3 + 3 + 65, 2 * (65 * 128 + 128 * 3) + 128 + 3 + 128 + 65
        assert settings["parameters"] == (linear if cell.family == "pca" else deep)
        assert card.training.command == (
            f"synth-app grid sines --family {cell.family} --latent 3 --split {cell.split} --seed {cell.seed} "
            f"--spec {grid_settings.spec} --budget quick --out grid"
        )
        assert (card.training.seconds > 0) == (cell.family != "pca")
    assert any(progress.message.startswith("dae-3-instrument-0: loss") for progress in told)


def test_finished_cells_are_not_trained_again_but_others_are(grid_settings: GridSettings) -> None:
    cell = Cell("dae", 3, "note")
    path = train_cell(cell, grid_settings)
    first = path.stat().st_mtime_ns
    told: list[Progress] = []
    assert list(train_cells([cell], grid_settings, report=told.append)) == [(cell, path)]
    assert (path.stat().st_mtime_ns, told) == (first, [])
    assert not is_trained(cell, replace(grid_settings, budget="study"))
    assert not is_trained(cell, replace(grid_settings, spec=replace(grid_settings.spec, window="hamming")))
    assert not is_trained(replace(cell, seed=1), grid_settings)
    path.write_bytes(path.read_bytes()[:100])
    assert not is_trained(cell, grid_settings)
    train_cell(cell, grid_settings, told.append)  # from the checkpoint, without an epoch
    assert not [progress for progress in told if progress.stage == "fit"]
    assert read_card(path).training.epochs == 3


def test_a_stopped_cell_resumes_to_the_same_bits(
    grid_settings: GridSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cell = Cell("lstm-ae", 3, "note")
    whole = load_model_file(train_cell(cell, replace(grid_settings, out=tmp_path / "whole")))

    def die(progress: Progress) -> None:
        if progress.stage == "fit" and progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_cell(cell, grid_settings, die)
    assert not grid.cell_path(cell, grid_settings).exists()
    told: list[Progress] = []
    resumed = load_model_file(train_cell(cell, grid_settings, told.append))
    assert [progress.done for progress in told if progress.stage == "fit"] == [3]
    for name, tensor in whole.tensors.items():
        np.testing.assert_array_equal(resumed.tensors[name], tensor)
    for note, other in zip(resumed.bank, whole.bank, strict=True):
        np.testing.assert_array_equal(note.z, other.z)
