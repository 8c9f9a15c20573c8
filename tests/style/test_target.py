"""What a note should sound like: repeated styles, the part that changes, and the loudness curve."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style import Style
from synth_app.style.target import repeated, styled_part, with_loudness
from synth_app.support.errors import UserError
from synth_app.texture import loudness_difference_db

RATE = 93.75


def test_a_repeated_style_keeps_its_deviation_and_has_no_gap(rain_style: Style) -> None:
    source = rain_style.moving_db
    long = repeated(rain_style, 1000, RATE)
    assert long.shape == (1000, source.shape[1])
    np.testing.assert_array_equal(long[:50], source[:50])
    np.testing.assert_allclose(long.std(axis=0), source.std(axis=0), rtol=0.15)
    quiet = np.abs(long).mean(axis=1)
    assert np.convolve(quiet, np.full(9, 1 / 9), "valid").min() > 0.3 * quiet.mean()


def test_a_style_longer_than_the_content_is_cut(rain_style: Style) -> None:
    np.testing.assert_array_equal(repeated(rain_style, 40, RATE), rain_style.moving_db[:40])


def test_onset_and_release_stay(model: Model, content: UserNote) -> None:
    part = styled_part(model, content)
    assert part.start >= content.marks[0]
    assert part.stop == content.marks[3]
    assert (part.envelope[: part.start] == 0.0).all()
    assert (part.envelope[part.stop :] == 0.0).all()
    assert part.envelope[part.start + 20 : part.stop - 20].min() == 1.0
    assert np.abs(np.diff(part.envelope)).max() < 0.2


def test_a_short_content_is_refused(model: Model, content: UserNote) -> None:
    short = replace(content, marks=(5, 6, 12, 20))
    with pytest.raises(UserError, match="between onset and release"):
        styled_part(model, short)


def test_gains_restore_the_loudness_curve() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(300) / RATE
    wanted = np.exp(-1.5 * t)
    power = wanted * 10.0 ** (rng.normal(2.0, 4.0, 300) / 10.0) * (1.0 + 0.8 * np.sin(2.0 * np.pi * 0.7 * t))
    gain = np.full(300, -20.0)
    change = with_loudness(power, wanted, gain, RATE) - gain
    after = power * 10.0 ** (change / 10.0)
    assert loudness_difference_db(wanted, power, RATE) > 4.0
    assert loudness_difference_db(wanted, after, RATE) < 1.0
    assert np.abs(np.diff(change)).max() < 1.5  # slow: quick movement is texture
