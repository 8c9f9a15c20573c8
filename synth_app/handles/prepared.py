"""What handles need of a model, fitted once: a thread that loads models does it before the window asks."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles.audibility import audible_changes_db
from synth_app.handles.path import PathReader
from synth_app.handles.scale import FEWEST_NOTES, HandleScale, PathScale, fit_path_scale, fit_scale
from synth_app.handles.sound import SoundReader

_scales: WeakKeyDictionary[Model, HandleScale] = WeakKeyDictionary()
_path_scales: WeakKeyDictionary[Model, PathScale] = WeakKeyDictionary()
_changes_db: WeakKeyDictionary[Model, NDArray[np.float64]] = WeakKeyDictionary()


def prepare_handles(model: Model) -> None:
    """Fit what the functions below return: 0.15 s, but a second for a recurrent model."""
    if len(model.bank) >= FEWEST_NOTES:
        model_scale(model)
        model_path_scale(model)
    model_changes_db(model)


def model_scale(model: Model) -> HandleScale:
    """Return ``fit_scale`` of a model; it is kept as long as the model. Raises as that."""
    if model not in _scales:
        _scales[model] = fit_scale(SoundReader(model))
    return _scales[model]


def model_path_scale(model: Model) -> PathScale:
    """Return ``fit_path_scale`` of a model with at least ``FEWEST_NOTES`` notes; it is kept as long as the model."""
    if model not in _path_scales:
        reader = PathReader(SoundReader(model))
        _path_scales[model] = fit_path_scale(reader, model.bank, recurrent=model.recurrent)
    return _path_scales[model]


def model_changes_db(model: Model) -> NDArray[np.float64]:
    """Return ``audible_changes_db`` of a model; it is kept as long as the model."""
    if model not in _changes_db:
        _changes_db[model] = audible_changes_db(SoundReader(model))
    return _changes_db[model]
