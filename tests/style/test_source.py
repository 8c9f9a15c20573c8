"""Styles of sounds and of notes, and what is refused."""

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style import Style, path_step, style_of_note, style_of_sound
from synth_app.support.errors import UserError


def test_a_style_does_not_depend_on_level_or_rate(model: Model, rain_style: Style) -> None:
    from synth_app.texture import synthesize_texture

    rain = synthesize_texture("rain", 3.0, 48_000, 1)
    quieter = style_of_sound(model, "rain", 0.1 * rain, 48_000)
    np.testing.assert_allclose(quieter.moving_db, rain_style.moving_db, atol=0.01)
    np.testing.assert_array_equal(quieter.audible, rain_style.audible)


def test_the_style_of_a_note_leaves_out_onset_and_release(model: Model, content: UserNote) -> None:
    style = style_of_note(model, content)
    assert style.name == content.name
    start = max(content.marks[0], round(0.15 / model.spec.hop_seconds))
    assert len(style.moving_db) == content.marks[3] - start
    assert style.statistics.deviation_db[style.audible > 0].max() < 4.0  # a steady trombone


def test_what_has_no_texture_is_refused(model: Model) -> None:
    with pytest.raises(UserError, match=r"needs 0\.5 s"):
        style_of_sound(model, "click", np.ones(4800), 48_000)
    with pytest.raises(UserError, match="silent"):
        style_of_sound(model, "nothing", np.zeros(48_000), 48_000)
    with pytest.raises(UserError, match="NaN"):
        style_of_sound(model, "broken", np.full(48_000, np.nan), 48_000)


def test_a_step_is_measured_in_standard_deviations() -> None:
    z = np.cumsum(np.tile([[0.3, 0.8]], (10, 1)), axis=0)
    assert path_step(z, np.array([1.0, 2.0])) == pytest.approx(0.5)
