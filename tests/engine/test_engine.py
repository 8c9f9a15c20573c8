"""The engine as a whole: the same samples at every block size, in tune, bounded, without clicks."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.engine.voices.voice_allocator import HEADROOM_DB
from synth_app.modelfile import load_model_file
from synth_app.params import PARAMS
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Panic, Patch, Pedal, SetPatch, SoundOff
from synth_app.patch.patch import Message
from synth_app.spectrum import db_frames
from tests.engine.conftest import SPECS
from tests.engine.helpers import cents, high_band_db, key_hz, partial_hz, play, rms_db

DULL, BRIGHT, PLUCKED, MOVING = range(4)


@pytest.mark.parametrize("rate", [48_000, 16_000, 44_100])
def test_every_block_size_gives_the_same_samples(models: dict[int, str], rate: int) -> None:
    patch = Patch(models[rate], DULL, BRIGHT)
    events: list[tuple[float, Message]] = [
        (0.0, NoteOn(60)),
        (0.05, NoteOn(67, 80)),
        (0.08, SetPatch(patch.with_param("morph", 0.7))),
        (0.15, SetPatch(Patch(models[rate], MOVING, BRIGHT, offset=(0.2, 0.1)))),
        (0.2, NoteOff(60)),
    ]
    reference = play(patch, *events, seconds=0.4)
    assert rms_db(reference) > -50
    for block in (1, 16, 40, 128, 1000, 8193):
        assert np.array_equal(play(patch, *events, seconds=0.4, block=block), reference), block


def test_a_key_sounds_within_one_small_block(models: dict[int, str]) -> None:
    for when in (0.0, 0.0101, 0.02377):  # anywhere between frames
        audio = play(Patch(models[48_000]), (when, NoteOn(60)), seconds=when + 0.2)
        start = round(when * ENGINE_RATE)
        assert not audio[:start].any()
        settled = np.abs(audio[start + 4800 :]).max()
        assert np.abs(audio[start : start + 128]).max() > 0.4 * settled


@pytest.mark.parametrize("rate", [48_000, 16_000, 44_100])
def test_untransposed_note_is_the_decoded_frame(models: dict[int, str], rate: int) -> None:
    """The spectrum of the sound equals the decoded frame in level and shape."""
    spec = SPECS[rate]
    audio = play(Patch(models[rate], DULL), (0.0, NoteOn(60)), seconds=1.0).mean(axis=1)
    at_engine_rate = type(spec)(ENGINE_RATE, round(spec.n_fft * ENGINE_RATE / rate / 2) * 2, 512, spec.window)
    heard = db_frames(audio, at_engine_rate)[40:60].mean(axis=0)
    model = load_model_file(models[rate])
    frame_db = (model.tensors["dec.b"] - 1.0) * 50.0 + model.bank[DULL].gain_db[10] + HEADROOM_DB
    loud = frame_db > frame_db.max() - 40
    stretch = spec.sample_rate / spec.n_fft / (ENGINE_RATE / at_engine_rate.n_fft)
    peaks = [k for k in np.flatnonzero(loud) if frame_db[k] == frame_db[max(k - 2, 0) : k + 3].max()]
    assert len(peaks) > 5
    error = np.interp(np.array(peaks) * stretch, np.arange(len(heard)), heard) - frame_db[peaks]
    assert np.abs(error).max() < 1.0, error


def test_played_notes_are_in_tune(models: dict[int, str]) -> None:
    """Equal temperament oracle, from an octave below to three above the bank note's pitch."""
    for key in (48, 55, 59, 61, 64, 67, 72, 79, 84, 96):
        audio = play(Patch(models[48_000], BRIGHT, BRIGHT), (0.0, NoteOn(key)), seconds=1.2)[12000:, 0]
        for partial in (1, 2, 3):
            target = key_hz(key) * partial
            assert abs(cents(partial_hz(audio, target), target)) < 3.0, (key, partial)


def test_tune_moves_the_pitch(models: dict[int, str]) -> None:
    patch = Patch(models[48_000]).with_param("tune_cents", 37.0)
    audio = play(patch, (0.0, NoteOn(60)), seconds=1.2)[12000:, 0]
    assert cents(partial_hz(audio, key_hz(60.37)), key_hz(60)) == pytest.approx(37.0, abs=2.0)


def test_formant_keeps_or_moves_the_envelope(models: dict[int, str]) -> None:
    """An octave up: an envelope in place gives a partial its level there; a moved envelope keeps its own level."""

    def partial_db(formant: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        patch = Patch(models[48_000], DULL, DULL).with_param("formant", formant)
        audio = play(patch, (0.0, NoteOn(72)), seconds=1.0)[24000:].mean(axis=1)
        spectrum = np.abs(np.fft.rfft(audio * np.blackman(len(audio))))
        bins = np.round(key_hz(72) * np.arange(1, 7) * len(audio) / ENGINE_RATE).astype(int)
        level = [20 * np.log10(spectrum[b - 4 : b + 5].max()) for b in bins]
        return np.array(level) - level[0]

    h = np.arange(1, 7)
    moved, kept = -30.0 * np.log10(h), -30.0 * np.log10(2 * h) + 30.0 * np.log10(2)
    assert np.abs(partial_db(1.0) - moved).max() < 1.0
    assert np.abs(partial_db(0.0) - kept).max() < 2.0


def test_sustain_lasts_as_long_as_the_key(models: dict[int, str]) -> None:
    """The recording's sustain ends after 1.2 s. A held organ tone continues, and a plucked one continues to decay."""
    held = play(Patch(models[48_000], DULL), (0.0, NoteOn(60)), seconds=6.0)
    assert rms_db(held[-24000:]) == pytest.approx(rms_db(held[24000:48000]), abs=0.5)
    plucked = play(Patch(models[48_000], PLUCKED), (0.0, NoteOn(60)), seconds=4.0)
    per_second = rms_db(plucked[48000:72000]) - rms_db(plucked[144000:168000])
    assert per_second == pytest.approx(24.0, abs=2.0)  # 12 dB/s, 2 s apart


def test_zero_motion_holds_one_point(models: dict[int, str]) -> None:
    def movement(motion: float) -> float:
        patch = Patch(models[48_000], MOVING, MOVING).with_param("motion", motion)
        audio = play(patch, (0.0, NoteOn(60)), seconds=1.2)[9600:, 0]
        spectra = db_frames(audio, SPECS[48_000])[10:-10]
        partials = spectra[:, spectra.mean(axis=0) > spectra.max() - 40]
        return float(partials.std(axis=0).max())

    assert movement(0.0) < 0.5
    assert movement(1.0) > 3.0


def test_morph_ends_at_either_note(models: dict[int, str]) -> None:
    def spectrum(a: int, b: int, morph: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        patch = Patch(models[48_000], a, b).with_param("morph", morph)
        audio = play(patch, (0.0, NoteOn(60)), seconds=0.6)[9600:, 0]
        frame = db_frames(audio, SPECS[48_000])[10:30].mean(axis=0)
        return np.maximum(frame, frame.max() - 40)

    dull, bright = spectrum(DULL, DULL, 0.0), spectrum(BRIGHT, BRIGHT, 0.0)
    assert np.abs(spectrum(DULL, BRIGHT, 0.0) - dull).mean() < 0.2
    assert np.abs(spectrum(DULL, BRIGHT, 1.0) - bright).mean() < 0.2
    half = spectrum(DULL, BRIGHT, 0.5)
    third = round(3 * key_hz(60) / 23.4375)  # third partial: between both
    assert dull[third] + 2 < half[third] < bright[third] - 2


def test_offset_moves_the_latent_vector(models: dict[int, str]) -> None:
    """An offset of (1, 0) on the dull note is the bright note."""
    moved = play(Patch(models[48_000], DULL, DULL, offset=(1.0, 0.0)), (0.0, NoteOn(60)), seconds=0.5)
    bright = play(Patch(models[48_000], BRIGHT, BRIGHT), (0.0, NoteOn(60)), seconds=0.5)
    assert np.abs(moved - bright).max() < 1e-3


@pytest.mark.parametrize("change", ["slot", "model", "release", "panic", "sound off", "offset", "retrigger"])
def test_sudden_changes_do_not_click(models: dict[int, str], change: str) -> None:
    """The level above the tone's own band stays at least 60 dB under the tone through any change."""
    path = models[48_000]
    patch = Patch(path, DULL, DULL)
    engine = Engine(seed=3)
    engine.install(prepare_instrument(path), patch)
    engine.post(NoteOn(60))
    out = np.zeros((48_000, 2), np.float32)
    engine.render(out[:24_000])
    if change == "slot":
        engine.post(SetPatch(Patch(path, BRIGHT, BRIGHT)))
    elif change == "model":
        engine.install(prepare_instrument(models[16_000]), Patch(models[16_000], DULL, DULL))
    elif change == "release":
        engine.post(SetPatch(patch.with_param("release_s", 0.02)))
        engine.post(NoteOff(60))
    elif change == "panic":
        engine.post(Panic())
    elif change == "sound off":
        engine.post(SoundOff())
    elif change == "offset":
        engine.post(SetPatch(Patch(path, DULL, DULL, offset=(1.0, 3.0))))
    else:
        engine.post(NoteOn(60))
    engine.render(out[24_000:])
    tone_db = rms_db(out[12_000:24_000])
    steady = high_band_db(out[6000:23_000, 0]).max()
    around = high_band_db(out[23_000:30_000, 0]).max()
    limit = tone_db - (45 if change == "retrigger" else 60)  # a struck key has an attack of its own
    assert around < max(limit, steady + 6.0), (around, steady, tone_db)


def test_held_note_continues_through_a_change_of_model(models: dict[int, str]) -> None:
    engine = Engine(seed=3)
    engine.install(prepare_instrument(models[48_000]), Patch(models[48_000]))
    engine.post(NoteOn(60))
    out = np.zeros((48_000, 2), np.float32)
    engine.render(out[:24_000])
    engine.install(prepare_instrument(models[16_000]), Patch(models[16_000]))
    engine.render(out[24_000:])
    level = [rms_db(out[i : i + 480]) for i in range(12_000, 48_000, 480)]
    assert max(level) - min(level) < 8.0  # two tones of random phase cross over; a gap would be 30
    assert engine.model == models[16_000]
    engine.post(NoteOff(60))
    tail = np.zeros((96_000, 2), np.float32)
    engine.render(tail)
    assert not tail[-4800:].any()


def test_rapid_model_changes_stay_bounded_and_end_at_the_last(models: dict[int, str]) -> None:
    engine = Engine(seed=3)
    paths = [models[48_000], models[16_000], models[44_100]]
    out = np.zeros((256, 2), np.float32)
    engine.install(prepare_instrument(paths[0]), Patch(paths[0]))
    engine.post(NoteOn(60))
    for i in range(20):
        engine.install(prepare_instrument(paths[i % 3]), Patch(paths[i % 3]))
        engine.render(out)
        assert np.isfinite(out).all()
    for _ in range(40):
        engine.render(out)
    assert engine.model == paths[19 % 3]
    assert rms_db(out) > -40


def test_loud_chord_is_limited(models: dict[int, str]) -> None:
    patch = Patch(models[48_000], BRIGHT, BRIGHT).with_param("gain_db", 12.0)
    engine = Engine(seed=3)
    engine.install(prepare_instrument(models[48_000]), patch)
    for key in range(40, 72, 2):
        engine.post(NoteOn(key, 127))
    out = np.zeros((24_000, 2), np.float32)
    engine.render(out)
    assert engine.limited
    assert np.abs(out).max() <= 0.981
    assert np.abs(out).max() > 0.9


def test_velocity_and_gain_set_the_level(models: dict[int, str]) -> None:
    patch = Patch(models[48_000]).with_param("velocity_tilt", 0.0)  # which turns the spectrum about 1 kHz

    def level(velocity: int, gain_db: float) -> float:
        audio = play(patch.with_param("gain_db", gain_db), (0.0, NoteOn(60, velocity)), seconds=0.5)
        return rms_db(audio[12_000:])

    assert level(127, 0.0) - level(1, 0.0) == pytest.approx(18.0, abs=0.2)
    assert level(100, -12.0) - level(100, 0.0) == pytest.approx(-12.0, abs=0.1)


def test_more_notes_than_voices_steals_the_quietest(models: dict[int, str]) -> None:
    engine = Engine(max_voices=4, seed=0)
    engine.install(prepare_instrument(models[48_000], max_voices=4), Patch(models[48_000]))
    out = np.zeros((4800, 2), np.float32)
    for i, velocity in enumerate((127, 20, 110, 100, 90)):
        engine.post(NoteOn(60 + i, velocity))
        engine.render(out)
    assert engine.active_voices == 4
    audio = np.zeros((24_000, 2), np.float32)
    engine.render(audio)
    spectrum = np.abs(np.fft.rfft(audio[:, 0] * np.blackman(24_000)))
    levels = [spectrum[round(key_hz(60 + i) * 0.5) - 2 : round(key_hz(60 + i) * 0.5) + 3].max() for i in range(5)]
    assert levels[1] < 0.05 * min(levels[0], levels[2], levels[3], levels[4])  # velocity 20 was stolen


_keys = st.integers(0, 127)
_messages = st.one_of(
    st.builds(NoteOn, _keys, st.integers(1, 127), st.integers(0, 1)),
    st.builds(NoteOff, _keys, st.integers(0, 1)),
    st.just(Panic()),
    st.builds(SoundOff, st.integers(0, 1)),
    st.tuples(st.integers(0, len(PARAMS) - 1), st.floats(0, 1)),
    st.tuples(st.integers(0, 9), st.integers(-3, 9), st.floats(-1e4, 1e4)),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 1500), _messages), min_size=1, max_size=25))
def test_any_events_stay_finite_bounded_and_end_in_silence(
    models: dict[int, str], events: list[tuple[int, object]]
) -> None:
    engine = Engine(max_voices=8, seed=5)
    path = models[48_000]
    engine.install(prepare_instrument(path, max_voices=8), Patch(path))
    patch = Patch(path)
    for samples, what in events:
        out = np.full((samples, 2), np.nan, np.float32)
        engine.render(out)
        assert np.isfinite(out).all()
        assert np.abs(out).max() <= 1.0
        if isinstance(what, tuple) and len(what) == 2:
            spec = PARAMS[what[0]]
            patch = patch.with_param(spec.name, spec.from_normalized(what[1]))
            engine.post(SetPatch(patch))
        elif isinstance(what, tuple):
            patch = Patch(path, what[0], what[1], offset=(what[2], -what[2]), params=patch.params)
            engine.post(SetPatch(patch))
        elif isinstance(what, NoteOn | NoteOff | Panic | SoundOff):
            engine.post(what)
    engine.post(Panic())
    tail = np.zeros((9600, 2), np.float32)
    engine.render(tail)
    assert not tail[4800:].any()
    assert engine.active_voices == 0


def key_levels(audio: np.ndarray, *keys: int) -> list[float]:
    """Return the level in dB at the fundamental of each key, over half a second."""
    spectrum = np.abs(np.fft.rfft(audio[:, 0] * np.blackman(len(audio))))
    at = [round(key_hz(key) * len(audio) / ENGINE_RATE) for key in keys]
    return [20 * float(np.log10(spectrum[i - 2 : i + 3].max() + 1e-9)) for i in at]


@pytest.mark.parametrize("held", ["key", "pedal", "release"])
def test_sound_off_ends_its_channel_only(models: dict[int, str], held: str) -> None:
    engine = Engine(seed=3)
    patch = Patch(models[48_000], DULL, DULL).with_param("release_s", 5.0)
    engine.install(prepare_instrument(models[48_000]), patch)
    for message in (NoteOn(60), NoteOn(67, 100, 1)):
        engine.post(message)
    if held == "pedal":
        engine.post(Pedal(down=True, channel=1))
    out = np.zeros((24_000, 2), np.float32)
    engine.render(out)
    if held != "key":
        engine.post(NoteOff(67, 1))
    before = key_levels(out[:24_000], 60, 67)
    engine.post(SoundOff(1))
    engine.render(out[:4_800])
    engine.render(out)
    after = key_levels(out, 60, 67)
    assert after[0] > before[0] - 6.0
    assert after[1] < before[1] - 60.0
    assert engine.active_voices == 1
    engine.post(NoteOff(60))
    engine.post(NoteOn(67, 100, 1))  # the channel plays on
    engine.render(out)
    assert key_levels(out, 67)[0] > before[1] - 6.0


def test_rendering_leaks_no_memory(models: dict[int, str]) -> None:
    engine = Engine(seed=1)
    engine.install(prepare_instrument(models[48_000]), Patch(models[48_000]))
    for key in range(48, 64):
        engine.post(NoteOn(key))
    out = np.zeros((128, 2), np.float32)
    for _ in range(50):
        engine.render(out)
    tracemalloc.start()
    engine.render(out)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(200):
        engine.render(out)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 4096


def test_nan_from_a_decoder_is_silence_not_noise(models: dict[int, str]) -> None:
    instrument = prepare_instrument(models[48_000])
    instrument.bank.z[:, 1] = np.nan  # as a damaged bank would give
    engine = Engine()
    engine.install(instrument, Patch(models[48_000]))
    engine.post(NoteOn(60))
    out = np.zeros((4800, 2), np.float32)
    engine.render(out)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0
