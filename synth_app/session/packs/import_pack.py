"""Add the content of a pack to the user's libraries: all of it, or nothing."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from synth_app.modelfile import read_content_digest
from synth_app.modelfile.catalog import SUFFIX as MODEL_SUFFIX
from synth_app.modelfile.catalog import user_model_folder
from synth_app.session.packs.check_pack import PackContent, PackedModel, PackedSound, checked_pack
from synth_app.session.packs.manifest import Manifest
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.preset import Preset
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path, reason


@dataclass(frozen=True)
class Libraries:
    """Where the content of packs goes.

    Attributes:
        models: folder of the user's models. It need not exist.
        sounds: the user's sounds. presets: the user's presets.
    """

    models: Path
    sounds: SoundLibrary
    presets: PresetLibrary

    @classmethod
    def of_user(cls) -> "Libraries":
        """Return those of the user."""
        return cls(user_model_folder(), SoundLibrary(), PresetLibrary())


@dataclass(frozen=True)
class Imported:
    """What an import added.

    Attributes:
        manifest: of the pack.
        models: files of the new models. sounds: keys of the new sounds. presets: keys of the new presets.
        present: names of what was there before, and was not added again.
    """

    manifest: Manifest
    models: tuple[Path, ...]
    sounds: tuple[str, ...]
    presets: tuple[str, ...]
    present: tuple[str, ...]


def import_pack(path: Path, libraries: Libraries) -> Imported:
    """Add everything that a pack holds. What the libraries hold already, byte for byte, is not added again.

    Names that are taken get a number.

    Raises:
        UserError: the file is no pack or damaged, or the libraries cannot be written; nothing is added then.
    """
    scratch = _made(libraries.models)
    with checked_pack(path, scratch) as content, ExitStack() as undo:
        adder = _Adder(libraries, undo)
        found = adder.add(content)
        undo.pop_all()  # everything is there
        return found


class _Adder:
    """Adds one thing after the other; ``undo`` removes them again."""

    def __init__(self, libraries: Libraries, undo: ExitStack) -> None:
        self._libraries, self._undo = libraries, undo
        self._present: list[str] = []

    def add(self, content: PackContent) -> Imported:
        models = [path for each in content.models if (path := self._add_model(each)) is not None]
        sounds = [key for each in content.sounds if (key := self._add_sound(each)) is not None]
        presets = [key for each in content.presets if (key := self._add_preset(each)) is not None]
        return Imported(content.manifest, tuple(models), tuple(sounds), tuple(presets), tuple(self._present))

    def _add_model(self, model: PackedModel) -> Path | None:
        from synth_app.modelfile import model_folders

        digest = read_content_digest(model.path)
        for folder in dict.fromkeys((self._libraries.models, *model_folders())):
            for known in sorted(folder.glob(f"*{MODEL_SUFFIX}")):
                if not known.name.startswith(".") and _digest_or_none(known) == digest:
                    self._present.append(model.card.title)
                    return None
        target = _free_model(self._libraries.models, model.path.stem)
        with atomic_path(target) as temporary:
            shutil.copyfile(model.path, temporary)
        self._undo.callback(target.unlink, missing_ok=True)
        return target

    def _add_sound(self, packed: PackedSound) -> str | None:
        library = self._libraries.sounds
        wanted = sorted(each.sha256 for each in packed.sound.recordings)
        for entry in library.entries():
            if entry.sound == packed.sound and sorted(each.sha256 for each in entry.sound.recordings) == wanted:
                self._present.append(packed.sound.name)
                return None
        entry = library.add_folder(packed.folder)
        self._undo.callback(shutil.rmtree, entry.folder, ignore_errors=True)
        return entry.key

    def _add_preset(self, preset: Preset) -> str | None:
        library = self._libraries.presets
        if any(entry.preset == preset for entry in library.entries()):
            self._present.append(preset.name)
            return None
        _made(library.folder)
        entry = library.add(preset)
        self._undo.callback(_forget_preset(library, entry.path))
        return entry.key


def _forget_preset(library: PresetLibrary, path: Path) -> Callable[[], None]:
    def forget() -> None:
        path.unlink(missing_ok=True)
        library.refresh()

    return forget


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {reason(error)}; nothing was imported") from error
    return folder


def _digest_or_none(path: Path) -> str | None:
    try:
        return read_content_digest(path)
    except UserError:  # a damaged file is another one
        return None


def _free_model(folder: Path, stem: str) -> Path:
    """Return a file name that no model has; a name with a number stays one that models may have."""
    from synth_app.modelfile import model_folders

    taken = {path.stem for each in (folder, *model_folders()) for path in each.glob(f"*{MODEL_SUFFIX}")}
    free, number = stem, 2
    while free in taken:
        free, number = f"{stem[:60]}-{number}", number + 1
    return folder / f"{free}{MODEL_SUFFIX}"
