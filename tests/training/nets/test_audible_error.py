"""The audible error: closed forms, what each term hears and ignores, and gradients."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synth_app.modelfile import KeyRange
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.support.compiling.librosa_import import librosa
from synth_app.support.errors import UserError
from synth_app.training.nets.audible_error import AudibleError
from synth_app.training.objective import WEIGHTS, objective_terms
from synth_app.training.settings import FitSettings

KEYS = KeyRange(lowest=21, highest=108)
KEY = 60 - KEYS.lowest
SPACING = 440.0 * 2.0 ** (-9 / 12) * FULL_BAND_SPEC.n_fft / FULL_BAND_SPEC.sample_rate  # bins between partials of C4


def _frame(partial_db: float = 0.0, between_db: float = -90.0) -> NDArray[np.float64]:
    """A frame in dB: partials of C4 falling by 1 dB each, the maximum at 0 dB, over an even floor."""
    frame = np.full(FULL_BAND_SPEC.bins, between_db)
    for h in range(1, 40):
        frame[round(h * SPACING)] = max(-float(h - 1) + (partial_db if h > 1 else 0.0), between_db)
    return frame


def _error(term: str, decoded_db: NDArray[np.float64], wanted_db: NDArray[np.float64]) -> float:
    """The error in dB (root of the mean square)."""
    net = AudibleError(FULL_BAND_SPEC, KEYS, (term,))
    unit = [torch.from_numpy(1.0 + db / 50.0).float()[None] for db in (decoded_db, wanted_db)]
    value = float(net(unit[0], unit[1], torch.tensor([float(KEY)])))
    return 50.0 * (value / (1.0 if term == "squared" else WEIGHTS[term])) ** 0.5


@pytest.mark.parametrize("term", WEIGHTS)
def test_a_frame_has_no_error_beside_itself(term: str) -> None:
    assert _error(term, _frame(), _frame()) == 0.0


@pytest.mark.parametrize("term", WEIGHTS)
def test_a_level_offset_of_3_db_is_an_error_of_3_db(term: str) -> None:
    flat = np.full(FULL_BAND_SPEC.bins, -20.0)
    assert _error(term, flat - 3.0, flat) == pytest.approx(3.0, abs=1e-3)


@pytest.mark.parametrize("term", ["mel", "bins", "partials"])
def test_what_lies_far_below_the_partials_is_not_heard(term: str) -> None:
    """From -90 to -80 dB: the squared error has nearly 10 dB, the others next to nothing."""
    assert _error("squared", _frame(between_db=-80.0), _frame()) > 9.0
    assert _error(term, _frame(between_db=-80.0), _frame()) < 0.3


def test_the_partials_term_hears_partials_that_are_too_soft() -> None:
    """39 partials, 30 or so within range: all but the first 6 dB too soft."""
    error = _error("partials", _frame(partial_db=-6.0), _frame())
    assert error == pytest.approx(6.0, abs=0.1)
    assert _error("squared", _frame(partial_db=-6.0), _frame()) < 1.5, "39 of 1025 bins"


def test_the_partials_term_accepts_a_partial_within_a_quarter_of_the_spacing() -> None:
    moved = np.roll(_frame(), 2)  # bins; the spacing is 11
    assert _error("partials", moved, _frame()) < 0.2
    assert _error("bins", moved, _frame()) > 20.0


def test_the_mel_term_is_the_distance_of_librosas_mel_bands() -> None:
    rng = np.random.default_rng(0)
    wanted = -60.0 * rng.random(FULL_BAND_SPEC.bins)
    wanted -= wanted.max()
    decoded = wanted + rng.normal(size=len(wanted)) * 4.0
    mel = librosa.filters.mel(sr=48_000, n_fft=2048, n_mels=64, fmin=30.0, norm=None)
    levels = [10.0 * np.log10(mel[mel.any(axis=1)] @ 10.0 ** (each / 10.0)) for each in (decoded, wanted)]
    floor = levels[1].max() - 60.0
    oracle = np.sqrt(np.mean((np.maximum(levels[0], floor) - np.maximum(levels[1], floor)) ** 2))
    assert _error("mel", decoded, wanted) == pytest.approx(oracle, rel=1e-3)


@pytest.mark.parametrize("key", [KEYS.lowest, KEYS.highest])
@pytest.mark.parametrize("loud", [-10.0, 100.0])
def test_gradients_are_finite_at_both_ends_of_the_keyboard(key: int, loud: float) -> None:
    """Also for a net that decodes levels far above full scale, and for a silent wanted frame."""
    net = AudibleError(FULL_BAND_SPEC, KEYS, objective_terms("audible"))
    for wanted in (torch.full((2, FULL_BAND_SPEC.bins), -1.0), torch.rand(2, FULL_BAND_SPEC.bins)):
        y = torch.full((2, FULL_BAND_SPEC.bins), loud, requires_grad=True)
        net(y, wanted, torch.full((2,), float(key - KEYS.lowest))).backward()
        assert y.grad is not None
        assert bool(torch.isfinite(y.grad).all())


def test_objectives_are_terms_joined_by_plus() -> None:
    assert objective_terms("audible") == tuple(WEIGHTS)
    assert objective_terms("squared+mel") == ("squared", "mel")
    for wrong in ("", "mel+mel", "loud", "squared+"):
        with pytest.raises(UserError, match="terms joined by"):
            FitSettings(objective=wrong)
