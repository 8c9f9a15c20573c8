"""Modulation in the rendered sound: every target, pure vibrato, no steps, the same samples for every block size."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from synth_app.modelfile import load_model_file
from synth_app.patch import ENGINE_RATE, Controller, NoteOff, NoteOn, PadGrid, Patch, SetPatch, Tempo
from synth_app.patch.modulation_matrix import Connection, Lfo, ModEnvelope, Modulation
from tests.engine.helpers import cents, high_band_db, key_hz, partial_hz, play, rms_db

F32 = NDArray[np.float32]
BRIGHT = 1  # bank note with partials h^-0.5


def _still(path: str, *links: Connection, note: int = BRIGHT, lfo: Lfo | None = None, **values: float) -> Patch:
    modulation = Modulation((lfo or Lfo(), Lfo(rate_hz=3.0, shape="random"), Lfo(), Lfo()), connections=links)
    patch = Patch(path, note, note, modulation=modulation).with_param("motion", 0.0)
    for name, value in values.items():
        patch = patch.with_param(name, value)
    return patch


def _f0_cents(audio: F32, hz: float, smoothed_hz: float = 60.0) -> NDArray[np.float64]:
    """Instantaneous pitch of the partial at ``hz``, from its analytic signal, in cents about it."""
    mono = audio.mean(axis=1).astype(np.float64)
    band = butter(4, [hz * 0.93, hz * 1.07], "bandpass", fs=ENGINE_RATE, output="sos")
    turns = np.unwrap(np.angle(hilbert(sosfiltfilt(band, mono)))) / (2 * np.pi)
    track = 1200 * np.log2(np.maximum(np.diff(turns) * ENGINE_RATE, 1.0) / hz)
    return np.asarray(sosfiltfilt(butter(4, smoothed_hz, fs=ENGINE_RATE, output="sos"), track))


@pytest.mark.parametrize("key", [48, 60, 72])
def test_vibrato_is_the_requested_sine(models: dict[int, str], key: int) -> None:
    """Depth, phase, middle and ripple of the pitch that sounds, against 20 cents at 5.5 Hz."""
    rate, depth, seconds = 5.5, 20.0, 2.0
    patch = _still(models[48_000], Connection("lfo1", "pitch", depth / 100), lfo=Lfo(rate_hz=rate))
    audio = play(patch, (0.0, NoteOn(key)), seconds=seconds + 0.4)
    track = _f0_cents(audio, key_hz(key) * 4)[int(0.3 * ENGINE_RATE) : int(2.1 * ENGINE_RATE)]
    t = (np.arange(len(track)) + 0.5) / ENGINE_RATE + 0.3
    basis = np.stack([np.sin(2 * np.pi * rate * t), np.cos(2 * np.pi * rate * t), np.ones_like(t)], axis=1)
    (in_phase, across, middle), *_ = np.linalg.lstsq(basis, track, rcond=None)
    ripple = track - basis @ (in_phase, across, middle)
    assert np.hypot(in_phase, across) == pytest.approx(depth, rel=0.05)
    assert abs(np.degrees(np.arctan2(across, in_phase))) < 3.0  # 1.5 ms
    assert abs(middle) < 0.2
    assert ripple.std() < 0.04 * depth


def test_gain_modulation_is_in_decibels(models: dict[int, str]) -> None:
    patch = _still(models[48_000], Connection("lfo1", "gain", -6.0), lfo=Lfo(rate_hz=2.0))
    audio = play(patch, (0.0, NoteOn(60)), seconds=1.4)

    def at(s: float) -> float:
        return rms_db(audio[round((s - 0.02) * ENGINE_RATE) : round((s + 0.02) * ENGINE_RATE)])

    assert at(0.875) - at(0.625) == pytest.approx(12.0, abs=0.6)
    assert at(1.375) - at(1.125) == pytest.approx(12.0, abs=0.6)


def test_modulation_of_pan_formant_and_morph_equals_their_parameters(models: dict[int, str]) -> None:
    path = models[48_000]
    right = play(_still(path, Connection("velocity", "pan", 1.0)), (0.0, NoteOn(60, 127)), seconds=0.5)
    assert rms_db(right[:, 1]) > rms_db(right[:, 0]) + 60.0
    for target, name in (("formant", "formant"), ("morph", "morph")):
        moved = replace(_still(path, Connection("velocity", target, 1.0), note=0), slot_b=BRIGHT)
        asked = replace(_still(path, note=0), slot_b=BRIGHT).with_param(name, 1.0)
        audio = [play(each, (0.0, NoteOn(67, 127)), seconds=0.5) for each in (moved, asked)]
        np.testing.assert_allclose(audio[0], audio[1], atol=2e-6)


def test_modulation_over_the_pad_adds_the_difference_of_its_latent_vectors(models: dict[int, str]) -> None:
    """Velocity moves half-way across the pad: as if the sliders had moved by the difference of the latent vectors."""
    path = models[48_000]
    size = load_model_file(path).card.latent_size
    way = np.linspace(-0.8, 1.2, size)
    nodes = np.zeros((2, 2, size))
    nodes[:, 1] = way
    pad = PadGrid.of(nodes, (0.25, 0.5))
    moved = replace(_still(path, Connection("velocity", "pad_x", 0.5), note=0), pad_grid=pad)
    asked = replace(_still(path, note=0), offset=tuple(0.5 * way))
    still = replace(moved, modulation=Modulation())
    audio = [play(each, (0.0, NoteOn(60, 127)), seconds=0.5) for each in (moved, asked, still)]
    np.testing.assert_allclose(audio[0], audio[1], atol=2e-6)
    assert np.abs(audio[0] - audio[2]).max() > 0.01


def test_a_latent_dimension_moves_by_standard_deviations(models: dict[int, str]) -> None:
    path = models[48_000]
    std = float(load_model_file(path).stats.std[0])
    moved = play(_still(path, Connection("velocity", "z1", 0.5), note=0), (0.0, NoteOn(60, 127)), seconds=0.5)
    asked = play(replace(_still(path, note=0), offset=(0.5 * std, 0.0)), (0.0, NoteOn(60, 127)), seconds=0.5)
    assert rms_db(asked) > -60.0
    np.testing.assert_allclose(moved, asked, atol=2e-5)
    beyond = play(_still(path, Connection("velocity", "z3", 2.0)), (0.0, NoteOn(60)), seconds=0.3)
    np.testing.assert_array_equal(beyond, play(_still(path), (0.0, NoteOn(60)), seconds=0.3))


@pytest.mark.parametrize("key", [60, 64])  # untransposed and transposed
def test_tilt_is_a_slope_about_1_khz_without_detuning(models: dict[int, str], key: int) -> None:
    path, slope = models[48_000], 4.0
    plain = play(_still(path), (0.0, NoteOn(key, 127)), seconds=2.0)
    tilted = play(_still(path, Connection("velocity", "tilt", slope)), (0.0, NoteOn(key, 127)), seconds=2.0)
    window = np.blackman(ENGINE_RATE)
    before, after = (np.abs(np.fft.rfft(each[-ENGINE_RATE:, 0] * window)) for each in (plain, tilted))
    for partial in (1, 2, 4, 8, 16):
        hz = key_hz(key) * partial
        near = slice(round(hz) - 4, round(hz) + 5)
        change = 20 * np.log10(after[near].max() / before[near].max())
        assert change == pytest.approx(slope * np.log2(hz / 1000.0), abs=0.5)
        assert abs(cents(partial_hz(tilted[-ENGINE_RATE:, 0], hz), partial_hz(plain[-ENGINE_RATE:, 0], hz))) < 0.3


def test_velocity_parameters_set_brightness_and_attack(models: dict[int, str]) -> None:
    def slope(velocity: int, amount: float) -> float:
        patch = _still(models[48_000], velocity_tilt=amount)
        audio = play(patch, (0.0, NoteOn(60, velocity)), seconds=1.2)[-ENGINE_RATE:, 0]
        spectrum = np.abs(np.fft.rfft(audio * np.blackman(len(audio))))
        low, high = (spectrum[round(key_hz(60) * h) - 4 : round(key_hz(60) * h) + 5].max() for h in (1, 16))
        return float(20 * np.log10(high / low) / 4)

    assert slope(127, 6.0) - slope(1, 6.0) == pytest.approx(6.0, abs=0.3)
    assert slope(100, 6.0) == pytest.approx(slope(100, 0.0), abs=0.01)

    def level_after_20_ms(velocity: int, amount: float) -> float:
        patch = _still(models[48_000], velocity_attack=amount, velocity_db=0.0, velocity_tilt=0.0, attack_s=0.02)
        audio = play(patch, (0.0, NoteOn(60, velocity)), seconds=0.5)
        return rms_db(audio[800:1120]) - rms_db(audio[-9600:])

    assert level_after_20_ms(1, 0.0) == pytest.approx(level_after_20_ms(127, 0.0), abs=0.1)
    assert level_after_20_ms(1, 1.0) < level_after_20_ms(1, 0.0) - 15.0  # a tenth of the way up
    together = play(
        _still(models[48_000], velocity_attack=1.0, attack_s=0.05), (0.0, NoteOn(60, 127)), (0.0, NoteOn(72, 1)),
        seconds=0.1,
    )  # fmt: skip
    apart = play(_still(models[48_000], velocity_attack=1.0, attack_s=0.05), (0.0, NoteOn(60, 127)), seconds=0.1)
    assert rms_db(together[:2400] - apart[:2400]) < rms_db(apart[:2400]) - 12.0  # the soft note has its own attack


def test_changing_amounts_during_a_note_makes_no_click(models: dict[int, str]) -> None:
    links = [Connection("velocity", "pan", 0.9), Connection("velocity", "gain", 9.0), Connection("wheel", "pitch", 1.0)]
    plain, moved = _still(models[48_000]), _still(models[48_000], *links)
    events = [(0.5 + 0.1 * i, SetPatch(moved if i % 2 == 0 else plain)) for i in range(6)]
    audio = play(plain, (0.0, NoteOn(60)), (0.3, Controller("wheel", 1.0)), *events, seconds=1.3)
    steady = play(plain, (0.0, NoteOn(60)), seconds=1.3)
    floor = high_band_db(steady.mean(axis=1))[20:].max()
    assert high_band_db(audio.mean(axis=1))[20:].max() < floor + 9.0 + 6.0  # it is up to 9 dB louder


def test_every_block_size_gives_the_same_samples(models: dict[int, str]) -> None:
    links = (
        Connection("lfo1", "pitch", 0.3, via="wheel"), Connection("lfo2", "pan", 0.8), Connection("env1", "tilt", 6.0),
        Connection("random", "gain", 3.0), Connection("lfo1", "z1", 0.7), Connection("key", "morph", 0.4),
    )  # fmt: skip
    lfos = (Lfo("triangle", 6.0, fade_s=0.1), Lfo("random", 9.0, retrigger=False), Lfo(), Lfo("square", sync="1/16"))
    modulation = Modulation(lfos, (ModEnvelope(0.05, 0.1, 0.5, 0.1), ModEnvelope()), links)
    patch = Patch(models[48_000], 3, BRIGHT, modulation=modulation).with_param("morph", 0.3)
    other = replace(patch, modulation=Modulation(lfos[::-1], connections=(Connection("lfo1", "gain", 4.0), *links[2:])))
    events = (
        (0.0, NoteOn(60)), (0.113, NoteOn(65, 80)), (0.2, Controller("wheel", 0.7)), (0.271, SetPatch(other)),
        (0.3, Tempo(97.0)), (0.35, NoteOff(60)), (0.4, SetPatch(patch)),
    )  # fmt: skip
    whole = play(patch, *events, seconds=0.55)
    assert rms_db(whole) > -40.0
    for block in (1, 47, 512):
        np.testing.assert_array_equal(whole, play(patch, *events, seconds=0.55, block=block))
