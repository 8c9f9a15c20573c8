"""Write the factory presets in assets/presets from the recipes in scripts/presets.

One TOML file holds the recipes of one category, and ``vocabulary.toml`` holds what several recipes share: the macros
and the settings of effects. A recipe is the whole preset except for two things that stay in the preset's file: the
texture in slot S, and the levels that ``synth-app presets sheet OUT --macros --normalize-loudness`` measures.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, ValidationError, field_validator

from synth_app.params import MACROS, param
from synth_app.params.macros import MAX_MACRO_NAME
from synth_app.patch.modulation_matrix import Connection, Lfo, ModEnvelope
from synth_app.session.presets.library import FACTORY_FOLDER
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import (
    CATEGORIES,
    SUFFIX,
    Preset,
    StoredPhraseNote,
    preset_stem,
    read_preset,
    write_preset,
)
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.support.errors import UserError

RECIPES = Path(__file__).parent / "presets"
AUTHOR = "synth_app"
_LEVEL = "gain_db"
_MACRO_TEXT = re.compile(r"(?P<name>[^=*]+)(?:=(?P<kind>[^=*]+))?(?:\*(?P<scale>-?[0-9.]+))?")
Amounts = dict[str, float]


class MacroKind(StrictModel):
    """What a macro does at its upper end.

    Attributes:
        add: amounts by target.
        by_lfo, by_envelope: amounts by target of an LFO and an envelope that this macro scales.
        lfo, envelope: their settings.
        needs: parameters that it needs, where the recipe does not set them.
    """

    add: Amounts = Field(default_factory=dict)
    by_lfo: Amounts = Field(default_factory=dict)
    by_envelope: Amounts = Field(default_factory=dict)
    lfo: dict[str, JsonValue] = Field(default_factory=dict)
    envelope: Amounts = Field(default_factory=dict)
    needs: Amounts = Field(default_factory=dict)

    @field_validator("add")
    @classmethod
    def _leave_out_gain(cls, add: Amounts) -> Amounts:
        if "gain" in add:
            raise ValueError("leave out gain: the levelling finds it")
        return add


class Vocabulary(StrictModel):
    """What recipes share, by name.

    Attributes:
        macros: kinds of macros.
        settings: parameters of effects and filters.
        phrases: notes that show a preset, as the preset's file has them.
    """

    macros: dict[str, MacroKind]
    settings: dict[str, Amounts]
    phrases: dict[str, tuple[StoredPhraseNote, ...]]


class Recipe(StrictModel):
    """One preset. Fields that a preset has too mean the same.

    Attributes:
        phrase: name of a phrase in the vocabulary; "" for that of the category.
        texture: the preset's file, without suffix, whose texture plays in slot S.
        use: names of settings in the vocabulary; ``params`` override them.
        macros: in the order of the knobs, each ``Name``, ``Name=Kind`` or ``Name=Kind*factor``; the kind is the name if
            it is left out, and the factor scales all its amounts.
    """

    name: str
    tags: tuple[str, ...]
    about: str
    note: int = 60
    a: str
    b: str = ""
    toward: Amounts = Field(default_factory=dict)
    exaggerate: float = 0.0
    phrase: str = ""
    texture: str = ""
    use: tuple[str, ...] = ()
    params: Amounts = Field(default_factory=dict)
    pad: PadState | None = None
    lfos: tuple[dict[str, JsonValue], ...] = ()
    envelopes: tuple[dict[str, JsonValue], ...] = ()
    connections: tuple[tuple[str, str, float] | tuple[str, str, float, str], ...] = ()
    macros: tuple[str, ...]


def read_recipes(folder: Path = RECIPES) -> tuple[Vocabulary, dict[str, tuple[str, Recipe]]]:
    """Read all recipes.

    Returns:
        the vocabulary, and the category and recipe of each preset by the name of its file without suffix.

    Raises:
        UserError: a file has an unknown or wrong field, its name is no category, or two presets have one name.
    """
    vocabulary = Vocabulary.model_validate(_toml(folder / "vocabulary.toml"))
    found: dict[str, tuple[str, Recipe]] = {}
    for category in CATEGORIES:
        for each in _toml(folder / f"{category}.toml")["preset"]:
            try:
                recipe = Recipe.model_validate(each)
            except ValidationError as error:
                raise UserError(f"{category}.toml, {each.get('name', 'no name')}: {error}") from error
            stem = preset_stem(recipe.name)
            if stem in found:
                raise UserError(f"{category}.toml: {found[stem][0]}.toml has a preset {recipe.name!r} too; rename one")
            found[stem] = category, recipe
    return vocabulary, found


def build_preset(category: str, recipe: Recipe, vocabulary: Vocabulary, folder: Path = FACTORY_FOLDER) -> Preset:
    """Return the preset of a recipe, with the texture and the levels of the file that exists.

    Raises:
        UserError: the recipe names something that does not exist, or a value out of range.
    """
    path = folder / f"{preset_stem(recipe.name)}{SUFFIX}"
    before = read_preset(path) if path.exists() else None
    params = _settings(recipe, vocabulary) | recipe.params
    connections: list[dict[str, JsonValue]] = [
        dict(zip(("source", "target", "amount", "via"), each, strict=False)) for each in recipe.connections
    ]
    modulation: dict[str, Any] = {"lfos": _numbered(recipe.lfos), "envelopes": _numbered(recipe.envelopes)}
    names, levels = [""] * len(MACROS), []
    for i, text in enumerate(recipe.macros):
        names[i], kind, scale = _macro(text, vocabulary, recipe)
        params = {**kind.needs, **params}
        connections += _connections(MACROS[i], kind, scale, modulation)
        levels += _levels(names[i], MACROS[i], before)
    modulation["connections"] = connections + levels
    texture = read_preset(folder / f"{recipe.texture}{SUFFIX}").style if recipe.texture else None
    return Preset.model_validate(
        {
            **recipe.model_dump(include={"name", "tags", "about", "note", "a", "b", "toward", "exaggerate"}),
            "author": AUTHOR,
            "category": category,
            "params": _in_range(params, recipe) | {_LEVEL: before.params.get(_LEVEL, 0.0) if before else 0.0},
            "phrase": _named(vocabulary.phrases, recipe.phrase, recipe) if recipe.phrase else (),
            "style": texture,
            "pad": recipe.pad,
            "extra": {"modulation": _checked(modulation, recipe), "macro_names": names},
        }
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path.name}: {error}") from error


def _named(shared: dict[str, Any], name: str, recipe: Recipe) -> Any:
    if name not in shared:
        raise UserError(f"{recipe.name}: vocabulary.toml has no {name!r}; it has {', '.join(shared)}")
    return shared[name]


def _settings(recipe: Recipe, vocabulary: Vocabulary) -> Amounts:
    """Return the parameters of all settings that a recipe uses."""
    return {key: value for name in recipe.use for key, value in _named(vocabulary.settings, name, recipe).items()}


def _in_range(params: Amounts, recipe: Recipe) -> Amounts:
    for name, value in params.items():
        if param(name).clamp(value) != value:
            spec = param(name)
            raise UserError(f"{recipe.name}: {name} = {value:g}; give {spec.minimum:g} to {spec.maximum:g}")
    return params


def _numbered(parts: tuple[dict[str, JsonValue], ...]) -> dict[str, dict[str, JsonValue]]:
    return {str(i + 1): part for i, part in enumerate(parts)}


def _macro(text: str, vocabulary: Vocabulary, recipe: Recipe) -> tuple[str, MacroKind, float]:
    """Return a macro's name, kind and factor."""
    found = _MACRO_TEXT.fullmatch(text)
    if found is None or len(found["name"]) > MAX_MACRO_NAME:
        raise UserError(f"{recipe.name}: macro {text!r}; write Name=Kind*factor, a name of {MAX_MACRO_NAME} letters")
    kind: MacroKind = _named(vocabulary.macros, found["kind"] or found["name"], recipe)
    return found["name"], kind, float(found["scale"] or 1.0)


def _connections(macro: str, kind: MacroKind, scale: float, modulation: dict[str, Any]) -> list[dict[str, JsonValue]]:
    """Return a macro's connections. The settings of its LFO and envelope take the next number in ``modulation``."""
    found: list[dict[str, JsonValue]] = [
        {"source": macro, "target": target, "amount": round(scale * amount, 4)} for target, amount in kind.add.items()
    ]
    for amounts, settings, part, prefix in (
        (kind.by_lfo, kind.lfo, "lfos", "lfo"),
        (kind.by_envelope, kind.envelope, "envelopes", "env"),
    ):
        if amounts:
            number = str(len(modulation[part]) + 1)
            modulation[part][number] = settings
            found += [
                {"source": f"{prefix}{number}", "target": target, "amount": round(scale * amount, 4), "via": macro}
                for target, amount in amounts.items()
            ]
    return found


def _levels(name: str, macro: str, before: Preset | None) -> list[dict[str, JsonValue]]:
    """Return the connection that holds the loudness while the macro of that name turns, as it was measured."""
    extra: dict[str, Any] = dict(before.extra) if before else {}
    if name not in extra.get("macro_names", ()):
        return []
    source = MACROS[extra["macro_names"].index(name)]
    return [
        {"source": macro, "target": "gain", "amount": each["amount"]}
        for each in extra["modulation"]["connections"]
        if (each["source"], each["target"], each.get("via", "")) == (source, "gain", "")
    ]


def _checked(modulation: dict[str, Any], recipe: Recipe) -> dict[str, JsonValue]:
    """Return modulation as presets store it; refuse what their reader would leave out, and say why."""
    try:
        for part in modulation["lfos"].values():
            Lfo(**{**part, "points": tuple(map(tuple, part.get("points", Lfo().points)))})
        for part in modulation["envelopes"].values():
            ModEnvelope(**part)
        for part in modulation["connections"]:
            Connection(**part)
    except (UserError, TypeError) as error:
        raise UserError(f"{recipe.name}: {error}") from error
    read, left_out = read_modulation(modulation)
    if left_out:
        raise UserError(f"{recipe.name}: {left_out}")
    return modulation_json(read)


def main() -> None:
    """Write the presets, or tell which files differ from their recipes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; the exit status is 1 if a file differs")
    check = parser.parse_args().check
    try:
        vocabulary, recipes = read_recipes()
        built = {stem: build_preset(category, recipe, vocabulary) for stem, (category, recipe) in recipes.items()}
    except UserError as error:
        sys.exit(f"error: {error}")
    changed = 0
    for stem, preset in built.items():
        path = FACTORY_FOLDER / f"{stem}{SUFFIX}"
        if not path.exists() or read_preset(path) != preset:
            print(path.name)
            changed += 1
            if not check:
                write_preset(path, preset)
    print(f"{len(built)} recipes, {changed} files {'differ' if check else 'written'}")
    sys.exit(1 if check and changed else 0)


if __name__ == "__main__":
    main()
