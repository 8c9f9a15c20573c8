"""Detail: corrections of notes are heard at their levels, move with the key, and fade."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, ModelFile, save_model_file
from synth_app.modelfile.correction import Correction
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch, UserNote
from tests.engine.conftest import SPECS, exact_model, pitched_model
from tests.engine.helpers import high_band_db, key_hz, play

SPEC = SPECS[48_000]
RAISE_DB = 9.0


def _around_partial(harmonic: int, level_db: float) -> NDArray[np.float64]:
    """A level around one partial of middle C, and 0 dB elsewhere."""
    levels = np.zeros(SPEC.bins)
    at = harmonic * key_hz(60) * SPEC.n_fft / SPEC.sample_rate
    levels[round(at) - 5 : round(at) + 6] = level_db
    return levels


def _still(levels: NDArray[np.float64]) -> Correction:
    return Correction.of(levels[None], np.zeros((0, Correction.KNOTS)))


def _saved(model: ModelFile, corrections: tuple[Correction, ...], path: Path) -> str:
    bank = tuple(replace(note, correction=each) for note, each in zip(model.bank, corrections, strict=True))
    save_model_file(path, replace(model, bank=bank))
    return str(path)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The exact model: partial 2 of the dull note raised, partial 3 of the bright one; the others as decoded."""
    none = _still(np.zeros(SPEC.bins))
    notes = (_still(_around_partial(2, RAISE_DB)), _still(_around_partial(3, RAISE_DB)), none, none)
    return _saved(exact_model(SPEC), notes, tmp_path_factory.mktemp("detail") / "corrected.safetensors")


def _partial_db(audio: NDArray[np.float32], hz: float, start: int = 12_000) -> float:
    part = audio[start : start + 16_384, 0] * np.hanning(16_384)
    spectrum = np.abs(np.fft.rfft(part))
    at = round(hz * 16_384 / 48_000)
    return float(20 * np.log10(spectrum[at - 6 : at + 7].max()))


def _raised_db(patch: Patch, key: int, harmonic: int, **at: int) -> float:
    """Level of a partial at a key, over that of the same patch without detail."""
    renders = [play(each, (0.0, NoteOn(key)), seconds=1.0) for each in (patch, patch.with_param("detail", 0.0))]
    hz = harmonic * key_hz(key)
    return _partial_db(renders[0], hz, **at) - _partial_db(renders[1], hz, **at)


def test_a_correction_is_heard_at_its_level(corrected: str) -> None:
    patch = Patch(corrected)
    assert _raised_db(patch, 60, 2) == pytest.approx(RAISE_DB, abs=0.4)
    for harmonic in (1, 3, 4):
        assert _raised_db(patch, 60, harmonic) == pytest.approx(0.0, abs=0.4)


def test_detail_fades_the_correction(corrected: str) -> None:
    assert _raised_db(Patch(corrected).with_param("detail", 0.5), 60, 2) == pytest.approx(RAISE_DB / 2, abs=0.4)


def test_without_detail_the_model_plays_alone(corrected: str, models: dict[int, str]) -> None:
    events = ((0.0, NoteOn(60)), (0.3, NoteOff(60)))
    faded = play(Patch(corrected).with_param("detail", 0.0), *events, seconds=0.6)
    np.testing.assert_array_equal(faded, play(Patch(models[48_000]), *events, seconds=0.6))


def test_a_morph_mixes_the_corrections_of_both_slots(corrected: str) -> None:
    half = Patch(corrected, slot_a=0, slot_b=1).with_param("morph", 0.5)
    assert _raised_db(half, 60, 2) == pytest.approx(RAISE_DB / 2, abs=0.6)
    assert _raised_db(half, 60, 3) == pytest.approx(RAISE_DB / 2, abs=0.6)


def test_a_transposed_correction_moves_as_the_frame_does(corrected: str) -> None:
    """With the partials if the formants move, else it stays as part of the spectral envelope."""
    moving = Patch(corrected).with_param("formant", 1.0)
    assert _raised_db(moving, 67, 2) == pytest.approx(RAISE_DB, abs=0.8)
    assert _raised_db(moving, 67, 3) == pytest.approx(0.0, abs=0.8)
    octave_down = Patch(corrected)
    assert _raised_db(octave_down, 48, 4) > RAISE_DB / 2
    assert _raised_db(octave_down, 48, 2) == pytest.approx(0.0, abs=0.8)


def test_a_model_that_decodes_at_the_key_moves_it_in_equal_parts_and_fades_it(tmp_path: Path) -> None:
    """A fifth up: partial 2 there lies at partial 3 of the recording's key, and partial 4 at its partial 6.

    Half of the level is read by number and half by frequency, and 7 semitones away exp(-7/14) of it is left.
    """
    faded_db = RAISE_DB / 2 * np.exp(-7 / 14)
    model = pitched_model(SPEC)
    notes = tuple(_still(_around_partial(2, RAISE_DB)) for _ in model.bank)
    patch = Patch(_saved(model, notes, tmp_path / "number.safetensors"))
    assert _raised_db(patch, 67, 2) == pytest.approx(faded_db, abs=0.6)
    notes = tuple(_still(_around_partial(3, RAISE_DB)) for _ in model.bank)
    patch = Patch(_saved(model, notes, tmp_path / "frequency.safetensors"))
    assert _raised_db(patch, 67, 2) == pytest.approx(faded_db, abs=0.6)
    assert _raised_db(patch, 67, 3) == pytest.approx(faded_db, abs=0.6)
    assert _raised_db(patch, 67, 1) == pytest.approx(0.0, abs=0.8)


def test_a_correction_moves_in_time(tmp_path: Path) -> None:
    """A shape that grows along the note: nothing at the start, all of it where the loop begins."""
    model = exact_model(SPEC)
    ramp = np.minimum(np.linspace(0.0, 2.5, Correction.KNOTS) ** 2, 1.0)
    moving = Correction.of(np.stack([np.zeros(SPEC.bins), _around_partial(2, RAISE_DB)]), ramp[None])
    patch = Patch(_saved(model, (moving,) * 4, tmp_path / "moving.safetensors"))
    early, late = (_raised_db(patch, 60, 2, start=at) for at in (0, 30_000))
    assert early < late - 4.0
    held = patch.with_param("motion", 0.0)
    assert _raised_db(held, 60, 2, start=2_000) == pytest.approx(_raised_db(held, 60, 2, start=30_000), abs=0.5)


def test_a_user_note_carries_its_correction(corrected: str, models: dict[int, str]) -> None:
    bank: tuple[BankNote, ...] = exact_model(SPEC).bank
    note = UserNote.of(replace(bank[0], correction=_still(_around_partial(2, RAISE_DB))))
    plain = Patch(models[48_000], user_notes=(note, None))
    np.testing.assert_array_equal(
        play(plain, (0.0, NoteOn(60)), seconds=0.4), play(Patch(corrected), (0.0, NoteOn(60)), seconds=0.4)
    )


def test_another_note_under_a_held_key_changes_the_correction_without_a_click(corrected: str) -> None:
    """Slot A from a corrected to an uncorrected note of the same path."""
    first, second = Patch(corrected, slot_a=0), Patch(corrected, slot_a=1)
    held = play(first, (0.0, NoteOn(60)), seconds=1.0)
    changed = play(first, (0.0, NoteOn(60)), (0.5, SetPatch(second)), seconds=1.0)
    np.testing.assert_array_equal(changed[:24_000], held[:24_000])
    assert _partial_db(changed, 3 * key_hz(60), 30_000) > _partial_db(held, 3 * key_hz(60), 30_000) + 6.0
    high = high_band_db(changed[:, 0])
    assert high[40:60].max() < high[60:].max() + 3.0, "no more above 9 kHz than later"


def test_the_same_note_in_both_slots_is_as_one(corrected: str) -> None:
    both = Patch(corrected, slot_a=0, slot_b=0)
    one = play(both, (0.0, NoteOn(60)), seconds=0.3)
    np.testing.assert_allclose(play(both.with_param("morph", 0.5), (0.0, NoteOn(60)), seconds=0.3), one, atol=1e-5)
