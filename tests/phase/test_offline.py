"""Every offline method on a note with vibrato, decay and breath, and the differences between them."""

from itertools import pairwise

import numpy as np
import pytest

from synth_app.phase import METHODS, griffin_lim, istft, phase_tables, resynthesize, spectral_convergence_db, stft
from synth_app.phase.offline.heap import gradients_of, rtpghi
from synth_app.phase.tables import BLOCK_OCTAVES
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from tests.phase.oracles import heap_frame, wrapped
from tests.phase.sounds import NOTE

GRID = FrameSpec(16000, 512, 128)

# Spectral convergence in dB that each method reaches on the note, with 3 to 4 dB to spare
EXPECTED_DB = {
    "live": -34.0,
    "sweep": -34.0,
    "sweep_lookahead": -35.0,
    "studio": -41.5,
    "spsi": -29.0,
    "rtpghi": -35.0,
    "pghi": -36.0,
    "pghi_fgl": -45.0,
    "griffinlim": -19.0,
    "fast_griffinlim": -29.0,
}


MAGNITUDES = np.abs(stft(NOTE, GRID))


def test_every_method_is_tried() -> None:
    assert set(EXPECTED_DB) == set(METHODS)
    assert all(method.description for method in METHODS.values())


@pytest.mark.parametrize("method", sorted(METHODS))
def test_methods_reach_their_accuracy(method: str) -> None:
    y = resynthesize(MAGNITUDES, GRID, method, seed=1)
    assert y.dtype == np.float32
    assert len(y) == len(MAGNITUDES) * GRID.hop_length
    assert spectral_convergence_db(MAGNITUDES, y, GRID) < EXPECTED_DB[method]
    np.testing.assert_array_equal(resynthesize(MAGNITUDES, GRID, method, seed=1), y)


def test_random_phases_are_much_worse_and_original_ones_exact() -> None:
    turns = np.random.default_rng(2).random(MAGNITUDES.shape)
    y = resynthesize(MAGNITUDES, GRID, "original", phase_turns=turns)
    assert spectral_convergence_db(MAGNITUDES, y, GRID) > -8
    turns = np.angle(stft(NOTE, GRID)).astype(float) / (2 * np.pi)
    y = resynthesize(MAGNITUDES, GRID, "original", phase_turns=turns)
    np.testing.assert_allclose(y[:9400], NOTE[:9400], atol=1e-5)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_causal_methods_do_not_look_ahead(method: str) -> None:
    other = MAGNITUDES.copy()
    other[40:] = other[39]
    a, b = (METHODS[method].solve(s, GRID, 3)[:40] for s in (MAGNITUDES, other))
    assert np.array_equal(a, b) == METHODS[method].causal


def test_griffin_lim_lowers_the_distance_at_every_iteration() -> None:
    start = MAGNITUDES * np.exp(2j * np.pi * np.random.default_rng(1).random(MAGNITUDES.shape))
    reached = [
        spectral_convergence_db(
            MAGNITUDES, istft(griffin_lim(MAGNITUDES, start.astype(np.complex64), GRID, n, 0.0), GRID), GRID
        )
        for n in (0, 1, 2, 5, 15)
    ]
    assert all(later < earlier for earlier, later in pairwise(reached))
    fast = istft(griffin_lim(MAGNITUDES, start.astype(np.complex64), GRID, 15, 0.99), GRID)
    assert spectral_convergence_db(MAGNITUDES, fast, GRID) < reached[-1] - 1


def test_studio_separates_two_notes_better_than_live() -> None:
    t = np.arange(9600) / 16000
    chord = sum(np.cos(2 * np.pi * h * f * t + h * h) / h for f in (310, 367) for h in range(1, 20))
    s = np.abs(stft(np.asarray(chord, dtype=np.float32), GRID))
    live, studio = (spectral_convergence_db(s, resynthesize(s, GRID, name), GRID) for name in ("live", "studio"))
    assert studio < live - 7


def test_the_compiled_heap_equals_the_plain_one() -> None:
    kernel = phase_tables(GRID.window, GRID.n_fft, GRID.hop_length).kernel
    s = MAGNITUDES[:12]
    advance, slope = gradients_of(s, kernel)
    first = np.random.default_rng(0).random(s.shape[1])
    ours = rtpghi(s, advance, slope, first, 2.0**-BLOCK_OCTAVES)
    for m in range(1, 12):
        old, new = s[m - 1].astype(float), s[m].astype(float)
        threshold = max(old.max(), new.max()) * 2.0**-BLOCK_OCTAVES
        step = ours[m - 1] + (advance[m - 1] + advance[m]) / 2
        expected, _ = heap_frame(old, new, step, slope[m], threshold)
        np.testing.assert_allclose(wrapped(ours[m] - expected), 0.0, atol=1e-9)


def test_convergence_is_the_stated_ratio() -> None:
    assert spectral_convergence_db(MAGNITUDES, np.zeros_like(NOTE), GRID) == pytest.approx(0.0, abs=1e-6)
    assert spectral_convergence_db(MAGNITUDES, NOTE * np.float32(1.1), GRID) == pytest.approx(-20.0, abs=1e-3)


def test_no_frames_make_no_sound() -> None:
    assert resynthesize(np.zeros((0, 257), np.float32), GRID).shape == (0,)
    assert not resynthesize(np.zeros((5, 257), np.float32), GRID).any()


@pytest.mark.parametrize(
    ("magnitudes", "method", "part"),
    [
        (np.ones((3, 256)), "live", "257"),
        (np.full((3, 257), np.nan), "live", "finite"),
        (-np.ones((3, 257)), "live", "at least 0"),
        (np.ones((3, 257)), "magic", "magic"),
        (np.ones((3, 257)), "original", "phase_turns"),
    ],
)
def test_bad_requests_are_refused(magnitudes: np.ndarray, method: str, part: str) -> None:
    with pytest.raises(UserError, match=part):
        resynthesize(magnitudes, GRID, method)
