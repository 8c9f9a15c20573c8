"""A model family from outside the package: one module and one registry line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from synth_app.modelfile import load_model_file, save_model_file
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training import FitSettings, TrainSettings, train_model
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families import FamilyEntry, family, family_entries, register_family
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.families.registry import unregister_family
from synth_app.training.grid import grid_cells, own_families, study_families

ENTRY = FamilyEntry("linear", f"{__name__}:LINEAR", "linear autoencoder", "own")


class LinearNet(FrameNet):
    """One linear layer each way."""

    def __init__(self, bins: int, latent_size: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(bins, latent_size))
        self.decoder = nn.Sequential(nn.Linear(latent_size, bins))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> LinearNet:
    del axes, fit
    return LinearNet(spec.bins, latent_size)


LINEAR = Family(
    name="linear",
    title="Linear autoencoder",
    description="A family for tests.",
    fit=lambda spec: FitSettings(epochs=1, batch_size=64, frames_per_note=20),
    build=_build,
)


@pytest.fixture
def registered() -> Iterator[None]:
    register_family(ENTRY)
    yield
    unregister_family("linear")


@pytest.mark.usefixtures("registered")
def test_a_family_from_outside_is_trained_exported_and_loaded(settings: TrainSettings, tmp_path: Path) -> None:
    model = train_model(replace(settings, family="linear"), "mine")
    save_model_file(tmp_path / "mine.safetensors", model)
    card = load_model_file(tmp_path / "mine.safetensors").card
    assert (card.family, card.title, card.training.epochs) == ("linear", "Linear autoencoder, 8 kHz", 1)
    assert len(model.bank) == 36


@pytest.mark.usefixtures("registered")
def test_a_family_from_outside_is_in_the_study() -> None:
    from synth_app.evaluation.study.statements.table import title

    assert family("linear") is LINEAR
    assert study_families()[-1] == own_families()[-1] == "linear"
    assert title("linear") == "linear autoencoder"
    assert {cell.latent_size for cell in grid_cells(["linear"])} == {4, 8, 12, 16, 32, 64, 100}


@pytest.mark.usefixtures("registered")
def test_a_name_is_registered_once() -> None:
    register_family(ENTRY)  # the same line again changes nothing
    with pytest.raises(UserError, match="'linear' is registered already"):
        register_family(replace(ENTRY, label="another"))


def test_every_line_names_its_family() -> None:
    for entry in family_entries():
        assert family(entry.name).name == entry.name
