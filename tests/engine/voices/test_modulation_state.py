"""Modulation of one voice: sources, targets, synced LFOs, glides of amounts, and moves over the pad."""

import numpy as np
import pytest
from scipy import interpolate

from synth_app.engine.control.beat import Beat
from synth_app.engine.voices.latent_path import HELD, new_voices
from synth_app.engine.voices.modulation_kernel import GAIN_BY, LATENT_BY, PAN_BY, modulated
from synth_app.engine.voices.modulation_state import KernelInputs, ModulationState, Moved
from synth_app.params import MACROS, PARAMS, SPECTRAL_HANDLES, param_index
from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch import ENGINE_RATE, PadGrid
from synth_app.patch.modulation_matrix import MAX_CONNECTIONS, MOD_SOURCES, MOD_TARGETS, Connection, Lfo, Modulation
from synth_app.patch.pad_grid import SIDE

TICK = 64


def _modulator(modulation: Modulation, latent: int = 3, pad: PadGrid | None = None) -> ModulationState:
    voices = new_voices(2, latent)
    voices.stage[:], voices.serial[1], voices.key[:], voices.velocity[:] = HELD, 1, 60, 1.0
    made = ModulationState(voices, np.array([1.0, 2.0, 0.5], np.float32)[:latent], TICK, seed=0)
    read = KernelInputs(np.zeros((4, 2)), np.zeros(len(SPECTRAL_HANDLES)), np.zeros(len(PARAMS)))
    made.begin(Moved(modulation, pad), Beat(), read, 0)
    for v in range(2):
        made.begin_voice(v)
    return made


def _value(made: ModulationState, time: int, column: int, v: int = 0) -> float:
    return float(modulated(made.state, made._voices, v, time, float(ENGINE_RATE))[column])


def _pan(source: str, amount: float = 1.0, via: str = "", **lfo: object) -> Modulation:
    return Modulation((Lfo(**lfo), Lfo(), Lfo(), Lfo()), connections=(Connection(source, "pan", amount, via),))  # type: ignore[arg-type]


def test_amounts_add_up_and_latent_ones_are_in_standard_deviations() -> None:
    links = (Connection("velocity", "z2", 1.5), Connection("velocity", "z2", 0.5), Connection("key", "pan", 1.0))
    off = Connection("velocity", "pan", 1.0, on=False)
    made = _modulator(Modulation(connections=(*links, off, Connection("velocity", "z9", 1.0))))
    made._voices.key[0] = 90
    assert _value(made, 0, LATENT_BY + 1) == pytest.approx(4.0)
    assert _value(made, 0, PAN_BY) == pytest.approx(0.5)


def test_via_scales_the_source_and_follows_its_controller() -> None:
    made = _modulator(_pan("velocity", via="wheel"))
    assert _value(made, 0, PAN_BY) == 0.0
    made.state.controllers[3, 0] = 0.25
    assert _value(made, 0, PAN_BY) == pytest.approx(0.25)


def test_every_source_reaches_its_target() -> None:
    rows = {"pressure": 1, "slide": 2, "wheel": 3}
    for source in MOD_SOURCES:
        made = _modulator(_pan(source.name, rate_hz=1.0, phase=0.25))
        made._voices.key[0] = 70
        if source.name in rows:
            made.state.controllers[rows[source.name], 0] = 0.5
        if source.name in MACROS:
            made.state.params[param_index(source.name)] = 0.5
        assert _value(made, 480, PAN_BY) != 0.0, source.name
        others = [_value(made, 480, column) for column in range(len(MOD_TARGETS)) if column != PAN_BY]
        assert not any(others)


def test_fade_in_and_retrigger_count_from_the_note() -> None:
    made = _modulator(_pan("lfo1", shape="square", rate_hz=0.01, fade_s=1.0))
    assert [_value(made, round(s * ENGINE_RATE), PAN_BY) for s in (0.0, 0.5, 2.0)] == pytest.approx([0.0, 0.5, 1.0])
    for retrigger in (True, False):
        made = _modulator(_pan("lfo1", rate_hz=1.0, retrigger=retrigger))
        made._voices.start[0] = 12_000
        made.begin_voice(0)
        expected = 0.0 if retrigger else 1.0
        assert _value(made, 12_000, PAN_BY) == pytest.approx(expected, abs=1e-9)


def test_a_drawn_cycle_is_played_with_its_jump_and_follows_a_new_drawing() -> None:
    points = ((0.0, -1.0), (0.5, 1.0), (0.5, 0.25), (1.0, -0.5))
    made = _modulator(_pan("lfo1", shape="drawn", rate_hz=1.0, points=points))
    for turns, level in ((0.0, -1.0), (0.25, 0.0), (0.49, 0.96), (0.51, 0.235), (0.75, -0.125), (1.25, 0.0)):
        assert _value(made, round(turns * ENGINE_RATE), PAN_BY) == pytest.approx(level, abs=1e-3)
    made.follow(Moved(_pan("lfo1", shape="drawn", rate_hz=1.0, points=((0.0, 0.5), (1.0, 0.5))), None))
    assert _value(made, 12_345, PAN_BY) == pytest.approx(0.5)


def test_random_values_differ_by_voice_unless_the_lfo_runs_freely() -> None:
    for retrigger in (True, False):
        made = _modulator(_pan("lfo1", shape="sample & hold", rate_hz=1.0, retrigger=retrigger))
        assert (_value(made, 10, PAN_BY, 0) == _value(made, 10, PAN_BY, 1)) != retrigger
    made = _modulator(_pan("random"))
    assert _value(made, 10, PAN_BY, 0) == _value(made, 10_000, PAN_BY, 0) != _value(made, 10, PAN_BY, 1)


def test_a_synced_lfo_follows_the_beat() -> None:
    made = _modulator(_pan("lfo1", shape="saw up", sync="1/2", retrigger=False))
    beat = made._beat
    for clock in range(0, 60_000, TICK):
        if clock == 24_000:
            beat.follow(73.0, clock)
        made.step(clock)
        turns = beat.at(clock) / NOTE_BEATS["1/2"] % 1.0
        assert _value(made, clock, PAN_BY) == pytest.approx(2 * turns - 1, abs=1e-9)


def test_another_rate_continues_at_the_present_phase() -> None:
    made, before = _modulator(_pan("lfo1", rate_hz=1.0)), 0.0
    for clock in range(0, 30_000, TICK):
        if clock == TICK * 100:
            made.follow(Moved(_pan("lfo1", rate_hz=9.0), None))
        made.step(clock)
        value = _value(made, clock, PAN_BY)
        assert abs(value - before) <= 2 * np.pi * 9.0 * TICK / ENGINE_RATE * 1.01
        before = value


def test_amounts_glide_and_removed_connections_end() -> None:
    made = _modulator(_pan("velocity", 1.0))
    made.follow(Moved(Modulation(connections=(Connection("velocity", "gain", 12.0),)), None))
    values = []
    for clock in range(0, 20_000, TICK):
        made.step(clock)
        values.append((_value(made, clock, PAN_BY), _value(made, clock, GAIN_BY)))
    pan, gain = np.array(values).T
    assert pan[0] < 1.0
    assert (np.diff(pan) <= 0).all()
    assert pan[-1] == 0.0
    assert 0.0 < gain[0] < 3.0
    assert (np.diff(gain) >= 0).all()
    assert gain[-1] == 12.0
    assert made.state.row_count[0] == 1


def test_many_changes_of_connections_reuse_the_rows() -> None:
    made, rng = _modulator(Modulation()), np.random.default_rng(4)
    names = [source.name for source in MOD_SOURCES]
    for clock in range(0, 200 * TICK, TICK):
        links = (
            Connection(str(rng.choice(names)), "pan", 0.1, str(rng.choice(["", *names])))
            for _ in range(MAX_CONNECTIONS)
        )
        made.follow(Moved(Modulation(connections=tuple(links))))
        made.step(clock)
    last = Modulation(connections=(Connection("velocity", "pan", 0.5),))
    made.follow(Moved(last, None))
    for clock in range(200 * TICK, 400 * TICK, TICK):
        made.step(clock)
    assert made.state.row_count[0] == 1
    assert _value(made, 400 * TICK, PAN_BY) == pytest.approx(0.5)


# ---- over the pad


def _surface(side: int, at: tuple[float, float], number: int = 0) -> PadGrid:
    return PadGrid.of(np.random.default_rng([side, number]).standard_normal((side, side, 3)), at)


def _over(across: float, up: float) -> Modulation:
    return Modulation(connections=(Connection("velocity", "pad_x", across), Connection("velocity", "pad_y", up)))


@pytest.mark.parametrize("side", [2, SIDE])
@pytest.mark.parametrize(("across", "up"), [(0.31, -0.2), (-0.05, 0.4), (0.9, 0.0), (-1.0, -1.0), (0.2, 1.0)])
def test_the_pad_adds_the_difference_of_its_latent_vectors(side: int, across: float, up: float) -> None:
    pad = _surface(side, (0.3, 0.55))
    made = _modulator(_over(across, up), pad=pad)
    axis = np.linspace(0.0, 1.0, side)
    oracle = interpolate.RegularGridInterpolator((axis, axis), pad.nodes().astype(np.float64))
    there = np.clip([0.55 + up, 0.3 + across], 0.0, 1.0)
    expected = oracle(there)[0] - oracle([0.55, 0.3])[0]
    got = [_value(made, 0, LATENT_BY + d) for d in range(3)]
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_without_modulation_of_the_pad_nothing_is_added() -> None:
    made = _modulator(_over(0.0, 0.0), pad=_surface(SIDE, (0.3, 0.55)))
    assert not made.state.value.any()
    assert [_value(made, 0, LATENT_BY + d) for d in range(3)] == [0.0] * 3
    without = _modulator(_over(0.7, 0.0))
    assert [_value(without, 0, LATENT_BY + d) for d in range(3)] == [0.0] * 3


def test_the_pad_glides_to_another_grid_and_cursor() -> None:
    first, second = _surface(2, (0.2, 0.2)), _surface(2, (0.7, 0.9), number=1)
    made = _modulator(_over(0.25, 0.1), pad=first)
    there = [_value(_modulator(_over(0.25, 0.1), pad=second), 0, LATENT_BY + d) for d in range(3)]
    way = [[_value(made, 0, LATENT_BY + d) for d in range(3)]]
    made.follow(Moved(_over(0.25, 0.1), second))
    for clock in range(0, 16_000, TICK):
        made.step(clock)
        way.append([_value(made, clock, LATENT_BY + d) for d in range(3)])
    steps = np.abs(np.diff(way, axis=0)).max()
    assert steps < 0.35 * np.abs(np.subtract(way[0], there)).max()
    np.testing.assert_allclose(way[-1], there, atol=1e-6)


def test_connections_over_a_removed_pad_glide_to_zero_and_back() -> None:
    first, second = _surface(2, (0.2, 0.2)), _surface(2, (0.7, 0.9), number=1)
    made, links = _modulator(_over(0.25, 0.1), pad=first), _over(0.25, 0.1)
    way = []
    for clock in range(0, 48_000, TICK):
        if clock == 80 * TICK:
            made.follow(Moved(links, None))
        if clock in (100 * TICK, 500 * TICK):  # while it fades, and long after
            made.follow(Moved(links, second))
        if clock == 300 * TICK:
            made.follow(Moved(links, None))
        made.step(clock)
        way.append([_value(made, clock, LATENT_BY + d) for d in range(3)])
    track = np.array(way)
    assert np.abs(track[85] - track[79]).max() > 0.01, "it goes"
    assert not track[499].any()
    assert np.abs(np.diff(track, axis=0)).max() < 0.25 * np.abs(track).max(), "no step"
    there = [_value(_modulator(links, pad=second), 0, LATENT_BY + d) for d in range(3)]
    np.testing.assert_allclose(track[-1], there, atol=1e-6)


def test_a_pad_of_another_latent_size_moves_nothing() -> None:
    made = _modulator(_over(0.5, 0.5), latent=2, pad=_surface(2, (0.2, 0.2)))
    assert [_value(made, 0, LATENT_BY + d) for d in range(2)] == [0.0, 0.0]
