"""The user's own models: rename and delete."""

from dataclasses import replace
from pathlib import Path

from synth_app.modelfile import ModelEntry, load_model_file, read_card, save_model_file
from synth_app.modelfile.catalog import SUFFIX, user_model_folder
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.presets.preset_capture import card_digest
from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import move_to_trash, reason
from synth_app.support.loading import shown

MAX_TITLE = 64


def own_models() -> tuple[ModelEntry, ...]:
    """Return the models in the user's folder by file name, damaged ones included."""
    paths = sorted(user_model_folder().glob(f"[!.]*{SUFFIX}"))
    return tuple(_entry(path) for path in paths)


def _entry(path: Path) -> ModelEntry:
    try:
        return ModelEntry(path, read_card(path))
    except UserError as error:
        return ModelEntry(path, None, str(error))


def rename_model(path: Path, title: str, presets: PresetLibrary) -> None:
    """Give a model another title. Its file keeps its name, and presets of the user that were made with it follow.

    Raises:
        UserError: the title is empty or too long, or a file cannot be read or written.
    """
    title = " ".join(title.split())
    if not 0 < len(title) <= MAX_TITLE:
        raise UserError(f"a model's name has 1 to {MAX_TITLE} characters; this one has {len(title)}")
    model = load_model_file(path)
    before = card_digest(model.card)
    renamed = replace(model, card=model.card.model_copy(update={"title": title}))
    save_model_file(path, renamed)
    digest = card_digest(renamed.card)
    for entry in presets.entries():
        mark = entry.preset.model
        if not entry.factory and mark is not None and mark.digest == before:
            changed = mark.model_copy(update={"title": title, "digest": digest})
            presets.replace(entry.key, entry.preset.model_copy(update={"model": changed}))


def delete_model(path: Path) -> Path:
    """Move a model to the trash; return its file there, for ``restore_model``. Raises UserError if it cannot."""
    return move_to_trash(path)


def restore_model(deleted: Path, path: Path) -> Path:
    """Move a model out of the trash, to ``path`` or a free name beside it. Raises UserError if it cannot."""
    target = free_path(path)
    try:
        deleted.replace(target)
    except OSError as error:
        raise UserError(f"cannot restore {shown(path)}: {reason(error)}; it stays in the trash") from error
    return target
