"""The tilt EQ against SciPy's response of its closed form."""

import numpy as np
import pytest
import scipy.signal

from tests.effects.helpers import RATE, impulse, sine, through


@pytest.mark.parametrize(("tilt_db", "pivot_hz"), [(6.0, 1000.0), (-12.0, 300.0), (12.0, 8000.0), (3.0, 100.0)])
def test_response_equals_the_closed_form(tilt_db: float, pivot_hz: float) -> None:
    heard = through(impulse(0.5), eq_on=1, eq_tilt_db=tilt_db, eq_pivot_hz=pivot_hz)[:, 0]
    gain, w = 10.0 ** (tilt_db / 20), 2 * RATE * np.tan(np.pi * pivot_hz / RATE)  # warped: rad/s
    b, a = scipy.signal.bilinear([gain, w], [1.0, gain * w], fs=RATE)
    hz = np.geomspace(20, 23_000, 60)
    _, wanted = scipy.signal.freqz(b, a, worN=hz, fs=RATE)
    _, found = scipy.signal.freqz(heard.astype(np.float64), worN=hz, fs=RATE)
    assert np.abs(found - wanted).max() < 2e-6 * gain
    at_pivot = scipy.signal.freqz(heard.astype(np.float64), worN=[pivot_hz], fs=RATE)[1]
    assert abs(at_pivot[0]) == pytest.approx(1.0, abs=1e-4)


def test_zero_tilt_changes_no_bit() -> None:
    audio = sine(0.1, 440.0)
    assert np.array_equal(through(audio, eq_on=1, eq_tilt_db=0.0), audio)
    assert np.array_equal(through(audio, eq_on=0, eq_tilt_db=9.0), audio)
