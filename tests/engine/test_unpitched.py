"""Sounds without a pitch: what a note carries is read at the key of its recording, though no key moves it."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.evaluation.metrics.tone_quality import harmonic_to_noise_db
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.noise_share import BANDS, KNOTS, pack_noise
from synth_app.patch import NoteOn, Patch, UserNote
from tests.engine.conftest import SPECS, exact_model
from tests.engine.helpers import key_hz, play

SPEC = SPECS[48_000]
_NONE = Correction.of(np.zeros((1, SPEC.bins)), np.zeros((0, Correction.KNOTS)))


def _patch(path: str, correction: Correction, *, pitched: bool) -> Patch:
    note = UserNote.of(replace(exact_model(SPEC).bank[1], correction=correction), 60.0)
    note = replace(note, pitched=pitched)
    return Patch(path, user_notes=(note, note))


def _tone(hnr_of: Patch) -> float:
    audio = play(hnr_of, (0.0, NoteOn(60, 100)), seconds=2.2)
    return harmonic_to_noise_db(audio[14_400:].mean(axis=1), 48_000, key_hz(60))


def test_every_band_keeps_its_own_share_of_noise(models: dict[int, str]) -> None:
    """Noise about the first partial alone must not make noise of all the others, which are a gong's."""
    share_db = np.full((KNOTS, BANDS), -60.0)
    share_db[:, 0] = 0.0
    noisy = replace(_NONE, noise=pack_noise(share_db))
    found = [_tone(_patch(models[48_000], noisy, pitched=pitched)) for pitched in (True, False)]
    assert found[1] == pytest.approx(found[0], abs=2.0)


@pytest.mark.parametrize("tune_cents", [0, 100])
def test_a_correction_is_heard_in_tune_and_out_of_it(pitched: str, tune_cents: int) -> None:
    """Tuned by a semitone, the frame is decoded at the next key, so the correction moves with the partials."""
    levels = np.zeros(SPEC.bins)
    at = 3 * key_hz(60) * SPEC.n_fft / SPEC.sample_rate
    levels[round(at) - 5 : round(at) + 6] = 9.0
    raised = Correction.of(levels[None], np.zeros((0, Correction.KNOTS)))
    found = []
    for correction in (raised, _NONE):
        patch = _patch(pitched, correction, pitched=False).with_param("tune_cents", float(tune_cents))
        audio = play(patch, (0.0, NoteOn(72)), seconds=1.0)[12_000:28_384, 0] * np.hanning(16_384)
        bin_ = round(3 * key_hz(60 + tune_cents / 100) * 16_384 / 48_000)
        found.append(20 * np.log10(np.abs(np.fft.rfft(audio))[bin_ - 6 : bin_ + 7].max()))
    assert found[0] - found[1] == pytest.approx(9.0 * np.exp(-tune_cents / 100 / 14), abs=0.7)
