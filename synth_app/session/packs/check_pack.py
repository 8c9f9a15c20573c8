"""Read a pack completely before anything of it is used: names, sizes, digests, and each file by its own loader."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from synth_app.modelfile import ModelCard, load_model_file
from synth_app.session.packs.archive import copy_entry, open_archive
from synth_app.session.packs.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    Kind,
    Manifest,
    kind_of,
    listing_problem,
    manifest_problem,
)
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.user_sound import SOUND_NAME, UserSound, read_sound
from synth_app.session.state.preset import Preset, read_preset
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, shown
from synth_app.support.stages import stage_folder


@dataclass(frozen=True)
class PackedModel:
    """A model: its file and card."""

    path: Path
    card: ModelCard


@dataclass(frozen=True)
class PackedSound:
    """A sound: the folder with its description and recordings, and the description."""

    folder: Path
    sound: UserSound


@dataclass(frozen=True)
class PackContent:
    """A checked pack, unpacked in a folder that exists as long as ``checked_pack``.

    Attributes:
        manifest: what the pack says about itself.
        models, sounds, presets: what it holds, in the order of their names.
    """

    manifest: Manifest
    models: tuple[PackedModel, ...]
    sounds: tuple[PackedSound, ...]
    presets: tuple[Preset, ...]


@contextmanager
def checked_pack(path: Path, scratch: Path | None = None) -> Iterator[PackContent]:
    """Check a whole pack, in bounded memory, and yield what it holds.

    Every name, size and digest is checked before a file is unpacked; then each file is read as the program's own
    files are. Nothing outside a temporary folder is written.

    Args:
        path: of the pack.
        scratch: folder in which the temporary one is made; None takes the system's.

    Raises:
        UserError: the file is missing, no pack, damaged, of a newer version, or holds what it may not.
    """
    with stage_folder(scratch or Path(tempfile.gettempdir()), ".pack-") as folder:
        with loading(path, "a pack", "get the file again"), open_archive(path) as archive:
            manifest = _manifest(archive, path)
            _unpack(archive, manifest, folder)
            content = _content(manifest, folder)
        yield content


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    with archive.open(MANIFEST_NAME) as stream:
        data = stream.read(MAX_MANIFEST_BYTES + 1)
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("version",) and isinstance(first["input"], int):
            raise UserError(
                f"{shown(path)}: made by a newer synth_app (pack version {first['input']}); update"
            ) from error
        raise ValueError(manifest_problem(error, data)) from error
    held = {entry.filename: entry.file_size for entry in archive.infolist() if entry.filename != MANIFEST_NAME}
    if problem := listing_problem(manifest, held):
        raise ValueError(problem)
    return manifest


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    for each in manifest.files:
        target = folder / each.path  # the name has a form that cannot lead out of the folder
        target.parent.mkdir(parents=True, exist_ok=True)
        if copy_entry(archive, each.path, target) != each.sha256:
            raise ValueError(f"the checksum of {each.path} does not match its content")


def _content(manifest: Manifest, folder: Path) -> PackContent:
    """Read every unpacked file by its own loader. The messages name the file in the pack."""
    paths: dict[Kind, list[Path]] = {"model": [], "sound": [], "recording": [], "preset": []}
    for name in sorted(each.path for each in manifest.files):
        paths[kind_of(name)[0]].append(folder / name)
    try:
        models = tuple(PackedModel(each, load_model_file(each).card) for each in paths["model"])
        sounds = tuple(_sound(each.parent) for each in paths["sound"])
        presets = tuple(read_preset(each) for each in paths["preset"])
    except UserError as error:
        raise UserError(str(error).replace(f"{folder}/", "").replace(f"{folder}\\", "")) from error
    used = {each.folder / part.file_name for each in sounds for part in each.sound.recordings}
    if odd := set(paths["recording"]) - used:
        raise ValueError(f"no sound uses {min(odd).name}")
    return PackContent(manifest, models, sounds, presets)


def _sound(folder: Path) -> PackedSound:
    sound = read_sound(folder / SOUND_NAME)
    for recording in sound.recordings:
        read_recording(folder, recording)  # as it is played: digest, audio, trim and fades
    return PackedSound(folder, sound)
