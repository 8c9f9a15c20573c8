"""Moves of handles in shipped models: they reach what is asked and hold the rest."""

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.handles import SPECTRAL_HANDLES, HandleScale, HandleSound, SoundReader, fit_scale, move_handles
from synth_app.handles.descriptors import LOUDNESS
from synth_app.modelfile import ModelFile, center_levels_db, find_model, note_center
from synth_app.support.errors import UserError

Fitted = tuple[SoundReader, HandleScale]
HANDLES = range(len(SPECTRAL_HANDLES))


@pytest.fixture(scope="module", params=["pca-16k", "pitched-vae-48k"])
def fitted(request: pytest.FixtureRequest) -> Fitted:
    reader = SoundReader(load_model(find_model(request.param)))
    return reader, fit_scale(reader)


def sounds(model: Model, count: int = 12) -> list[HandleSound]:
    """Sounds between two notes, which the scale was not fitted to."""
    rng, bank = np.random.default_rng(3), model.bank
    pairs = [rng.choice(len(bank), 2, replace=False) for _ in range(count)]
    return [
        HandleSound(0.7 * note_center(bank[a])[0] + 0.3 * note_center(bank[b])[0].astype(np.float64), bank[a].pitch)
        for a, b in pairs
    ]


def change(fitted: Fitted, sound: HandleSound, offset: np.ndarray) -> np.ndarray:
    """Steps between a sound and the sound with an offset, measured anew."""
    reader, scale = fitted
    before, after = reader.values(np.stack([sound.z, sound.z + offset]), sound)
    return np.asarray((after - before) / scale.step)


@pytest.mark.parametrize("handle", HANDLES)
@pytest.mark.parametrize(("amount", "most_side"), [(1.0, 0.2), (-1.0, 0.35)])  # dull sounds hardly get duller
def test_a_move_reaches_what_is_asked_and_holds_the_rest(
    fitted: Fitted, handle: int, amount: float, most_side: float
) -> None:
    reader, scale = fitted
    reached, side = [], []
    for sound in sounds(reader.model):
        move = move_handles(reader, scale, sound, {handle: amount})
        found = change(fitted, sound, move.offset)
        np.testing.assert_allclose(found[:LOUDNESS], move.reached, atol=0.02)
        assert move.gain_db == pytest.approx(-found[LOUDNESS], abs=0.05)
        reached.append(found[handle] / amount)
        side.append(np.abs(np.delete(found[:LOUDNESS], handle)))
    assert np.median(reached) == pytest.approx(1.0, abs=0.1)
    assert np.mean(np.array(reached) >= 0.7) >= 0.8
    assert np.median(side) < most_side


def test_no_move_is_no_change(fitted: Fitted) -> None:
    reader, scale = fitted
    move = move_handles(reader, scale, sounds(reader.model, 1)[0], {2: 0.0})
    assert not move.offset.any()
    assert move.gain_db == 0.0


def test_a_pin_holds_more_firmly(fitted: Fitted) -> None:
    reader, scale = fitted
    free: list[float] = []
    pinned: list[float] = []
    for sound in sounds(reader.model):
        for pins, found in ((frozenset[int](), free), (frozenset({1}), pinned)):
            move = move_handles(reader, scale, sound, {0: 2.0, **dict.fromkeys(pins, 0.0)})
            found.append(abs(float(move.reached[1])))
    assert np.mean(pinned) < 0.6 * np.mean(free)


def test_several_handles_move_together(fitted: Fitted) -> None:
    reader, scale = fitted
    found = [move_handles(reader, scale, sound, {0: 0.7, 3: -0.7}).reached for sound in sounds(reader.model)]
    median = np.median(found, axis=0)
    assert median[0] == pytest.approx(0.7, abs=0.1)
    assert median[3] == pytest.approx(-0.7, abs=0.1)


def test_a_correction_belongs_to_the_sound(fitted: Fitted) -> None:
    reader, _ = fitted
    sound = sounds(reader.model, 1)[0]
    bins = reader.model.spec.bins
    airy = np.where(np.arange(bins) * reader.model.spec.sample_rate / reader.model.spec.n_fft > 5_000.0, 12.0, 0.0)
    corrected = HandleSound(sound.z, sound.pitch, airy.astype(np.float32))
    plain, with_air = (reader.values(each.z[None], each)[0] for each in (sound, corrected))
    assert with_air[2] > plain[2] + 3.0


def test_usual_sounds_are_at_zero(fitted: Fitted) -> None:
    reader, scale = fitted
    notes = [
        HandleSound(note_center(note)[0].astype(np.float64), note.pitch, center_levels_db(note))
        for note in reader.model.bank
    ]
    positions = np.stack([scale.positions(reader.values(each.z[None], each)[0], each.pitch) for each in notes])
    np.testing.assert_allclose(positions[:, :LOUDNESS].mean(axis=0), 0.0, atol=0.05)
    spread = np.percentile(positions[:, :LOUDNESS], 84, axis=0) - np.percentile(positions[:, :LOUDNESS], 16, axis=0)
    assert np.all((spread > 0.8) & (spread < 3.0))


def test_slopes_are_those_of_the_sound(fitted: Fitted) -> None:
    reader, scale = fitted
    sound = sounds(reader.model, 1)[0]
    values, slopes = reader.slopes(sound.z, sound)
    step = np.random.default_rng(0).standard_normal(len(sound.z)) * 0.02
    moved = reader.values((sound.z + step * reader.z_scale)[None], sound)[0]
    np.testing.assert_allclose((moved - values) / scale.step, slopes @ step / scale.step, atol=0.02)


def test_a_recurrent_model_is_read_as_held() -> None:
    reader = SoundReader(load_model(find_model("lstm-ae-16k")))
    sound = sounds(reader.model, 1)[0]
    z = np.stack([sound.z, sound.z + 0.1])
    np.testing.assert_allclose(reader.frames(z, sound), reader.model.decode_held(z.astype(np.float32), 0.0), atol=1e-3)


def test_a_small_bank_has_no_scale() -> None:
    file = load_model(find_model("pca-16k")).file
    small = ModelFile(file.card, file.tensors, file.stats, file.bank[:7])
    with pytest.raises(UserError, match="a bank of 7 notes; handles need at least 8"):
        fit_scale(SoundReader(Model(small)))
