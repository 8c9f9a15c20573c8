"""The filter of each voice against the analog prototype, on partials and on noise."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray

from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.modelfile import save_model_file
from synth_app.params.filter import BAND, HIGH, LOW, NOTCH
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch, SetPatch
from synth_app.patch.modulation_matrix import Connection, Lfo, Modulation
from tests.engine.conftest import SPECS, exact_model
from tests.engine.helpers import cents, high_band_db, key_hz, partial_hz, play

BRIGHT = 1  # slot of the test model's bright tone
C4 = key_hz(60)
Audio = NDArray[np.float32]


def filtered(patch: Patch, **values: float) -> Patch:
    """The patch with its filter on; names without the prefix ``filter_``."""
    patch = patch.with_param("filter_on", 1)
    for name, value in values.items():
        patch = patch.with_param(f"filter_{name}", value)
    return patch


def analog_db(kind: int, four_poles: bool, resonance_db: float, ratio: float) -> float:
    """Level of the prototype at a frequency over the cutoff, by SciPy from poles and zeros."""
    damping = np.sqrt(2.0) / 10 ** (resonance_db / 20)
    second = [np.sqrt(2.0), damping] if kind == BAND else [damping, damping]
    dampings = second if four_poles else [damping]
    if kind in (LOW, HIGH) and four_poles:  # the two pairs of poles of a Butterworth filter
        dampings = [2 * np.cos(np.pi / 8), 2 * np.cos(3 * np.pi / 8) / 10 ** (resonance_db / 20)]
    level = 0.0
    for k in dampings:
        above = {LOW: [1.0], BAND: [np.sqrt(2.0), 0.0], HIGH: [1.0, 0.0, 0.0], NOTCH: [1.0, 0.0, 1.0]}[kind]
        level += 20 * np.log10(np.abs(scipy.signal.freqs(above, [1.0, k, 1.0], [ratio])[1][0]) + 1e-6)
    return float(level)


def partial_db(audio: Audio, hz: float) -> float:
    """Level of a partial at a known frequency."""
    mono = audio.mean(axis=1).astype(np.float64)
    window = np.blackman(len(mono))
    turn = np.exp(-2j * np.pi * hz / ENGINE_RATE * np.arange(len(mono)))
    return float(20 * np.log10(2 * np.abs((mono * window) @ turn) / window.sum() + 1e-12))


def held(patch: Patch, key: int = 60, velocity: int = 100, seconds: float = 0.6) -> Audio:
    """A held note without its first 0.2 s."""
    return play(patch, (0.0, NoteOn(key, velocity)), seconds=seconds)[round(0.2 * ENGINE_RATE) :]


@pytest.fixture(scope="module")
def tone(models: dict[int, str]) -> Patch:
    """The bright tone: partials of equal distance up to 7 kHz."""
    return Patch(models[48_000], slot_a=BRIGHT)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Patch:
    """A model whose only frame is flat, so that the engine plays it as white noise."""
    plain = exact_model(SPECS[48_000])
    bins = SPECS[48_000].bins
    tensors = plain.tensors | {"dec.w": np.zeros((bins, 2), np.float32), "dec.b": np.ones(bins, np.float32)}
    path = tmp_path_factory.mktemp("noise") / "noise.safetensors"
    save_model_file(path, replace(plain, tensors=tensors))
    return Patch(str(path)).with_param("gain_db", -30.0)


@pytest.mark.parametrize("kind", [LOW, BAND, HIGH, NOTCH])
@pytest.mark.parametrize("four_poles", [False, True])
def test_partials_have_the_level_of_the_analog_filter(tone: Patch, kind: int, four_poles: bool) -> None:
    """A resonance of 12 dB at 3.3 times the key, where the response changes by many dB within a window's lobe."""
    cutoff = 3.3 * C4
    settings = {"type": kind, "poles": four_poles, "cutoff_hz": cutoff, "resonance_db": 12.0}
    plain, shaped = held(tone), held(filtered(tone, **settings))
    for harmonic in (1, 2, 3, 4, 5, 8, 13):
        found = partial_db(shaped, harmonic * C4) - partial_db(plain, harmonic * C4)
        wanted = analog_db(kind, four_poles, 12.0, harmonic / 3.3)
        assert found == pytest.approx(wanted, abs=0.4 if wanted > -30 else 1.5), harmonic


@pytest.mark.parametrize("quality", ["eco", "fast", "studio"])
def test_every_quality_has_the_same_filter(tone: Patch, quality: str) -> None:
    plain = replace(tone, quality=quality)
    audio = [held_in(each) for each in (plain, filtered(plain, cutoff_hz=2.5 * C4, resonance_db=6.0))]
    for harmonic in (1, 2, 3, 5):
        found = partial_db(audio[1], harmonic * C4) - partial_db(audio[0], harmonic * C4)
        assert found == pytest.approx(analog_db(LOW, False, 6.0, harmonic / 2.5), abs=0.5), harmonic


def held_in(patch: Patch) -> Audio:
    """As ``held``, in the patch's quality."""
    engine = Engine(seed=1)
    engine.install(prepare_instrument(patch.model, patch.quality), patch)
    return render_events(engine, [Event(0, NoteOn(60))], 28_800)[9600:]


@pytest.mark.parametrize(("kind", "four_poles", "resonance_db"), [
    (LOW, False, 0.0), (LOW, True, 18.0), (BAND, False, 12.0), (HIGH, True, 6.0), (NOTCH, False, 0.0),
])  # fmt: skip
def test_noise_has_the_response_of_the_analog_filter(
    noise: Patch, kind: int, four_poles: bool, resonance_db: float
) -> None:
    settings = {"type": kind, "poles": four_poles, "cutoff_hz": 2400.0, "resonance_db": resonance_db}
    plain, shaped = (held(each, seconds=2.2).mean(axis=1) for each in (noise, filtered(noise, **settings)))
    hz, before = scipy.signal.welch(plain, ENGINE_RATE, nperseg=2048)
    _, after = scipy.signal.welch(shaped, ENGINE_RATE, nperseg=2048)
    for at in (600.0, 1200.0, 1800.0, 2400.0, 3600.0, 7200.0, 14_400.0):
        wanted = analog_db(kind, four_poles, resonance_db, at / 2400.0)
        if wanted < -45.0:
            continue  # the window's leakage is stronger
        near = np.abs(hz - at) < 30.0
        found = 10 * np.log10(after[near].sum() / before[near].sum())
        assert found == pytest.approx(wanted, abs=1.0), at


def test_the_filter_does_not_detune(tone: Patch) -> None:
    """24 dB per octave, four times the lowest partial's distance below it: a slope of 10 dB within its lobe."""
    plain, shaped = held(tone, seconds=1.2), held(filtered(tone, poles=1, cutoff_hz=100.0), seconds=1.2)
    for harmonic in (1, 2):
        found, wanted = (partial_hz(each.mean(axis=1), harmonic * C4) for each in (shaped, plain))
        assert abs(cents(found, wanted)) < 0.1


@pytest.mark.parametrize("key", [48, 72])
def test_key_tracking_moves_the_cutoff_by_octaves(tone: Patch, key: int) -> None:
    """At 1 the same harmonics pass at every key; at 0.5 the cutoff moves by half an octave per octave."""
    for tracking in (1.0, 0.5):
        patch = filtered(tone, cutoff_hz=4 * C4, key=tracking)
        plain, shaped = held(tone, key), held(patch, key)
        ratio = 2.0 ** ((key - 60) / 12)
        for harmonic in (2, 4, 6):
            hz = harmonic * key_hz(key)
            found = partial_db(shaped, hz) - partial_db(plain, hz)
            wanted = analog_db(LOW, False, 0.0, harmonic * ratio / (4 * ratio**tracking))
            assert found == pytest.approx(wanted, abs=0.4), (tracking, harmonic)


def test_velocity_moves_the_cutoff(tone: Patch) -> None:
    patch = filtered(tone, cutoff_hz=4 * C4, velocity_oct=3.0)
    for velocity in (1, 64, 100, 127):
        plain, shaped = held(tone, velocity=velocity), held(patch, velocity=velocity)
        octaves = 3.0 * (velocity - 100) / 126
        found = partial_db(shaped, 4 * C4) - partial_db(plain, 4 * C4)
        assert found == pytest.approx(analog_db(LOW, False, 0.0, 2.0**-octaves), abs=0.4), velocity


def short_levels_db(patch: Patch, times_s: tuple[float, ...], hz: float) -> NDArray[np.float64]:
    """Level of a partial around some times, of a note that is released after 0.8 s."""
    audio = play(patch, (0.0, NoteOn(60)), (0.8, NoteOff(60)), seconds=1.3)
    half = round(0.02 * ENGINE_RATE)
    return np.array([partial_db(audio[round(t * ENGINE_RATE) - half :][: 2 * half], hz) for t in times_s])


def test_the_envelope_moves_the_cutoff_as_its_times_say(tone: Patch) -> None:
    """Attack 0.2 s, decay 0.4 s to a half, release 0.3 s; two octaves up from twice the key."""
    tone = tone.with_param("release_s", 3.0)
    times = {"env_oct": 2.0, "attack_s": 0.2, "decay_s": 0.4, "sustain": 0.5, "release_s": 0.3}
    at = (0.1, 0.2, 0.3, 0.5, 0.75, 0.85, 0.9)
    decayed = 0.5 + 0.5 * 0.01 ** (np.array([0.0, 0.1, 0.3, 0.55]) / 0.4)
    levels = (0.5, *decayed, *((0.5 + 0.5 * 0.01**1.5) * 0.001 ** (np.array([0.05, 0.1]) / 0.3)))
    found = short_levels_db(filtered(tone, cutoff_hz=2 * C4, **times), at, 8 * C4) - short_levels_db(tone, at, 8 * C4)
    wanted = [analog_db(LOW, False, 0.0, 4.0 / 2.0 ** (2.0 * level)) for level in levels]
    np.testing.assert_allclose(found, wanted, atol=0.6)


def test_a_fast_envelope_opens_the_filter_at_the_onset(tone: Patch) -> None:
    """The first 5 ms of the note are as bright as without the filter."""
    at_once = filtered(tone, cutoff_hz=100.0, poles=1, env_oct=8.0, attack_s=0.001, sustain=1.0)
    plain, shaped = (play(each, (0.0, NoteOn(60)), seconds=0.05) for each in (tone, at_once))
    np.testing.assert_allclose(rms(shaped[:240]), rms(plain[:240]), rtol=0.03)


def rms(audio: Audio) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


@pytest.mark.parametrize(("target", "amount", "changed"), [
    ("filter_cutoff_hz", 1.5, {"cutoff_hz": 600.0 * 2**1.5}), ("filter_resonance_db", 9.0, {"resonance_db": 12.0}),
])  # fmt: skip
def test_modulation_adds_octaves_and_decibels(
    tone: Patch, target: str, amount: float, changed: dict[str, float]
) -> None:
    settings = {"cutoff_hz": 600.0, "resonance_db": 3.0}
    by_macro = Modulation(connections=(Connection("macro1", target, amount),))
    moved = replace(filtered(tone, **settings), modulation=by_macro).with_param("macro1", 1.0)
    wanted = held(filtered(tone, **settings | changed))
    np.testing.assert_allclose(held(moved), wanted, atol=2e-5)
    assert np.abs(held(filtered(tone, **settings)) - wanted).max() > 1e-3, "or nothing is tested"


def test_a_filter_that_is_off_changes_no_bit(tone: Patch) -> None:
    """Whatever else is set, and whatever moves it."""
    moved = filtered(tone, cutoff_hz=50.0, type=HIGH, resonance_db=20.0, env_oct=3.0).with_param("filter_on", 0)
    by_lfo = Modulation(connections=(Connection("lfo1", "filter_cutoff_hz", 4.0),))
    assert np.array_equal(held(replace(moved, modulation=by_lfo)), held(tone))


def test_switching_it_on_and_off_neither_clicks_nor_leaves_a_trace(tone: Patch) -> None:
    dark = filtered(tone, cutoff_hz=300.0, poles=1)
    audio = play(tone, (0.0, NoteOn(60)), (0.4, SetPatch(dark)), (0.8, SetPatch(tone)), seconds=1.8)
    click = high_band_db(audio[4800:])
    assert click.max() < high_band_db(play(tone, (0.0, NoteOn(60)), seconds=1.8)[4800:]).max() + 3.0
    levels = [partial_db(audio[round(t * ENGINE_RATE) :][:9600], 8 * C4) for t in (0.15, 0.55, 1.4)]
    assert levels[1] < levels[0] - 40.0
    assert levels[2] == pytest.approx(levels[0], abs=0.1)


@pytest.mark.parametrize("block", [1, 77, 512])
def test_the_block_size_does_not_change_the_samples(tone: Patch, block: int) -> None:
    shaken = Modulation(
        (Lfo("square", 30.0), Lfo("random", 30.0), Lfo(), Lfo()),
        connections=(Connection("lfo1", "filter_cutoff_hz", 8.0), Connection("lfo2", "filter_resonance_db", 24.0)),
    )
    patch = replace(filtered(tone, poles=1, resonance_db=24.0, env_oct=-8.0), modulation=shaken)
    changed = filtered(patch, type=NOTCH, cutoff_hz=20_000.0)
    events = (0.0, NoteOn(60)), (0.03, NoteOn(84)), (0.1, SetPatch(changed)), (0.15, NoteOff(60))
    whole = play(patch, *events, seconds=0.25)
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() <= 1.0
    assert np.array_equal(play(patch, *events, seconds=0.25, block=block), whole)


def test_a_voice_after_the_filter_is_not_filtered(tone: Patch) -> None:
    """The gains belong to voices: a note that begins after the filter went off must not inherit them."""
    dark = filtered(tone, cutoff_hz=100.0, poles=1)
    audio = play(dark, (0.0, NoteOn(60)), (0.1, NoteOff(60)), (0.7, SetPatch(tone)), (1.0, NoteOn(60)), seconds=1.6)
    late = audio[round(1.2 * ENGINE_RATE) :]
    assert partial_db(late, 8 * C4) == pytest.approx(partial_db(held(tone), 8 * C4), abs=0.2)
