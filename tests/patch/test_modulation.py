"""Modulation as data and as closed forms: shapes, envelopes, random values, the beat, and refused values."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from scipy import interpolate, signal, stats

from synth_app.engine.control.beat import Beat
from synth_app.engine.control.envelope import adsr
from synth_app.engine.control.lfo import hash_random, lfo_value
from synth_app.engine.control.performance_state import PerformanceState
from synth_app.engine.voices.latent_path import HELD, new_voices
from synth_app.engine.voices.modulation_kernel import GAIN_BY, LATENT_BY, PAN_BY, modulated
from synth_app.engine.voices.modulation_state import ModulationState
from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch import ENGINE_RATE, PadGrid, Tempo, Transport
from synth_app.patch.modulation_matrix import (
    LFO_SHAPES,
    MAX_CONNECTIONS,
    MOD_SOURCES,
    MOD_TARGETS,
    Connection,
    Lfo,
    ModEnvelope,
    Modulation,
    mod_target,
)
from synth_app.patch.pad_grid import SIDE
from synth_app.support.errors import UserError

TICK = 64


def _shape(name: str, turns: np.ndarray, number: int = 5) -> np.ndarray:
    return np.array([lfo_value(LFO_SHAPES.index(name), float(t), number) for t in turns])


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("sine", lambda t: np.sin(2 * np.pi * t)),
        ("triangle", lambda t: signal.sawtooth(2 * np.pi * (t + 0.25), 0.5)),
        ("saw up", lambda t: signal.sawtooth(2 * np.pi * t)),
        ("saw down", lambda t: -signal.sawtooth(2 * np.pi * t)),
        ("square", lambda t: signal.square(2 * np.pi * t)),
    ],
)
def test_lfo_shapes_equal_their_formulas(name: str, oracle: object) -> None:
    turns = np.arange(0.003, 4.0, 0.01)
    np.testing.assert_allclose(_shape(name, turns), oracle(turns), atol=1e-9)  # type: ignore[operator]


def test_sample_and_hold_stays_for_a_cycle_and_random_glides_between_the_same_levels() -> None:
    turns = np.arange(0.0, 50.0, 0.05)
    held, smooth = _shape("sample & hold", turns), _shape("random", turns)
    cycles = held.reshape(-1, 20)
    assert (cycles == cycles[:, :1]).all()
    assert len(set(cycles[:, 0])) == 50
    np.testing.assert_array_equal(smooth[::20], cycles[:, 0])
    assert np.abs(np.diff(smooth)).max() < 2.0 * 1.5 * 0.05 + 1e-9  # steepest of 3t^2 - 2t^3 over the widest step
    assert (_shape("sample & hold", turns, number=6) != held).all()


def test_random_values_are_uniform_and_independent() -> None:
    drawn = np.array([[hash_random(number, i) for i in range(2000)] for number in (0, 1, 2**40)])
    assert np.abs(drawn).max() <= 1.0
    for row in drawn:
        assert stats.kstest(row, stats.uniform(-1, 2).cdf).pvalue > 0.01
        assert abs(np.corrcoef(row[:-1], row[1:])[0, 1]) < 0.08
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.08


def test_the_envelope_rises_linearly_decays_by_99_percent_and_releases_to_zero() -> None:
    def at(elapsed: float, released: float = -1.0) -> float:
        return float(adsr(elapsed, released, 0.2, 0.5, 0.4, 1.0))

    assert [at(0.0), at(0.1), at(0.2)] == pytest.approx([0.0, 0.5, 1.0])
    assert at(0.7) == pytest.approx(0.4 + 0.6 * 0.01, abs=1e-4)
    assert at(9.0) == pytest.approx(0.4)
    assert at(10.0, 1.0) == pytest.approx(0.4e-3, rel=1e-3)
    assert at(0.15, 0.05) < 0.5 == pytest.approx(at(0.1, -1.0))  # released half-way up: falls from there
    assert at(0.15, 0.05) == pytest.approx(0.5 * 10 ** (-3 * 0.05), rel=1e-3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Lfo(shape="wobble"), "sample & hold"),  # type: ignore[arg-type]
        (lambda: Lfo(rate_hz=31.0), "0.01 to 30"),
        (lambda: Lfo(sync="1/5"), "1/4t"),
        (lambda: ModEnvelope(attack_s=0.0), "0.001 to 20"),
        (lambda: Connection("lfo5", "pan", 0.0), "lfo4"),
        (lambda: Connection("lfo1", "cutoff", 0.0), "tilt"),
        (lambda: Connection("lfo1", "z0", 0.0), "z1"),
        (lambda: Connection("lfo1", "pitch", 25.0), "-24 to 24"),
        (lambda: Connection("lfo1", "pitch", float("nan")), "-24 to 24"),
        (lambda: Connection("lfo1", "pan", 0.1, via="nose"), "wheel"),
        (lambda: Modulation(connections=(Connection("lfo1", "pan", 0.1),) * 33), "limit is 32"),
        (lambda: Modulation(lfos=()), "0 LFOs"),
    ],
)
def test_invalid_modulation_is_refused_by_name(make: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        make()


def test_connections_to_dimensions_that_a_model_lacks_are_left_out() -> None:
    modulation = Modulation(connections=(Connection("lfo1", "z3", 1.0), Connection("lfo1", "pan", 1.0)))
    assert modulation.latent_size() == 3
    assert modulation.within(3) is modulation
    assert [each.target for each in modulation.within(2).connections] == ["pan"]
    assert Modulation().latent_size() == 0
    assert mod_target("z12").unit == "sd"


@seed(2)
@given(st.lists(st.tuples(st.floats(20.0, 300.0), st.integers(1, 100_000)), min_size=1, max_size=8))
def test_beats_continue_through_every_change_of_tempo(changes: list[tuple[float, int]]) -> None:
    beat, clock, expected = Beat(), 0, 0.0
    for bpm, samples in changes:
        beat.follow(bpm, clock)
        assert beat.at(clock) == pytest.approx(expected, abs=1e-9)
        clock += samples
        expected += samples * bpm / 60 / ENGINE_RATE
    assert beat.at(clock) == pytest.approx(expected, abs=1e-9)


def test_a_clock_overrides_the_tempo_of_the_patch() -> None:
    performance = PerformanceState()
    beat = performance.inputs.beat
    beat.suggest(90.0, 0)
    assert beat.bpm == 90.0
    performance.handle(Tempo(140.0), 4800)
    beat.suggest(60.0, 9600)
    assert beat.bpm == 140.0
    performance.handle(Transport(running=True), 10_000)
    assert beat.at(10_000) == 0.0


# ---- the values of one voice


def _modulator(modulation: Modulation, latent: int = 3, pad: PadGrid | None = None) -> ModulationState:
    voices = new_voices(2, latent)
    voices.stage[:], voices.serial[1], voices.key[:], voices.velocity[:] = HELD, 1, 60, 1.0
    made = ModulationState(voices, np.array([1.0, 2.0, 0.5], np.float32)[:latent], TICK, seed=0)
    made.begin(modulation, pad, Beat(), np.zeros((4, 2)), 0)
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
            made.follow(_pan("lfo1", rate_hz=9.0), None)
        made.step(clock)
        value = _value(made, clock, PAN_BY)
        assert abs(value - before) <= 2 * np.pi * 9.0 * TICK / ENGINE_RATE * 1.01
        before = value


def test_amounts_glide_and_removed_connections_end() -> None:
    made = _modulator(_pan("velocity", 1.0))
    made.follow(Modulation(connections=(Connection("velocity", "gain", 12.0),)), None)
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
        made.follow(Modulation(connections=tuple(
            Connection(str(rng.choice(names)), "pan", 0.1, str(rng.choice(["", *names])))
            for _ in range(MAX_CONNECTIONS)
        )), None)  # fmt: skip
        made.step(clock)
    last = Modulation(connections=(Connection("velocity", "pan", 0.5),))
    made.follow(last, None)
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
    made.follow(_over(0.25, 0.1), second)
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
            made.follow(links, None)
        if clock in (100 * TICK, 500 * TICK):  # while it fades, and long after
            made.follow(links, second)
        if clock == 300 * TICK:
            made.follow(links, None)
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


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: PadGrid(3, 2, b"1234", (0.0, 0.0)), "4 bytes for a pad of 2 x 2"),
        (lambda: PadGrid.of(np.zeros((40, 40, 3)), (0.0, 0.0)), "2 to 33"),
        (lambda: PadGrid.of(np.zeros((2, 2, 3)), (0.0, 1.2)), "0 to 1"),
        (lambda: PadGrid.of(np.full((2, 2, 3), np.nan), (0.0, 0.0)), "finite"),
    ],
)
def test_an_invalid_pad_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        make()
