"""Modulation in presets, sessions, undo steps, random variations and morphs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from synth_app.decoder import Model
from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch import Patch
from synth_app.patch.modulation_matrix import (
    LFO_SHAPES,
    MOD_SOURCES,
    MOD_TARGETS,
    Connection,
    Lfo,
    ModEnvelope,
    Modulation,
    mod_target,
)
from synth_app.session import Preset, SavedSession, SessionStore, WindowSettings, read_preset, write_preset
from synth_app.session.presets.patch_variation import interpolate_patches, mutate, randomize
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.session.store.modulation_variation import interpolate_modulation, mutate_modulation, random_modulation
from synth_app.support.errors import UserError
from tests.session.conftest import Bench

VIBRATO = Modulation(
    (Lfo(rate_hz=5.5, fade_s=0.4), Lfo(), Lfo(), Lfo()),
    (ModEnvelope(), ModEnvelope(0.2)),
    (Connection("lfo1", "pitch", 0.2, via="wheel"), Connection("env2", "z2", -1.5, on=False)),
)

_sources = st.sampled_from([source.name for source in MOD_SOURCES])


@st.composite
def _connections(draw: st.DrawFn) -> Connection:
    target = mod_target(draw(st.sampled_from([*(each.name for each in MOD_TARGETS), "z1", "z6"])))
    amount = draw(st.floats(-target.reach, target.reach))
    return Connection(draw(_sources), target.name, amount, draw(st.one_of(st.just(""), _sources)), draw(st.booleans()))


_lfos = st.builds(
    Lfo, st.sampled_from(LFO_SHAPES), st.floats(0.01, 30.0), st.sampled_from(["", *NOTE_BEATS]), st.floats(0.0, 1.0),
    st.floats(0.0, 20.0), st.booleans(),
)  # fmt: skip
_envelopes = st.builds(
    ModEnvelope, st.floats(0.001, 20.0), st.floats(0.005, 20.0), st.floats(0.0, 1.0), st.floats(0.005, 20.0)
)
modulations = st.builds(
    Modulation, st.tuples(*[_lfos] * 4), st.tuples(*[_envelopes] * 2), st.lists(_connections(), max_size=8).map(tuple)
)


@seed(7)
@settings(deadline=None, max_examples=30)
@given(modulations)
def test_json_round_trip_holds_only_differences(modulation: Modulation) -> None:
    text = json.dumps(modulation_json(modulation))
    assert read_modulation(json.loads(text)) == (modulation, "")
    assert modulation_json(Modulation()) == {}


def test_json_is_readable() -> None:
    assert modulation_json(VIBRATO) == {
        "lfos": {"1": {"rate_hz": 5.5, "fade_s": 0.4}},
        "envelopes": {"2": {"attack_s": 0.2}},
        "connections": [
            {"source": "lfo1", "target": "pitch", "amount": 0.2, "via": "wheel"},
            {"source": "env2", "target": "z2", "amount": -1.5, "on": False},
        ],
    }


def test_unusable_parts_are_left_out_one_by_one_and_reported() -> None:
    saved = modulation_json(VIBRATO)
    links = [*saved["connections"], {"source": "breath", "target": "pan", "amount": 1}, {"source": "lfo1"}, 7]  # type: ignore[misc]
    lfos: dict[str, JsonValue] = {**saved["lfos"], "9": {}, "2": {"swing": 1}}  # type: ignore[dict-item]
    strange: dict[str, JsonValue] = {**saved, "connections": links, "lfos": lfos}
    modulation, remark = read_modulation(strange)
    assert modulation == VIBRATO
    assert remark == "left out: 5 parts of its modulation, which this version cannot use"
    damages: list[JsonValue] = [
        "no", [], {"lfos": 3}, {"lfos": {"1": {"rate_hz": "fast"}}}, {"connections": [{}] * 40},
    ]  # fmt: skip
    for damaged in damages:
        assert read_modulation(damaged)[0] == Modulation()
    whole, beyond = read_modulation(saved, latent_size=1)
    assert [each.target for each in whole.connections] == ["pitch"]
    assert "1 connection to dimensions that this model lacks" in beyond


def test_presets_store_modulation_and_report_what_another_model_lacks(
    small: Model, wide: Model, tmp_path: Path
) -> None:
    moving = Modulation(connections=(*VIBRATO.connections, Connection("lfo2", "z8", 1.0)))
    patch = Patch("wide", 0, 0, (0.0,) * 9, modulation=moving)
    preset = capture_preset(patch, wide, Preset(name="Moving", a=""))
    write_preset(tmp_path / "moving.json", preset)
    again = read_preset(tmp_path / "moving.json")
    assert transfer_preset(again, wide, "wide", "live").patch.modulation == moving
    fitted = transfer_preset(again, small, "small", "live")
    assert fitted.patch.modulation == moving.within(6)
    assert "1 connection to dimensions that this model lacks" in fitted.remark
    older = Preset(name="Older", a=wide.bank[0].name)
    assert transfer_preset(older, wide, "wide", "live").patch.modulation == Modulation()
    assert "modulation" not in capture_preset(replace(patch, modulation=Modulation()), wide, older).extra


def test_sessions_store_modulation_and_another_model_keeps_what_it_has(bench: Bench) -> None:
    bench.store.set_modulation(VIBRATO)
    saved = SavedSession.model_validate_json(bench.store.saved(WindowSettings()).model_dump_json())
    other = SessionStore(saved)
    other.load_model_data(bench.models[bench.paths[0]], bench.paths[0])
    assert other.patch.modulation == VIBRATO
    assert SessionStore(SavedSession.model_validate_json('{"version": 1}')).patch.modulation == Modulation()
    wide = Modulation(connections=(Connection("lfo1", "z9", 1.0), Connection("lfo1", "pan", 1.0)))
    with pytest.raises(UserError, match="no dimension 8; this model has 6"):
        bench.store.set_modulation(wide)
    bench.store.load_model_data(bench.models[bench.paths[1]], bench.paths[1])
    bench.store.set_modulation(wide)
    bench.store.load_model_data(bench.models[bench.paths[0]], bench.paths[0])
    assert [each.target for each in bench.store.patch.modulation.connections] == ["pan"]
    bench.store.reset()
    assert bench.store.patch.modulation == Modulation()


def test_undo_steps_of_modulation_have_names(bench: Bench) -> None:
    history, store = bench.service.history, bench.store
    for change, label in (
        (replace(VIBRATO, connections=(), envelopes=(ModEnvelope(),) * 2), "LFO 1"),
        (replace(VIBRATO, connections=()), "Envelope 2"),
        (VIBRATO, "Modulation"),
    ):
        history.press()
        store.set_modulation(change)
        history.release()
        assert history.undo_label == label
    history.undo()
    assert store.patch.modulation.connections == ()
    history.undo()
    history.undo()
    assert store.patch.modulation == Modulation()
    history.redo()
    assert store.patch.modulation.lfos[0].rate_hz == 5.5


@seed(8)
@settings(deadline=None, max_examples=30)
@given(modulations, modulations, st.floats(0.0, 1.0), st.integers(0, 999))
def test_random_and_interpolated_modulation_is_valid(
    x: Modulation, y: Modulation, fraction: float, number: int
) -> None:
    rng = np.random.default_rng(number)
    middle = interpolate_modulation(x, y, fraction)  # building it refuses what could not be played
    assert interpolate_modulation(x, y, 0.0) == x
    assert interpolate_modulation(x, y, 1.0) == y
    assert len(middle.connections) <= 32
    assert mutate_modulation(x, 0.0, rng) == x
    assert len(mutate_modulation(x, 1.0, rng).connections) == len(x.connections)
    assert 1 <= len(random_modulation(6, rng).connections) <= 4


def test_a_morph_fades_connections_in_and_out() -> None:
    x = Modulation(connections=(Connection("lfo1", "pan", 0.8), Connection("lfo2", "gain", 6.0)))
    y = Modulation((Lfo(rate_hz=8.0), Lfo(), Lfo(), Lfo()), connections=(Connection("lfo1", "pan", -0.4),))
    middle = interpolate_modulation(x, y, 0.25)
    assert {each.target: pytest.approx(each.amount) for each in middle.connections} == {"pan": 0.5, "gain": 4.5}
    assert middle.lfos[0].rate_hz == pytest.approx(2.0 * 4.0**0.25)


def test_locked_modulation_is_not_randomized(small: Model) -> None:
    patch = Patch("small", 0, 0, (0.0,) * 6, modulation=VIBRATO)
    rng = np.random.default_rng(3)
    for change in (randomize, mutate):
        assert change(patch, small, 1.0, {"modulation": True}, rng).modulation == VIBRATO
        assert change(patch, small, 1.0, {}, rng).modulation != VIBRATO
    other = replace(patch, modulation=Modulation())
    middle = interpolate_patches(patch, other, 0.5, small).modulation
    assert middle.connections[0].amount == pytest.approx(0.1)
