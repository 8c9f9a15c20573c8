"""Ordered eigenvectors with fixed signs."""

import numpy as np

from synth_app.support.eigenvectors import sorted_eigenvectors, with_positive_largest


def test_eigenvectors_are_sorted_rows_that_diagonalize_the_matrix() -> None:
    a = np.random.default_rng(0).standard_normal((20, 5))
    covariance = a.T @ a
    values, rows = sorted_eigenvectors(covariance)
    assert (np.diff(values) <= 0).all()
    np.testing.assert_allclose(rows @ covariance @ rows.T, np.diag(values), atol=1e-10)


def test_the_largest_entry_of_each_row_becomes_positive() -> None:
    rows = np.array([[0.6, -0.8], [-0.1, 0.05], [0.0, 2.0]])
    np.testing.assert_array_equal(with_positive_largest(rows), [[-0.6, 0.8], [0.1, -0.05], [0.0, 2.0]])
