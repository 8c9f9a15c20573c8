"""Macros are measured at their upper end, and levelled by a connection to the gain."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import JsonValue

from synth_app.decoder import Model, load_model
from synth_app.export.auditions.audition import Audition, audition, change_db
from synth_app.export.auditions.macro_audition import MacroAudition, audition_macros, audition_macros_levelled
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import Patch
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import Preset, PresetEntry
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.support.errors import UserError

PATH = find_model(DEFAULT_MODEL)
CONNECTIONS = (
    Connection("lfo1", "pan", 0.2),
    Connection("macro1", "tilt", -6.0),
    Connection("macro2", "handle_air", 0.0),
    Connection("lfo1", "pitch", 0.5, "macro3"),
)


def preset(*connections: Connection) -> Preset:
    modulation = modulation_json(Modulation(connections=connections))
    names: list[JsonValue] = ["Duller", "Nothing", "Shake", *[""] * 5]
    return Preset(
        name="P", a="string_acoustic_007-060-100", extra={"modulation": modulation, "macro_names": names}
    )  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def rest(model: Model) -> Audition:
    return audition(PresetEntry("user/p", Path("p.json"), preset(*CONNECTIONS)), model, PATH)


@pytest.fixture(scope="module")
def measured(rest: Audition) -> dict[str, MacroAudition]:
    return {each.name: each for each in audition_macros(rest)}


def test_what_a_macro_changes(measured: dict[str, MacroAudition]) -> None:
    assert list(measured) == ["Duller", "Nothing", "Shake"], "macros without a name are the user's own business"
    assert measured["Nothing"].change_db == 0.0
    assert measured["Nothing"].level_change_lu == 0.0
    assert measured["Nothing"].problems() == ["macro 'Nothing' changes only 0.0 dB"]
    assert measured["Duller"].change_db > 3.0
    assert abs(measured["Duller"].level_change_lu) > 1.0, "6 dB an octave less is another loudness"
    assert measured["Shake"].problems() == [], "a vibrato is heard, though no mean over time shows it"
    assert abs(measured["Shake"].level_change_lu) < 1.0


def test_levelling_holds_the_loudness_and_nothing_else(rest: Audition, measured: dict[str, MacroAudition]) -> None:
    levelled, found = audition_macros_levelled(rest)
    assert [abs(each.level_change_lu) < 0.5 for each in found] == [True, True, True]
    assert found[0].change_db == pytest.approx(measured["Duller"].change_db, abs=0.5), "it is as dull as before"
    modulation, left_out = read_modulation(levelled.entry.preset.extra["modulation"])
    assert left_out == ""
    assert modulation.connections[:-1] == CONNECTIONS
    added = modulation.connections[-1]
    assert (added.source, added.target) == ("macro1", "gain")
    assert added.amount == pytest.approx(-measured["Duller"].level_change_lu, abs=0.5)
    again, _ = audition_macros_levelled(levelled)
    assert again.entry.preset == levelled.entry.preset, "what is level stays as it is"


def test_modulation_of_another_version_is_not_lost(rest: Audition, model: Model) -> None:
    extra = {**rest.entry.preset.extra}
    known = modulation_json(Modulation(connections=CONNECTIONS))["connections"]
    assert isinstance(known, list)
    extra["modulation"] = {"connections": [*known, {"source": "comet", "target": "tilt", "amount": 1.0}]}
    entry = PresetEntry("user/p", Path("p.json"), rest.entry.preset.model_copy(update={"extra": extra}))
    with pytest.raises(UserError, match=r"P: left out: 1 part .* not levelled"):
        audition_macros_levelled(audition(entry, model, PATH))


def test_change_is_measured_at_equal_loudness() -> None:
    rng = np.random.default_rng(1)
    noise = np.repeat(rng.standard_normal((48_000, 1)), 2, axis=1).astype(np.float32) * 0.05
    entry = PresetEntry("user/p", Path("p.json"), preset())

    def heard(audio: np.ndarray, lufs: float) -> Audition:
        return Audition(entry, Patch("x"), audio, lufs, -10.0, np.zeros((7, 48)))

    assert change_db(heard(noise, -26.0), heard(noise * np.float32(0.5), -32.02)) == pytest.approx(0.0, abs=0.01)
    assert change_db(heard(noise, -26.0), heard(noise * np.float32(0.5), -26.0)) == pytest.approx(6.02, abs=0.1)
