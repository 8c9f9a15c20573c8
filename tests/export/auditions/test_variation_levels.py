"""Variations become as loud as their parent in the engine, through drive too; what cannot is told apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.export.auditions.variation_levels import level_variations, render_held
from synth_app.export.render import render_audio
from synth_app.export.request import RenderRequest
from synth_app.export.sounds.perform import perform
from synth_app.export.sounds.tasks import Bred, BreedPatch, SoundAnswer
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import Patch
from synth_app.patch.initial_patch import initial_params
from synth_app.session.breeding.breed import VARIATIONS, BreedRequest


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(find_model(DEFAULT_MODEL))


@pytest.fixture(scope="module")
def patch(model: Model) -> Patch:
    """A patch whose output does not follow a gain."""
    c4 = [i for i, note in enumerate(model.bank) if note.pitch == 60]
    slot, latent, params = c4[len(c4) // 4], model.card.latent_size, initial_params(model.card)
    driven = Patch(str(find_model(DEFAULT_MODEL)), slot, slot, (0.0,) * latent, params, offset_db=6.0)
    return driven.with_param("drive_on", 1.0).with_param("drive_gain_db", 24.0)


def loudness(patch: Patch, model: Model) -> float:
    return integrated_loudness(render_held(patch, 60, model.file))


def test_drive_is_levelled_by_rounds_and_what_is_too_quiet_is_refused(patch: Patch, model: Model) -> None:
    softer = replace(patch, offset_db=-6.0)
    muffled = patch.with_param("filter_on", 1.0).with_param("filter_cutoff_hz", 20.0).with_param("drive_on", 0.0)
    wanted = loudness(patch, model)
    first = wanted - loudness(softer, model)
    assert 1.0 < first < 11.0, "drive answers a gain of 12 dB with less"
    found, refused = level_variations(patch, (softer, muffled), 60, model)
    assert found is not None
    assert loudness(found, model) == pytest.approx(wanted, abs=0.5)
    assert found == replace(softer, offset_db=found.offset_db)
    assert refused is None


def test_a_silent_parent_leaves_variations_as_they_are(patch: Patch, model: Model) -> None:
    silent = patch.with_param("gain_db", -96.0).with_param("drive_on", 0.0)
    softer = replace(silent, offset_db=-6.0)
    assert level_variations(silent, (softer,), 60, model) == [softer]


def test_a_note_is_played_as_an_export_plays_it(patch: Patch, model: Model) -> None:
    request = RenderRequest(patch, Path(), 60, 100, 1.8, 0.2, ring_out=False)
    assert np.array_equal(render_held(patch, 60, model.file), render_audio(request))


def test_the_worker_breeds_variations_as_loud_as_their_parent(patch: Patch, model: Model, tmp_path: Path) -> None:
    answers = list[SoundAnswer]()
    perform(BreedPatch(7, BreedRequest(patch, 0.4, 3)), tmp_path, answers.append)
    (bred,) = answers
    assert isinstance(bred, Bred)
    assert (bred.number, len(bred.variations)) == (7, VARIATIONS)
    wanted = loudness(patch, model)
    assert [loudness(each.patch, model) for each in bred.variations] == pytest.approx([wanted] * VARIATIONS, abs=0.5)
