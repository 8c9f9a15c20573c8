"""Training settings told by name on the command line."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.support.errors import UserError
from synth_app.training.settings import FitSettings, changed_fit, fit_changes


def test_every_kind_of_setting_is_read() -> None:
    changes = ("epochs=3", "beta=1e-4", "width=2", "refit=true", "precision=bfloat16")
    assert changed_fit(FitSettings(), changes) == FitSettings(
        epochs=3, beta=1e-4, width=2, refit=True, precision="bfloat16"
    )


@seed(1)
@given(st.integers(0, 900), st.floats(0.0, 10.0), st.booleans(), st.sampled_from(("float32", "bfloat16")))
def test_what_is_written_into_a_card_makes_the_same_settings(epochs: int, beta: float, refit: bool, kind: str) -> None:
    fit = FitSettings(epochs=epochs, beta=beta, refit=refit, precision=kind)
    assert changed_fit(FitSettings(), fit_changes(fit, FitSettings())) == fit


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("epoch=3", "no training setting in 'epoch=3'"),
        ("epochs", "whole number"),
        ("epochs=2.5", "whole number"),
        ("beta=much", "give a number"),
        ("refit=1", "true or false"),
        ("epochs=-1", "0 or more"),
        ("precision=half", "one of"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(change: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        changed_fit(FitSettings(), (change,))
