"""The first sound: measures of liveliness on made signals, and the default pair of the shipped default model."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.benchmarks.first_sound import (
    MOST_DECAY_DB,
    MOST_SHARE,
    Liveliness,
    decay_db,
    morph_shares,
    movement_db,
    ranked,
)
from synth_app.decoder import load_model
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch.initial_patch import initial_patch
from synth_app.session import SessionStore


@pytest.fixture(scope="module")
def path() -> Path:
    return find_model(DEFAULT_MODEL)


def test_the_default_pair_morphs_evenly(path: Path) -> None:
    """No quarter of the fader carries more than 35 % of the way, on what the window opens with."""
    store, model = SessionStore(), load_model(path)
    store.load_model_data(model, path)
    assert store.patch.slot_a != store.patch.slot_b
    shares = morph_shares(model, store.patch)
    assert sum(shares) == pytest.approx(1.0)
    assert max(shares) <= MOST_SHARE


def test_an_uneven_pair_is_found(path: Path) -> None:
    model = load_model(path)
    pitch60 = [i for i, note in enumerate(model.bank) if note.pitch == 60]
    rng = np.random.default_rng(0)
    pairs = [rng.choice(pitch60, 2, replace=False) for _ in range(30)]
    most = [max(morph_shares(model, initial_patch(str(path), model.card, int(a), int(b)))) for a, b in pairs]
    assert max(most) > MOST_SHARE, "otherwise the limit would choose nothing"


def test_movement_leaves_the_level_out() -> None:
    time, bands = np.linspace(0.0, 1.0, 200)[:, None], np.arange(20)[None]
    fading = np.tile(-bands * 1.0, (200, 1)) - 20.0 * time
    assert movement_db(fading) == pytest.approx(0.0, abs=1e-9)
    swaying = -bands * (1.0 + 0.5 * np.sin(12.0 * np.pi * time))
    assert movement_db(swaying) > 1.5


@pytest.mark.parametrize(("fall", "expected"), [(12.0, 10.8), (0.0, 0.0), (-9.0, 0.0), (90.0, MOST_DECAY_DB)])
def test_decay_is_how_far_the_level_falls(fall: float, expected: float) -> None:
    levels = np.tile(np.zeros((1, 10)), (200, 1)) - fall * np.linspace(0.0, 1.0, 200)[:, None]
    assert decay_db(levels) == pytest.approx(expected, abs=0.1)


def test_the_liveliest_has_the_best_mean_rank() -> None:
    still, lively, mixed = (
        Liveliness(name, *figures)
        for name, figures in (("still", (1, 1, 1, 1)), ("lively", (3, 3, 3, 3)), ("mixed", (2, 2, 4, 2)))
    )
    assert [each.note for _, each in ranked([still, lively, mixed])] == ["lively", "mixed", "still"]
    assert ranked([lively])[0][0] == 1.0
