"""The factory presets are what the recipes in ``scripts/presets`` say; wrong recipes are refused by name."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from synth_app.session import Preset, read_preset, write_preset
from synth_app.session.presets.library import FACTORY_FOLDER
from synth_app.support.errors import UserError

SCRIPT = Path(__file__).parents[3] / "scripts" / "factory_presets.py"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("factory_presets", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["factory_presets"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def vocabulary(script: Any) -> Any:
    return script.Vocabulary.model_validate(
        {
            "phrases": {"two": ({"start": 0.0, "seconds": 1.0}, {"start": 1.0, "step": 7, "seconds": 0.5})},
            "settings": {"hall": {"reverb_on": 1, "reverb_mix": 0.3}},
            "macros": {
                "Mellower": {"add": {"tilt": -3.0}},
                "Hall": {"add": {"reverb_mix": 0.4}, "needs": {"reverb_on": 1, "reverb_mix": 0.1}},
                "Vibrato": {"by_lfo": {"pitch": 0.4}, "lfo": {"rate_hz": 5.5}},
            },
        }
    )


def recipe(script: Any, **fields: Any) -> Any:
    return script.Recipe.model_validate(
        {"name": "Iron Sea", "tags": ("warm",), "about": "A sea of iron.", "a": "bass_acoustic_000-036-100",
         "macros": ("Mellower", "Hall"), **fields}
    )  # fmt: skip


def test_every_file_is_what_its_recipe_says(script: Any) -> None:
    vocabulary, recipes = script.read_recipes()
    assert set(recipes) == {path.stem for path in FACTORY_FOLDER.glob("*.json")}
    for stem, (category, each) in recipes.items():
        built = script.build_preset(category, each, vocabulary)
        assert built == read_preset(FACTORY_FOLDER / f"{stem}.json"), f"run scripts/factory_presets.py ({stem})"


def test_settings_needs_and_parameters_in_this_order(script: Any, vocabulary: Any, tmp_path: Path) -> None:
    built = script.build_preset("pad", recipe(script), vocabulary, tmp_path)
    assert built.params == {"reverb_on": 1, "reverb_mix": 0.1, "gain_db": 0}
    built = script.build_preset("pad", recipe(script, use=("hall",)), vocabulary, tmp_path)
    assert built.params["reverb_mix"] == 0.3
    built = script.build_preset("pad", recipe(script, use=("hall",), params={"reverb_mix": 0.5}), vocabulary, tmp_path)
    assert built.params["reverb_mix"] == 0.5


def test_macros_take_the_next_lfo_and_their_factor(script: Any, vocabulary: Any, tmp_path: Path) -> None:
    own = recipe(
        script, lfos=({"rate_hz": 1.0},), connections=(("lfo1", "pan", 0.5),), macros=("Shake=Vibrato*0.5", "Mellower")
    )
    extra = script.build_preset("pad", own, vocabulary, tmp_path).extra
    assert extra["macro_names"][:3] == ["Shake", "Mellower", ""]
    assert extra["modulation"]["lfos"] == {"1": {"rate_hz": 1.0}, "2": {"rate_hz": 5.5}}
    assert extra["modulation"]["connections"] == [
        {"source": "lfo1", "target": "pan", "amount": 0.5},
        {"source": "lfo2", "target": "pitch", "amount": 0.2, "via": "macro1"},
        {"source": "macro2", "target": "tilt", "amount": -3.0},
    ]


def test_the_phrase_is_in_the_file(script: Any, vocabulary: Any, tmp_path: Path) -> None:
    assert script.build_preset("pad", recipe(script), vocabulary, tmp_path).phrase == ()
    own = script.build_preset("pad", recipe(script, phrase="two"), vocabulary, tmp_path).phrase
    assert [(note.start, note.step, note.seconds) for note in own] == [(0.0, 0, 1.0), (1.0, 7, 0.5)]


def test_levels_stay_with_their_macro(script: Any, vocabulary: Any, tmp_path: Path) -> None:
    """What the levelling found is kept by the macro's name, also when it gets another knob."""
    built = script.build_preset("pad", recipe(script), vocabulary, tmp_path)
    level = {"source": "macro1", "target": "gain", "amount": 2.5}
    connections = [*built.extra["modulation"]["connections"], level]
    levelled = built.model_copy(
        update={
            "params": {**built.params, "gain_db": -7.0},
            "extra": {**built.extra, "modulation": {"connections": connections}},
        }
    )
    write_preset(tmp_path / "iron-sea.json", levelled)
    assert script.build_preset("pad", recipe(script), vocabulary, tmp_path) == read_preset(tmp_path / "iron-sea.json")
    again = script.build_preset("pad", recipe(script, macros=("Hall", "Mellower")), vocabulary, tmp_path)
    assert again.params["gain_db"] == -7.0
    assert again.extra["modulation"]["connections"][-1] == {**level, "source": "macro2"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"macros": ("Louder",)}, "Iron Sea: vocabulary.toml has no 'Louder'; it has Mellower, Hall, Vibrato"),
        ({"macros": ("A name of 17 char=Hall",)}, "a name of 16 letters"),
        ({"phrase": "three"}, "has no 'three'; it has two"),
        ({"use": ("cave",)}, "has no 'cave'; it has hall"),
        ({"params": {"attack_s": 9.0}}, "Iron Sea: attack_s = 9; give 0.001 to 5"),
        ({"params": {"speed": 1.0}}, "speed"),
        ({"connections": (("lfo9", "pan", 1.0),)}, "Iron Sea: no modulation source 'lfo9'"),
        ({"lfos": ({"rate": 1.0},)}, "Iron Sea: .*'rate'"),
    ],
)
def test_a_wrong_recipe_is_refused(
    script: Any, vocabulary: Any, tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        script.build_preset("pad", recipe(script, **fields), vocabulary, tmp_path)


def test_the_texture_is_that_of_a_file(script: Any, vocabulary: Any, tmp_path: Path) -> None:
    texture = read_preset(FACTORY_FOLDER / "rain-choir.json").style
    write_preset(tmp_path / "rain.json", Preset(name="Rain", a="", style=texture))
    assert script.build_preset("pad", recipe(script, texture="rain"), vocabulary, tmp_path).style == texture
