"""Correlations of latent dimensions with descriptors, against closed forms and a model with known dimensions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr

from synth_app.decoder import Model
from synth_app.evaluation.describe import MIN_R, axis_traits, describe_file, sound_descriptors
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.support.errors import UserError
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "one.safetensors")


def test_traits_are_pearsons_r_strongest_first() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 3))
    descriptors = {"rising": z[:, 0] + 0.3 * rng.normal(size=400), "falling": -2 * z[:, 1], "mixed": z[:, 0] + z[:, 1]}
    traits = axis_traits(z, {**descriptors, "still": np.ones(400)})
    assert [t.name for t in traits[0]] == ["rising", "mixed"]
    assert traits[0][0].r == pytest.approx(pearsonr(z[:, 0], descriptors["rising"])[0], abs=1e-3)
    assert (traits[1][0].name, traits[1][0].r) == ("falling", -1.0)
    assert traits[2] == ()
    assert all(abs(t.r) >= MIN_R for each in traits for t in each)


def test_descriptors_move_the_way_their_names_say(path: Path) -> None:
    """The fixture's families fall off by known slopes; its odd series lack even partials by known amounts."""
    model = Model(load_model_file(path))
    z, descriptors = sound_descriptors(model)
    assert z.shape[1] == 16
    assert all(values.shape == (len(z),) and np.isfinite(values).all() for values in descriptors.values())
    same = descriptors["register"] == 60
    frames = [note for note in model.bank if note.pitch == 60]
    count = same.sum() // len(frames)
    per_family = descriptors["brightness"][same].reshape(len(frames), count).mean(axis=1)
    assert (np.diff(per_family) < 0).all(), "each family of the fixture is duller than the one before"
    odd = descriptors["odd/even"][same].reshape(len(frames), count).mean(axis=1)
    assert odd[3] > odd[0] + 5, "9 dB less of the even partials"
    assert (descriptors["attack"][:count] == np.sort(descriptors["attack"][:count])[::-1]).all()


def test_a_described_file_loads_and_an_older_one_still_does(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(path.read_bytes())
    assert load_model_file(copy).card.axis_traits == ()
    said: list[str] = []
    describe_file(copy, with_map=False, report=said.append)
    again = load_model_file(copy)
    assert len(again.card.axis_traits) == 16
    assert any(traits for traits in again.card.axis_traits)
    assert said
    places = np.random.default_rng(0).normal(size=(len(again.bank), 2)).astype(np.float32)
    save_model_file(copy, replace(again, map_positions=places))
    stored = load_model_file(copy).map_positions
    assert stored is not None
    np.testing.assert_array_equal(stored, places)
    for wrong in (places[1:], np.full_like(places, np.nan)):
        with pytest.raises(UserError, match="map does not match"):
            save_model_file(copy, replace(again, map_positions=wrong))


def test_a_model_without_notes_is_refused(path: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.safetensors"
    save_model_file(empty, replace(load_model_file(path), bank=()))
    with pytest.raises(UserError, match="no note bank"):
        describe_file(empty, with_map=False)
