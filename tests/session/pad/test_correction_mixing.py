"""Mixed corrections: weighted means at the pitch of the mix, kept by presets."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, center_levels_db
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.noise_share import BANDS, KNOTS, pack_noise, unpack_noise
from synth_app.modelfile.soft_shape import band_bins, pack_soft, unpack_soft
from synth_app.patch import UserNote
from synth_app.session.pad.correction_mixing import CorrectedPart, mix_corrections
from synth_app.session.pad.note_mixing import NoteMixer, bank_part
from synth_app.session.state.saved_note import SavedNote
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model

SPEC = SPECS[48_000]
SPACING = 440.0 * 2.0 ** (-9 / 12) * SPEC.n_fft / SPEC.sample_rate  # bins between partials of C4


def _still(levels: NDArray[np.float64]) -> Correction:
    return Correction.of(levels[None], np.zeros((0, Correction.KNOTS)))


def _part(levels: NDArray[np.float64] | None, weight: float, pitch: float = 60.0) -> CorrectedPart:
    note = exact_model(SPEC).bank[0]
    corrected = replace(note, correction=None if levels is None else _still(levels))
    return CorrectedPart(corrected, pitch, weight, np.arange(len(note.z), dtype=np.float64))


def _levels(correction: Correction | None) -> NDArray[np.float32]:
    assert correction is not None
    return correction.levels_db(np.array([0, 50, 150]), 200)


def test_a_mix_at_one_pitch_is_the_weighted_mean() -> None:
    first, second = np.linspace(-8, 8, SPEC.bins), np.full(SPEC.bins, 4.0)
    mixed = mix_corrections([_part(first, 0.25), _part(second, 0.75)], 60.0, SPEC)
    np.testing.assert_allclose(_levels(mixed), np.tile(0.25 * first + 0.75 * second, (3, 1)), atol=0.1)


def test_a_note_without_correction_counts_as_nothing() -> None:
    mixed = mix_corrections([_part(np.full(SPEC.bins, 6.0), 0.5), _part(None, 0.5)], 60.0, SPEC)
    np.testing.assert_allclose(_levels(mixed), 3.0, atol=0.1)
    assert mix_corrections([_part(None, 0.5), _part(None, 0.5)], 60.0, SPEC) is None


def test_a_mix_of_two_pitches_lies_at_the_partials_of_its_own() -> None:
    """Both notes have 8 dB more at their second partial; so has the mix at its own, faded by two semitones."""
    levels = []
    for pitch in (60.0, 64.0):
        at = 2 * SPACING * 2.0 ** ((pitch - 60.0) / 12)
        levels.append(np.where(np.abs(np.arange(SPEC.bins) - at) < 4, 8.0, 0.0))
    mixed = mix_corrections([_part(levels[0], 0.5), _part(levels[1], 0.5, 64.0)], 62.0, SPEC)
    found = _levels(mixed)[0]
    second = round(2 * SPACING * 2.0 ** (2 / 12))
    assert found[second] == pytest.approx(8.0 * np.exp(-2 / 14), abs=0.3), (
        "by number and by frequency it is the nearest partial"
    )
    assert abs(found[round(second * 1.5)]) < 0.3


def test_the_mixer_keeps_the_correction_of_a_single_note_and_mixes_two() -> None:
    file = exact_model(SPEC)
    levels = np.where(np.arange(SPEC.bins) > 40, -5.0, 0.0)
    bank = tuple(replace(note, correction=_still(levels)) for note in file.bank)
    model = Model(replace(file, bank=bank))
    assert NoteMixer(model).mix([bank_part(bank[0], 1.0)]).correction == bank[0].correction
    mixed = NoteMixer(model).mix([bank_part(bank[0], 0.5), bank_part(bank[2], 0.5)])
    np.testing.assert_allclose(_levels(mixed.correction)[0], levels, atol=0.1)


def test_the_level_of_a_mix_counts_the_corrections() -> None:
    """One note's correction takes 20 dB off all its partials but one, so the mix must not be as loud as without."""
    file = exact_model(SPEC)
    plain = NoteMixer(Model(file)).mix([bank_part(file.bank[0], 0.5), bank_part(file.bank[1], 0.5)])
    quiet = np.where(np.abs(np.arange(SPEC.bins) - SPACING) > 4, -20.0, 0.0)
    bank = tuple(replace(note, correction=_still(quiet)) for note in file.bank)
    mixed = NoteMixer(Model(replace(file, bank=bank))).mix([bank_part(bank[0], 0.5), bank_part(bank[1], 0.5)])
    assert abs(float(np.mean(mixed.gains() - plain.gains()))) > 0.05
    np.testing.assert_array_equal(mixed.codes(), plain.codes())


def test_the_centre_is_the_mean_over_the_loop() -> None:
    note: BankNote = exact_model(SPEC).bank[0]
    ramp = Correction.of(
        np.stack([np.zeros(SPEC.bins), np.full(SPEC.bins, 10.0)]), np.linspace(0, 1, Correction.KNOTS)[None]
    )
    corrected = replace(note, correction=ramp)
    loop = np.arange(note.marks.loop_start, note.marks.loop_end)
    expected = 10.0 * np.sqrt(loop / (len(note.z) - 1)).mean()
    levels = center_levels_db(corrected)
    assert levels is not None
    np.testing.assert_allclose(levels, expected, atol=0.3)
    assert center_levels_db(note) is None


def test_a_saved_note_keeps_its_correction() -> None:
    note = exact_model(SPEC).bank[0]
    user = UserNote.of(replace(note, correction=_still(np.linspace(-3, 3, SPEC.bins))))
    assert SavedNote.model_validate_json(SavedNote.of(user).model_dump_json()).restore().correction == user.correction


def _carrying(share_db: float | None, soft_db: float, velocity: int, weight: float) -> CorrectedPart:
    part = _part(np.zeros(SPEC.bins), weight)
    assert part.note.correction is not None
    noise = b"" if share_db is None else pack_noise(np.full((KNOTS, BANDS), share_db))
    soft = pack_soft(np.full(len(band_bins(SPEC.bins)), soft_db)) if soft_db else b""
    carried = replace(part.note.correction, noise=noise, soft=soft, velocity=velocity)
    return replace(part, note=replace(part.note, correction=carried))


def test_a_mix_has_the_mean_share_of_noise_shape_and_velocity() -> None:
    mixed = mix_corrections([_carrying(-40.0, -8.0, 127, 0.25), _carrying(-20.0, 0.0, 87, 0.75)], 60.0, SPEC)
    assert mixed is not None
    np.testing.assert_allclose(unpack_noise(mixed.noise), -25.0, atol=0.3)
    np.testing.assert_allclose(unpack_soft(mixed.soft, SPEC.bins), -2.0, atol=0.13)
    assert mixed.velocity == 97


def test_a_share_of_noise_that_is_not_known_does_not_count() -> None:
    mixed = mix_corrections([_carrying(None, 0.0, 100, 0.5), _carrying(-20.0, 0.0, 100, 0.5)], 60.0, SPEC)
    assert mixed is not None
    np.testing.assert_allclose(unpack_noise(mixed.noise), -20.0, atol=0.3)
    assert mixed.soft == b""
    unknown = mix_corrections([_carrying(None, 0.0, 100, 0.5), _carrying(None, 0.0, 100, 0.5)], 60.0, SPEC)
    assert unknown is not None
    assert unknown.noise == b""


def test_a_saved_note_keeps_its_share_of_noise_and_its_shape() -> None:
    user = UserNote.of(_carrying(-20.0, -8.0, 64, 1.0).note)
    text = SavedNote.of(user).model_dump_json()
    assert SavedNote.model_validate_json(text).restore().correction == user.correction
    plain = SavedNote.of(UserNote.of(_carrying(None, 0.0, 100, 1.0).note)).model_dump()
    assert set(plain["correction"]) == {"bins", "shapes", "scale_db", "weights"}, "as earlier versions wrote it"


def test_a_saved_note_of_an_earlier_version_has_none() -> None:
    saved = SavedNote.of(UserNote.of(exact_model(SPEC).bank[0])).model_dump()
    assert "correction" not in saved
    assert SavedNote.model_validate(saved).restore().correction is None


@pytest.mark.parametrize(
    "change", [{"shapes": "AAAA"}, {"shapes": "?"}, {"bins": 1}, {"bins": 10**9}, {"scale_db": ""}]
)
def test_a_damaged_correction_is_refused(change: dict[str, object]) -> None:
    note = exact_model(SPEC).bank[0]
    saved = SavedNote.of(UserNote.of(replace(note, correction=_still(np.ones(SPEC.bins))))).model_dump()
    with pytest.raises((ValueError, UserError)):
        SavedNote.model_validate({**saved, "correction": {**saved["correction"], **change}})
