"""Where models lie and what they are called."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from synth_app.modelfile.card import ModelCard
from synth_app.modelfile.store import read_card
from synth_app.support.errors import UserError

DEFAULT_MODEL = "pitched-vae-48k"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class ModelEntry:
    """A model file found: its card, or the sentence that says why it cannot be used."""

    path: Path
    card: ModelCard | None
    problem: str = ""


def model_folders() -> tuple[Path, ...]:
    """Folders searched, first wins: $SYNTH_APP_MODELS, the user's data folder, the shipped ``models/``."""
    named = os.environ.get("SYNTH_APP_MODELS")
    shipped = Path(__file__).resolve().parents[2] / "models"
    return (
        *([Path(named)] if named else []),
        user_data_path("synth_app", appauthor=False) / "models",
        shipped,
    )


def list_models() -> tuple[ModelEntry, ...]:
    """Every model file in the model folders, the default first, then by file name; damaged ones with their problem."""
    found: dict[str, ModelEntry] = {}
    for folder in model_folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            if path.name not in found and not path.name.startswith("."):
                found[path.name] = _entry(path)
    return tuple(sorted(found.values(), key=lambda e: (e.path.stem != DEFAULT_MODEL, e.path.stem)))


def find_model(path_or_name: Path | str) -> Path:
    """The file of a model given by path or by name (its file name without suffix).

    Raises:
        UserError: there is none.
    """
    direct = Path(path_or_name)
    if direct.suffix == SUFFIX or direct.is_file():
        return direct
    for folder in model_folders():
        candidate = folder / f"{path_or_name}{SUFFIX}"
        if candidate.is_file():
            return candidate
    names = ", ".join(entry.path.stem for entry in list_models()) or "none"
    raise UserError(f"no model {str(path_or_name)!r}; there are: {names}")


def _entry(path: Path) -> ModelEntry:
    try:
        return ModelEntry(path, read_card(path))
    except UserError as error:
        return ModelEntry(path, None, str(error))
