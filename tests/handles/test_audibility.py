"""Audibility of latent dimensions: a dimension that does nothing is quiet."""

from dataclasses import replace

import numpy as np

from synth_app.decoder import Model, load_model
from synth_app.handles import QUIET_DB, SoundReader, audible_changes_db
from synth_app.modelfile import Linear, find_model


def test_a_dimension_without_effect_is_silent_and_a_weak_one_is_quiet() -> None:
    file = load_model(find_model("pca-16k")).file
    (layer,) = file.card.decoder
    assert isinstance(layer, Linear)
    weights = file.tensors[layer.weight].copy()  # [bins, latent]
    before = audible_changes_db(SoundReader(Model(file)))
    weights[:, 3] = 0.0
    weights[:, 5] *= 0.1
    after = audible_changes_db(SoundReader(Model(replace(file, tensors={**file.tensors, layer.weight: weights}))))
    assert (before > QUIET_DB).all()
    assert after[3] == 0.0
    assert 0.0 < after[5] < 0.2 * before[5]
    others = np.delete(np.arange(len(before)), (3, 5))
    assert np.corrcoef(before[others], after[others])[0, 1] > 0.8


def test_every_dimension_of_the_default_model_is_heard() -> None:
    changes_db = audible_changes_db(SoundReader(load_model(find_model("pitched-vae-48k"))))
    assert (changes_db >= QUIET_DB).all()
    assert changes_db.max() > 4.0


def test_without_a_bank_nothing_is_known() -> None:
    file = load_model(find_model("pca-16k")).file
    assert not audible_changes_db(SoundReader(Model(replace(file, bank=())))).any()
