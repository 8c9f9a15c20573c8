"""The engine's parts against closed forms: exponentials, the envelope, the grids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.engine.control.controls import Controls
from synth_app.engine.spectral.frame_layout import LANES, frame_layout
from synth_app.engine.spectral.frame_synthesis import db_to_amplitude, unit_to_db
from synth_app.engine.voices.latent_path import HELD, RELEASED, envelope, new_voices
from synth_app.params import param_index
from synth_app.patch.patch import ENGINE_RATE, Patch
from synth_app.patch.quality import QUALITIES, Quality
from synth_app.spectrum import db_frames, window
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, harmonic_tone


@settings(derandomize=True)
@given(st.lists(st.floats(-3, 3, width=32) | st.just(float("nan")), min_size=2, max_size=30))
def test_decoded_frames_have_their_maximum_at_0_db(values: list[float]) -> None:
    unit, out = np.array(values, np.float32), np.zeros(len(values), np.float32)
    unit_to_db(unit, -100.0, out)
    clean = np.where(np.isnan(unit), -1.0, np.maximum(unit, -1.0))
    raised = np.clip(50.0 * (1.0 - clean.max()), -40.0, 40.0)
    np.testing.assert_allclose(out, np.maximum(50.0 * (clean - 1.0) + raised, -200.0), atol=1e-3)
    assert clean.max() < 0.2 or clean.max() > 1.8 or abs(out.max()) < 1e-3


def test_db_to_amplitude_against_numpy() -> None:
    level = np.linspace(-150, 15, 3001).astype(np.float32)
    out = np.zeros_like(level)
    db_to_amplitude(level, 3.0, out)
    expected = 10.0 ** ((level.astype(np.float64) + 3.0) / 20.0)
    assert np.abs(20 * np.log10(out / expected)).max() < 1e-4


def test_envelope_times_and_levels() -> None:
    """Linear attack, 99 % of the decay in its time, 60 dB of release in its time."""
    voices = new_voices(1, 1)
    voices.stage[0], voices.start[0] = HELD, 1000
    voices.attack_s[0], voices.decay_s[0], voices.release_s[0] = 0.1, 0.5, 0.25

    def at(seconds: float) -> float:
        return float(envelope(voices, 0, 1000 + round(seconds * ENGINE_RATE), 0.4, float(ENGINE_RATE)))

    assert at(0.0) == 0.0
    assert at(0.05) == pytest.approx(0.5, rel=1e-3)
    assert at(0.1) == pytest.approx(1.0, rel=1e-3)
    assert at(0.6) == pytest.approx(0.4 + 0.6 * 0.01, rel=1e-3)
    voices.stage[0], voices.released[0], voices.amp_off[0] = RELEASED, 1000, 0.8
    assert at(0.0) == pytest.approx(0.8)
    assert at(0.25) == pytest.approx(0.8e-3, rel=1e-3)


@pytest.mark.parametrize("rate", SPECS)
@pytest.mark.parametrize("quality", QUALITIES, ids=lambda q: q.name)
def test_grid_weights_and_sizes(rate: int, quality: Quality) -> None:
    """A lane's weights never become small between frames; the taper gives a unit sine unit amplitude."""
    spec = SPECS[rate]
    layout = frame_layout(spec, quality)
    hop = 2 * layout.hop  # the farthest apart that frames ever are
    total = layout.weight.reshape(-1, hop).sum(axis=0)
    assert total.min() > 0.5 * total.max()
    wave = window(spec.window, layout.n_fft)[
        layout.skip : layout.skip + layout.length
    ]  # what a unit sine's frame holds
    made = wave * layout.taper / (window(spec.window, layout.n_fft).sum() / 2.0)
    np.testing.assert_allclose(made, layout.weight, rtol=1e-5, atol=1e-7)
    assert layout.hop % LANES == 0
    assert abs(np.log2(layout.pitch_ratio)) < 0.02


def test_controls_glide_to_the_target_and_note_parameters_change_at_once() -> None:
    patch = Patch("m", offset=(0.0, 0.0))
    controls = Controls(2, 64, patch)
    controls.set(Patch("m", offset=(1.0, 0.0)).with_param("morph", 1.0).with_param("attack_s", 2.0))
    controls.step(0, 0)
    first = controls.offset[0]
    assert 0.0 < first < 0.9
    assert controls.params[param_index("attack_s")] == 2.0  # attack: read by the next note, not glided
    for _ in range(400):
        controls.step(0, 0)
    assert controls.offset[0] == pytest.approx(1.0, abs=1e-6)
    assert controls.params[param_index("morph")] == pytest.approx(1.0, abs=1e-6)


def test_a_glide_ends_at_its_target() -> None:
    """A lock that was switched off must become exactly 0."""
    controls = Controls(2, 128, Patch("m").with_param("lock", 1.0))
    controls.set(Patch("m"))
    for i in range(200):
        controls.step(128 * i, 0)
    np.testing.assert_array_equal(controls.params, controls.targets)


def test_patches_refuse_invalid_values() -> None:
    with pytest.raises(UserError, match="finite"):
        Patch("m", offset=(float("nan"),))
    with pytest.raises(UserError, match="parameter"):
        Patch("m", params=(1.0,))
    assert Patch("m").with_param("morph", 7.0).value("morph") == 1.0


def test_the_tone_of_the_fixture_has_the_stated_spectrum() -> None:
    tone = harmonic_tone(SPECS[48_000], 261.6, 1.5)
    assert db_frames(tone, SPECS[48_000])[40].max() == pytest.approx(-20.0, abs=1.5)


def test_the_level_offset_glides_beside_the_latent_offset() -> None:
    controls = Controls(2, 64, Patch("m", offset=(0.5, 0.0)))
    controls.set(Patch("m", offset=(0.5, 0.0), offset_db=-6.0))
    controls.step(0, 0)
    assert -6.0 < controls.offset_db[0] < 0.0
    for _ in range(400):
        controls.step(0, 0)
    assert controls.offset_db[0] == -6.0
    assert controls.offset.tolist() == [0.5, 0.0]
