"""How long a training takes: the choices, what an epoch is, and the time that is measured."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synth_app.session.trainings import lengths as module
from synth_app.session.trainings.lengths import (
    FINE_TUNING_LENGTHS,
    NEW_MODEL_LENGTHS,
    job_settings,
    lengths,
    measure_epoch_s,
    with_length,
)
from synth_app.session.trainings.plan import FineTuning, NewModel
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.training.families.registry import family, offered_families
from synth_app.training.fit import speed
from synth_app.training.fit.loop import update_weights
from synth_app.training.settings import TrainSettings

pytestmark = pytest.mark.timeout(300)  # torch is imported


def test_lengths_grow_and_pca_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (FINE_TUNING_LENGTHS, NEW_MODEL_LENGTHS):
        epochs = [each.epochs for each in found]
        assert epochs == sorted(set(epochs))
    assert lengths(FineTuning(Path("x"))) == FINE_TUNING_LENGTHS
    assert lengths(NewModel("vae")) == NEW_MODEL_LENGTHS
    assert lengths(NewModel("pca")) == ()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert lengths(NewModel("vae")) == ()


@pytest.mark.parametrize("notes", [5, 100, 4900])
def test_an_epoch_has_as_many_frames_whatever_the_number_of_notes(base: Path, notes: int) -> None:
    for beginning in (FineTuning(base), NewModel("residual-vae")):
        fit = with_length(job_settings(beginning, Path("data")), notes, 7).fit
        assert fit is not None
        assert (fit.epochs, fit.patience, fit.retrain) == (7, 7, False)
        assert 2000 < fit.frames_per_note * notes < 6000


def test_what_the_window_offers_has_the_names_of_its_families() -> None:
    offered = offered_families()
    assert {"pca", "vae", "residual-vae", "pitched-vae", "lstm-ae"} <= {each.name for each in offered}
    assert [each.title for each in offered] == [family(each.name).title for each in offered]
    assert all(each.summary.endswith(".") for each in offered)


@pytest.mark.parametrize("name", ["ae", "lstm-ae", "residual-vae", "pitched-vae"])
def test_the_time_of_a_step_is_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step takes two seconds of a clock that only steps move; a step has one batch of frames."""
    now_s = [0.0]

    def slow_update(*arguments: Any) -> None:
        update_weights(*arguments)
        now_s[0] += 2.0

    monkeypatch.setattr(speed, "update_weights", slow_update)
    monkeypatch.setattr("synth_app.training.fit.speed.time.perf_counter", lambda: now_s[0])
    fit = replace(family(name).fit(FULL_BAND_SPEC), batch_size=40)
    settings = TrainSettings(Path(), name, FULL_BAND_SPEC, 4, fit=fit, threads=1)
    assert speed.seconds_per_frame(settings) == pytest.approx(2.0 / 40)


def test_the_time_of_an_epoch_follows_from_its_frames(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "seconds_per_frame", lambda settings: 0.01 / settings.threads)
    assert measure_epoch_s(FineTuning(base), 100, 2) == pytest.approx(4000 * 0.01 / 2)
