"""A sound of several recordings: every voice morphs the nearest two of its key and velocity, in both slots at once."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.voices.played_notes import NotePacker, PreparedPatch
from synth_app.modelfile import NoteMarks, load_model_file
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.noise_share import BANDS, KNOTS, pack_noise
from synth_app.patch import Event, Message, NoteOff, NoteOn, Patch, SetPatch, UserNote
from tests.engine.conftest import SPECS, exact_model
from tests.engine.helpers import high_band_db, key_hz, play

SPEC = SPECS[48_000]
LOW, HIGH = 55, 67
Samples = NDArray[np.float32]


def recording(z1: float, pitch: float, velocity: int = 100, **changes: Any) -> UserNote:
    """A steady tone from dull (0) to bright (1), of the exact or the pitched model."""
    bank = exact_model(SPEC).bank[0]
    path = np.tile(np.array([z1, 0.0], np.float32), (len(bank.z), 1))
    note = UserNote.of(replace(bank, z=path, velocity=velocity), pitch)
    return replace(note, **changes)


def sound(*recordings: UserNote) -> UserNote:
    return replace(recordings[0], others=recordings[1:])


def both(path: str, *recordings: UserNote) -> Patch:
    note = sound(*recordings)
    return Patch(path, user_notes=(note, note))


def brightness_db(audio: Samples, key: int) -> float:
    """Level of partial 5 re partial 1."""
    part = audio[12_000:28_384].mean(axis=1) * np.hanning(16_384)
    spectrum = np.abs(np.fft.rfft(part))
    levels = []
    for harmonic in (5, 1):
        at = round(harmonic * key_hz(key) * 16_384 / 48_000)
        levels.append(20.0 * np.log10(spectrum[at - 6 : at + 7].max()))
    return float(levels[0] - levels[1])


def held(patch: Patch, *keys: int, velocity: int = 100, seconds: float = 0.7) -> Samples:
    return play(patch, *((0.0, NoteOn(key, velocity)) for key in keys), seconds=seconds)


DULL, BRIGHT = recording(0.0, LOW), recording(1.0, HIGH)


@pytest.mark.parametrize(("key", "other"), [(LOW, DULL), (HIGH, BRIGHT), (LOW - 4, DULL), (HIGH + 5, BRIGHT)])
def test_at_a_recorded_key_and_beyond_one_recording_plays_alone(pitched: str, key: int, other: UserNote) -> None:
    np.testing.assert_array_equal(held(both(pitched, DULL, BRIGHT), key), held(both(pitched, other), key))


def test_a_key_between_sounds_as_the_morph_of_both_slots(pitched: str) -> None:
    """The morph from slot A to slot B is the oracle: it had its own tests before a slot could hold two recordings."""
    noisy = Correction.of(np.full((1, SPEC.bins), 3.0), np.zeros((0, Correction.KNOTS)))
    noisy = replace(noisy, noise=pack_noise(np.full((KNOTS, BANDS), -12.0)))
    low, high = replace(DULL, correction=noisy), recording(0.6, HIGH, marks=(30, 60, 90, 110))
    for key, morph in ((58, 0.25), (61, 0.5), (64, 0.75)):
        slots = Patch(pitched, user_notes=(low, high)).with_param("morph", morph)
        np.testing.assert_allclose(held(both(pitched, low, high), key), held(slots, key), atol=2e-5)


def test_keys_of_one_chord_have_their_own_recordings(pitched: str) -> None:
    patch = both(pitched, DULL, BRIGHT)
    chord = held(patch, LOW, HIGH + 5)
    assert brightness_db(chord, LOW) == pytest.approx(brightness_db(held(patch, LOW), LOW), abs=1.0)
    assert brightness_db(chord, HIGH + 5) == pytest.approx(brightness_db(held(patch, HIGH + 5), HIGH + 5), abs=1.0)
    alone = held(both(pitched, DULL), HIGH + 5)
    assert brightness_db(chord, HIGH + 5) > brightness_db(alone, HIGH + 5) + 6.0


def test_velocities_morph_the_recordings_of_a_key(pitched: str) -> None:
    patch = both(pitched, recording(0.0, 60, 40), recording(1.0, 60, 120)).with_param("velocity_tilt", 0.0)
    found = [brightness_db(held(patch, 60, velocity=velocity), 60) for velocity in (20, 40, 60, 80, 100, 120, 127)]
    assert found[0] == pytest.approx(found[1], abs=0.2)
    assert found[-1] == pytest.approx(found[-2], abs=0.2)
    assert np.all(np.diff(found[1:-1]) > 1.0), found


def test_models_without_pitch_input_play_the_nearest_recording(models: dict[int, str]) -> None:
    patch = both(models[48_000], DULL, BRIGHT)
    for key, other in ((60, DULL), (62, BRIGHT)):
        np.testing.assert_array_equal(held(patch, key), held(both(models[48_000], other), key))


def test_a_drum_plays_the_nearest_recording_as_it_is(pitched: str) -> None:
    kit = both(pitched, recording(0.0, 55, pitched=False), recording(1.0, 67, pitched=False))
    for key, z1, at in ((60, 0.0, 55), (62, 1.0, 67)):
        expected = held(both(pitched, recording(z1, at, pitched=False)), key)
        np.testing.assert_array_equal(held(kit, key), expected)


def test_two_sounds_of_several_recordings_morph_from_slot_to_slot(pitched: str) -> None:
    """At the ends one sound plays alone; between, every key has the mixture of its four recordings."""
    first, second = sound(DULL, recording(0.4, HIGH)), sound(recording(0.6, LOW), BRIGHT)
    mixed = Patch(pitched, user_notes=(first, second))
    for morph, note in ((0.0, first), (1.0, second)):
        alone = Patch(pitched, user_notes=(note, note))
        np.testing.assert_allclose(held(mixed.with_param("morph", morph), 61), held(alone, 61), atol=1e-5)
    half = mixed.with_param("morph", 0.5)
    found = brightness_db(held(half, 61), 61)
    assert found == pytest.approx(brightness_db(held(both(pitched, recording(0.5, 61)), 61), 61), abs=0.3)


def test_the_level_between_two_recordings_is_linear_in_db(pitched: str) -> None:
    """Without the gain of the morph, the mean of two spectra that differ is several dB too quiet."""
    levels = np.full(SPEC.bins, -18.0)
    comb = [np.where(np.arange(SPEC.bins) // 40 % 2 == i, 0.0, levels)[None] for i in range(2)]
    notes = [
        replace(recording(0.5, 60, velocity), correction=Correction.of(each, np.zeros((0, Correction.KNOTS))))
        for velocity, each in zip((40, 120), comb, strict=True)
    ]
    patch = both(pitched, *notes).with_param("velocity_db", 0.0)
    packed = NotePacker(load_model_file(pitched), SPEC.bins, SPEC.bins).pack(patch)
    gain = packed.curves_db[packed.curve[0, 1]]
    assert gain[0] == gain[-1] == 0.0
    assert gain[4] > 2.0
    levels_db = [10 * np.log10(np.mean(held(patch, 60, velocity=v)[12_000:] ** 2)) for v in (40, 80, 120)]
    assert levels_db[1] == pytest.approx((levels_db[0] + levels_db[2]) / 2, abs=1.5)


# ---- changes while notes sound


def test_legato_changes_the_recordings_without_a_click(pitched: str) -> None:
    patch = both(pitched, DULL, BRIGHT).with_param("voice_mode", 2.0)
    audio = play(patch, (0.0, NoteOn(LOW)), (0.5, NoteOn(HIGH)), seconds=1.3)
    np.testing.assert_array_equal(audio[:24_000], held(patch, LOW)[:24_000])
    plain = held(both(pitched, BRIGHT), HIGH, seconds=1.3)
    assert brightness_db(audio[24_000:], HIGH) == pytest.approx(brightness_db(plain[24_000:], HIGH), abs=1.0)
    high = high_band_db(audio[:, 0])
    assert high[45:60].max() < high[60:].max() + 3.0


def test_a_patch_before_the_first_sample_of_a_note_is_as_if_it_had_come_first(pitched: str) -> None:
    """Also where the voice sounded before: what it played last must not be blended in."""
    first, then = both(pitched, DULL), both(pitched, recording(0.7, LOW), BRIGHT)
    before: list[tuple[float, Message]] = [(0.0, NoteOn(LOW)), (0.1, NoteOff(LOW))]
    first = first.with_param("release_s", 0.01)
    then = then.with_param("release_s", 0.01)
    patched: tuple[Message, Message] = (NoteOn(HIGH), SetPatch(then))
    found = [play(first, *before, *((0.5, each) for each in order), seconds=0.9) for order in (patched, patched[::-1])]
    np.testing.assert_array_equal(found[0], found[1])


def changing(pitched: str) -> tuple[Patch, list[Event]]:
    """Chords, releases and patches with other recordings, at times that no block ends at."""
    first = both(pitched, DULL, BRIGHT)
    second = Patch(pitched, user_notes=(sound(BRIGHT, recording(0.2, 50)), sound(DULL, recording(0.7, 60, 30), BRIGHT)))
    messages: list[tuple[float, Message]] = [
        (0.0, NoteOn(57)), (0.013, NoteOn(61, 40)), (0.11, SetPatch(second.with_param("morph", 0.4))),
        (0.21, NoteOff(57)), (0.23, NoteOn(64, 120)), (0.4, SetPatch(first)), (0.5, NoteOff(61)),
        (0.51, NoteOn(50)), (0.55, SetPatch(Patch(pitched, slot_a=1, slot_b=3).with_param("morph", 0.5))),
    ]  # fmt: skip
    return first, [Event(round(at * 48_000) + 7, message) for at, message in messages]


def rendered(patch: Patch, events: list[Event], block: int) -> Samples:
    engine = Engine(seed=1)
    engine.install(prepare_instrument(patch.model), patch)
    return render_events(engine, events, 40_000, block)


@pytest.mark.parametrize("block", [64, 777])
def test_the_block_size_changes_nothing(pitched: str, block: int) -> None:
    patch, events = changing(pitched)
    np.testing.assert_array_equal(rendered(patch, events, block), rendered(patch, events, 4096))


def test_live_sounds_as_offline_and_packs_nothing_in_the_rendering_thread(
    pitched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch, events = changing(pitched)
    offline = rendered(patch, events, 512)
    assert np.abs(offline).max() > 0.01
    engine, instrument = Engine(seed=1), prepare_instrument(pitched)
    prepared = [
        Event(each.time, instrument.prepared(each.message)) if isinstance(each.message, SetPatch) else each
        for each in events
    ]
    instrument.prepared(SetPatch(patch))
    engine.install(instrument, patch)
    monkeypatch.setattr(NotePacker, "pack", None)
    np.testing.assert_array_equal(render_events(engine, prepared, 40_000, 512), offline)


def test_the_same_notes_are_packed_once(pitched: str) -> None:
    instrument, patch = prepare_instrument(pitched), both(pitched, DULL, BRIGHT)
    first = instrument.prepared(SetPatch(patch))
    copy = both(pitched, replace(DULL), replace(BRIGHT)).with_param("morph", 0.5)
    again = instrument.prepared(SetPatch(copy))
    assert again.notes is first.notes
    assert again.patch == copy
    other = instrument.prepared(SetPatch(both(pitched, BRIGHT, DULL)))
    assert other.notes is not first.notes


def test_a_patch_prepared_for_another_model_is_packed_again(pitched: str, models: dict[int, str]) -> None:
    """As it may arrive when models change quickly; its latent vectors are of another size there."""
    engine, instrument = Engine(seed=1), prepare_instrument(pitched)
    engine.install(instrument, Patch(pitched))
    alien = prepare_instrument(models[48_000]).prepared(SetPatch(Patch(models[48_000], slot_a=1)))
    out = render_events(
        engine, [Event(0, PreparedPatch(Patch(pitched, slot_a=1), alien.notes)), Event(0, NoteOn(60))], 9_600
    )
    np.testing.assert_array_equal(out, play(Patch(pitched, slot_a=1), (0.0, NoteOn(60)), seconds=0.2))


def test_full_sounds_in_both_slots_can_be_played(pitched: str) -> None:
    """Sixteen recordings in each slot, of other lengths, without a jump of the level from key to key."""
    rng = np.random.default_rng(3)
    sounds = []
    for _ in range(2):
        notes = []
        for i in range(16):
            frames = int(rng.integers(40, 180))
            marks = NoteMarks(3, frames // 3, frames - 10, frames - 5)
            path = np.tile(np.array([rng.uniform(0.3, 0.7), 0.0], np.float32), (frames, 1))
            bank = replace(exact_model(SPEC).bank[0], z=path, gain_db=np.full(frames, -12.0, np.float32), marks=marks)
            notes.append(replace(UserNote.of(bank, 48.0 + 2 * i), velocity=100))
        sounds.append(sound(*notes))
    patch = Patch(pitched, user_notes=(sounds[0], sounds[1])).with_param("morph", 0.5)
    levels = [10 * np.log10(np.mean(held(patch, key, seconds=0.3)[4_800:] ** 2)) for key in range(50, 76, 5)]
    assert np.ptp(levels) < 6.0
