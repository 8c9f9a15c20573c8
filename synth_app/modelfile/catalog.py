"""Model folders, and models by name."""

import os
from dataclasses import dataclass
from pathlib import Path

from synth_app.modelfile.card import ModelCard
from synth_app.modelfile.store import read_card
from synth_app.support.errors import UserError
from synth_app.support.resources import resource_folder, user_folder

DEFAULT_MODEL = "pitched-vae-48k"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class ModelEntry:
    """A model file with its card, or with the reason why it cannot be used."""

    path: Path
    card: ModelCard | None
    problem: str = ""


def user_model_folder() -> Path:
    """Return the folder of the user's models: $SYNTH_APP_MODELS, else in the user's data folder. It need not exist.

    All models that the user imports or trains are saved here.
    """
    named = os.environ.get("SYNTH_APP_MODELS")
    return Path(named) if named else user_folder("data") / "models"


def model_folders() -> tuple[Path, ...]:
    """Return the folders searched, in order: that of the user's models, then that of the shipped ones."""
    return user_model_folder(), resource_folder("models")


def list_models() -> tuple[ModelEntry, ...]:
    """List the models in all folders, the default first, then by file name; a damaged one comes with its problem.

    Raises:
        UserError: there is no model file in any folder.
    """
    found: dict[str, ModelEntry] = {}
    for folder in model_folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            if path.name not in found and not path.name.startswith("."):
                found[path.name] = _entry(path)
    if not found:
        folders = ", ".join(str(folder) for folder in model_folders())
        raise UserError(
            f"there is no model file (*{SUFFIX}) in any of these folders: {folders}; reinstall the program, or import "
            "a model file (in the window: menu, Import model file…)"
        )
    return tuple(sorted(found.values(), key=lambda e: (e.path.stem != DEFAULT_MODEL, e.path.stem)))


def find_model(path_or_name: Path | str) -> Path:
    """Find the file of a model by path or by name (the file name without suffix).

    Raises:
        UserError: there is no such model, or no model at all.
    """
    path = Path(path_or_name)
    if path.suffix == SUFFIX or path.is_file():
        return path
    for folder in model_folders():
        candidate = folder / f"{path_or_name}{SUFFIX}"
        if candidate.is_file():
            return candidate
    names = ", ".join(entry.path.stem for entry in list_models())
    raise UserError(f"no model {str(path_or_name)!r}; there are: {names}")


def _entry(path: Path) -> ModelEntry:
    try:
        return ModelEntry(path, read_card(path))
    except UserError as error:
        return ModelEntry(path, None, str(error))
