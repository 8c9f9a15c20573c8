"""Curves of the handles: between and at their nodes they reach what is asked, without jumps."""

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.handles import HandleSound, SoundReader, fit_scale, solve_curves
from synth_app.handles.descriptors import LOUDNESS
from synth_app.modelfile import find_model, note_center
from synth_app.params import SPECTRAL_HANDLES
from synth_app.patch.handle_curves import NODES, NODES_PER_SIDE


@pytest.fixture(scope="module", params=["pca-16k", "pitched-vae-48k"])
def model(request: pytest.FixtureRequest) -> Model:
    return load_model(find_model(request.param))


def sound_of(model: Model, index: int) -> HandleSound:
    note = model.bank[index]
    return HandleSound(note_center(note)[0].astype(np.float64), float(note.pitch))


def test_a_curve_reaches_what_is_asked_between_its_nodes(model: Model) -> None:
    reader = SoundReader(model)
    scale = fit_scale(reader)
    nodes = np.arange(-NODES_PER_SIDE, NODES_PER_SIDE + 1)
    steps = np.array([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
    missed, side, loudness = [], [], []
    for index in range(3, len(model.bank), len(model.bank) // 6):
        sound = sound_of(model, index)
        curves = solve_curves(reader, scale, sound, frozenset(range(len(SPECTRAL_HANDLES)))).array()
        before = reader.values(sound.z[None], sound)[0]
        for handle, curve in enumerate(curves):
            added = np.stack([[np.interp(at, nodes, column) for column in curve.T] for at in steps])
            change = (reader.values(sound.z + added[:, :-1], sound) - before) / scale.step
            missed.append(np.abs(change[:, handle] - steps))
            side.append(np.abs(np.delete(change[:, :LOUDNESS], handle, axis=1)))
            loudness.append(np.abs(change[:, LOUDNESS] + added[:, -1]))
    assert np.percentile(missed, 90) < 0.25
    assert np.median(side) < 0.1
    assert np.percentile(loudness, 90) < 1.0


def test_only_the_wanted_handles_have_curves_and_they_do_not_jump(model: Model) -> None:
    reader = SoundReader(model)
    curves = solve_curves(reader, fit_scale(reader), sound_of(model, 11), frozenset({1, 4})).array()
    assert not curves[[0, 2, 3, 5]].any()
    assert not curves[:, NODES_PER_SIDE].any()
    strides = np.linalg.norm(np.diff(curves[[1, 4], :, :-1] / reader.z_scale, axis=1), axis=2)
    assert strides.shape == (2, NODES - 1)
    assert strides.max() < 4.0 * np.median(strides)
