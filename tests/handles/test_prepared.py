"""What handles need of a model is fitted once, and by the thread that loads it."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import load_model
from synth_app.handles import SoundReader, audible_changes_db, model_changes_db, model_scale, prepare_handles, prepared
from synth_app.modelfile import find_model
from synth_app.ui.settings import model_loader


def test_a_model_is_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(find_model("pca-16k"))
    prepare_handles(model)
    scale = model_scale(model)
    np.testing.assert_array_equal(model_changes_db(model), audible_changes_db(SoundReader(model)))
    monkeypatch.setattr(prepared, "fit_scale", lambda _: pytest.fail("fitted again"))
    assert model_scale(model) is scale


def test_a_loaded_model_is_prepared() -> None:
    loaded = model_loader._prepared(Path(find_model("pca-16k")))
    assert loaded in prepared._scales
    assert loaded in prepared._changes_db


def test_a_model_is_forgotten_with_its_last_user() -> None:
    before = len(prepared._scales)
    model = load_model(find_model("pca-16k"))
    prepare_handles(model)
    del model
    assert len(prepared._scales) == before
