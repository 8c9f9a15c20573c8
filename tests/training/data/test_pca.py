"""Principal axes against numpy's SVD of all frames at once."""

import numpy as np
import pytest

from synth_app.support.errors import UserError
from synth_app.training.data.pca import principal_axes


def _frames(n: int = 3000, bins: int = 40) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    rng = np.random.default_rng(5)
    mixed = rng.standard_normal((n, 12)) * np.linspace(2, 0.2, 12) @ rng.standard_normal((12, bins))
    return (mixed + 0.02 * rng.standard_normal((n, bins)) + rng.uniform(-3, 3, bins)).astype(np.float32)


def test_axes_equal_those_of_the_svd_for_any_batches() -> None:
    x = _frames()
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    _, singular, vectors = np.linalg.svd(centred, full_matrices=False)
    for sizes in ([3000], [1, 10, 989, 2000]):
        found = principal_axes(np.split(x, np.cumsum(sizes)[:-1]))
        assert found.frames == 3000
        np.testing.assert_allclose(found.mean, x.mean(axis=0, dtype=np.float64), atol=1e-5)
        np.testing.assert_allclose(found.std[:12], singular[:12] / np.sqrt(3000), rtol=1e-4)
        np.testing.assert_allclose(np.abs((found.axes[:12] * vectors[:12]).sum(axis=1)), 1.0, atol=1e-5)
        np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(40), atol=1e-5)
        assert (np.take_along_axis(found.axes, np.abs(found.axes).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_latents_are_white_and_decode_to_the_best_rank_k_frames() -> None:
    x, k = _frames(), 5
    found = principal_axes([x])
    weight, bias = found.whitening(k)
    back, mean = found.unwhitening(k)
    z = x @ weight.T + bias
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=1e-3)
    np.testing.assert_allclose(z.T @ z / len(z), np.eye(k), atol=1e-3)
    centre = x.mean(axis=0, dtype=np.float64)
    u, s, v = np.linalg.svd(x - centre, full_matrices=False)
    best = (u[:, :k] * s[:k]) @ v[:k] + centre
    np.testing.assert_allclose(z @ back.T + mean, best, atol=2e-3)


def test_arrays_are_contiguous() -> None:
    found = principal_axes([_frames()])
    for array in (found.axes, *found.whitening(4), *found.unwhitening(4)):
        assert array.flags.c_contiguous  # safetensors would write others in memory order
        assert array.dtype == np.float32


def test_dimensions_without_variance_stay_finite() -> None:
    x = np.zeros((50, 6), np.float32)
    x[:, 0] = np.arange(50)
    weight, bias = principal_axes([x]).whitening(3)
    assert np.isfinite(weight).all()
    assert np.isfinite(bias).all()


def test_no_frames_are_refused() -> None:
    with pytest.raises(UserError, match="no active frames"):
        principal_axes([])
