"""Training settings given by name on the command line, in model cards and by earlier versions."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.support.errors import UserError
from synth_app.training.settings import FitSettings, list_changes, with_changes, with_defaults


def test_settings_of_every_type_are_parsed() -> None:
    changes = ("epochs=3", "beta=1e-4", "width=2", "retrain=true", "precision=bfloat16")
    assert with_changes(FitSettings(), changes) == FitSettings(
        epochs=3, beta=1e-4, width=2, retrain=True, precision="bfloat16"
    )


@seed(1)
@given(st.integers(0, 900), st.floats(0.0, 10.0), st.booleans(), st.sampled_from(("float32", "bfloat16")))
def test_listed_changes_restore_the_settings(epochs: int, beta: float, retrain: bool, precision: str) -> None:
    fit = FitSettings(epochs=epochs, beta=beta, retrain=retrain, precision=precision)
    assert with_changes(FitSettings(), list_changes(fit, FitSettings())) == fit


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("epoch=3", "no training setting in 'epoch=3'"),
        ("epochs", "whole number"),
        ("epochs=2.5", "whole number"),
        ("beta=much", "give a number"),
        ("retrain=1", "true or false"),
        ("epochs=-1", "0 or more"),
        ("precision=half", "one of"),
    ],
)
def test_invalid_changes_are_refused_with_a_reason(change: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        with_changes(FitSettings(), (change,))


def test_names_of_earlier_versions_are_accepted() -> None:
    expected = FitSettings(mixup=0.3, ensemble=2, retrain=True)
    assert with_changes(FitSettings(), ("mix=0.3", "members=2", "refit=true")) == expected
    assert with_defaults({"mix": 0.3, "members": 2, "refit": True, "split": "note"}) == {
        **vars(expected),
        "split": "note",
    }
    assert list_changes(expected, FitSettings()) == ("mixup=0.3", "ensemble=2", "retrain=true")
