"""What handles need of a model, fitted once: a thread that loads models does it before the window asks."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles.audibility import audible_changes_db
from synth_app.handles.scale import FEWEST_NOTES, HandleScale, fit_scale
from synth_app.handles.sound import SoundReader

_scales: WeakKeyDictionary[Model, HandleScale] = WeakKeyDictionary()
_changes_db: WeakKeyDictionary[Model, NDArray[np.float64]] = WeakKeyDictionary()


def prepare_handles(model: Model) -> None:
    """Fit what ``model_scale`` and ``model_changes_db`` return: 0.05 s, but half a second for a recurrent model."""
    if len(model.bank) >= FEWEST_NOTES:
        model_scale(model)
    model_changes_db(model)


def model_scale(model: Model) -> HandleScale:
    """Return ``fit_scale`` of a model; it is kept as long as the model. Raises as that."""
    if model not in _scales:
        _scales[model] = fit_scale(SoundReader(model))
    return _scales[model]


def model_changes_db(model: Model) -> NDArray[np.float64]:
    """Return ``audible_changes_db`` of a model; it is kept as long as the model."""
    if model not in _changes_db:
        _changes_db[model] = audible_changes_db(SoundReader(model))
    return _changes_db[model]
