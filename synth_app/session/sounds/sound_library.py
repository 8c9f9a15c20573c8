"""The library of the user's sounds: one folder for each, with its description, its recordings and its encoded notes."""

import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from synth_app.session.sounds.new_sound import NewRecording, described
from synth_app.session.sounds.user_sound import SOUND_NAME, Recording, UserSound, read_sound, write_sound
from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path, slug
from synth_app.support.files import atomic_path, move_to_trash, reason, sync_folder
from synth_app.support.loading import shown
from synth_app.support.resources import user_folder
from synth_app.support.stages import stage_folder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SoundEntry:
    """One sound in the library. ``key`` is the name of its folder."""

    key: str
    folder: Path
    sound: UserSound


def sound_folder() -> Path:
    """Return the folder of the user's sounds: $SYNTH_APP_SOUNDS, else in the user's data folder."""
    override = os.environ.get("SYNTH_APP_SOUNDS")
    return Path(override) if override else user_folder("data") / "sounds"


class SoundLibrary:
    """The user's sounds. It reads its folder when it is asked.

    Attributes:
        folder: of the sounds. It need not exist.
        problems: one line for each sound that could not be read by the last ``entries``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or sound_folder()
        self.problems: tuple[str, ...] = ()

    def entries(self) -> tuple[SoundEntry, ...]:
        """Return every sound that can be read, by name."""
        found, problems = list[SoundEntry](), list[str]()
        for path in sorted(self.folder.glob(f"[!.]*/{SOUND_NAME}")):
            try:
                found.append(SoundEntry(path.parent.name, path.parent, read_sound(path)))
            except UserError as error:
                problems.append(str(error))
        self.problems = tuple(problems)
        for problem in problems:
            logger.warning("sound cannot be used: %s", problem)
        return tuple(sorted(found, key=lambda entry: (entry.sound.name.casefold(), entry.key)))

    def entry(self, key: str) -> SoundEntry:
        """Return the sound of a key. Raises UserError if it does not exist or cannot be read."""
        return SoundEntry(key, self.folder / key, read_sound(self.folder / key / SOUND_NAME))

    def named(self, name: str) -> SoundEntry:
        """Return the sound of that key or name, or the only one whose name contains it.

        Raises:
            UserError: no sound matches, or several do.
        """
        entries, wanted = self.entries(), name.casefold()
        for found in (
            [each for each in entries if each.key == name],
            [each for each in entries if each.sound.name.casefold() == wanted],
            [each for each in entries if wanted in each.sound.name.casefold()],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                some = ", ".join(each.key for each in found[:5])
                raise UserError(f"{name!r} matches {len(found)} sounds ({some}); give the whole name or the key")
        raise UserError(f"no sound {name!r}; `synth-app sounds list` shows all {len(entries)}")

    def add(self, name: str, recordings: Sequence[NewRecording], *, pitched: bool | None = None) -> SoundEntry:
        """Keep recordings as a new sound, all of them or none. The files themselves are not changed.

        Args:
            name: of the sound; "" takes that of the first file. A name that is taken gets a number.
            recordings: of one instrument.
            pitched: whether the sound follows the keys; None finds out.

        Raises:
            UserError: a file cannot be read, is silent, too long or there twice, or the sound cannot be written.
        """
        new = described(name, recordings, pitched=pitched)
        sound = new.sound.model_copy(update={"name": self._free_name(new.sound.name)})
        target = free_path(self.folder / slug(sound.name, "sound"))
        with _staging(target) as stage:
            for recording, data in zip(sound.recordings, new.data, strict=True):
                with atomic_path(stage / recording.file_name) as temporary:
                    temporary.write_bytes(data)
            write_sound(stage / SOUND_NAME, sound)
        return SoundEntry(target.name, target, sound)

    def add_folder(self, folder: Path) -> SoundEntry:
        """Copy the folder of a whole sound, with its description and recordings. A name that is taken gets a number.

        Raises:
            UserError: a file is missing, or the sound cannot be written.
        """
        sound = read_sound(folder / SOUND_NAME)
        named = sound.model_copy(update={"name": self._free_name(sound.name)})
        target = free_path(self.folder / slug(named.name, "sound"))
        with _staging(target) as stage:
            for name in {each.file_name for each in named.recordings}:
                with atomic_path(stage / name) as temporary:
                    shutil.copyfile(folder / name, temporary)
            write_sound(stage / SOUND_NAME, named)
        return SoundEntry(target.name, target, named)

    def add_parts(self, source: SoundEntry, sounds: Sequence[UserSound]) -> tuple[SoundEntry, ...]:
        """Keep parts of a sound's recordings as sounds of their own, all of them or none.

        Args:
            source: the sound that holds the recordings.
            sounds: whose recordings are files of ``source``, with other settings. Names that are taken get a number.

        Raises:
            UserError: a recording is missing, or a sound cannot be written.
        """
        made = list[SoundEntry]()
        try:
            for each in sounds:
                made.append(self._add_part(source, each))
        except UserError:
            for entry in made:
                shutil.rmtree(entry.folder, ignore_errors=True)
            raise
        return tuple(made)

    def free_name(self, name: str, entry: SoundEntry) -> str:
        """Return ``name``, with a number if another sound than ``entry`` has it."""
        return self._free_name(name, entry.key)

    def change(self, key: str, sound: UserSound) -> SoundEntry:
        """Save another description of a sound: its name, key, trim and so on. Its recordings stay the same files.

        Raises:
            UserError: the sound no longer exists, the description needs other files, or cannot be written.
        """
        folder = self.folder / key
        before = read_sound(folder / SOUND_NAME)
        missing = {each.file_name for each in sound.recordings} - {each.file_name for each in before.recordings}
        if missing:
            raise UserError(f"{sound.name} needs {len(missing)} files that it does not hold; add them as a new sound")
        write_sound(folder / SOUND_NAME, sound)
        return SoundEntry(key, folder, sound)

    def remove(self, key: str) -> Path:
        """Move a sound to the trash. Returns its folder there, for ``restore``. Raises UserError if it cannot."""
        return move_to_trash(self.folder / key)

    def restore(self, removed: Path, key: str = "") -> SoundEntry:
        """Move a sound out of the trash, to its ``key`` if that is given and free.

        Raises:
            UserError: it is no longer there.
        """
        sound = read_sound(removed / SOUND_NAME)
        target = free_path(self.folder / (key or slug(sound.name, "sound")))
        try:
            removed.replace(target)
        except OSError as error:
            raise UserError(f"cannot restore {shown(removed)}: {reason(error)}; it stays in the trash") from error
        return SoundEntry(target.name, target, sound)

    def export(self, entry: SoundEntry, target: Path, progress: Callable[[str], None] | None = None) -> Path:
        """Copy a sound into a new folder: its recordings as they came, with pitch and velocity in their names.

        ``add`` of these files makes the same sound again; ``sound.json`` beside them holds the other settings. A
        recording whose parts are several keys is copied once, under its own name.

        Args:
            entry: the sound.
            target: the folder to make.
            progress: called with the name of each file.

        Raises:
            UserError: the folder exists, or cannot be written; or a recording is missing.
        """
        if target.exists():
            raise UserError(f"{shown(target)} exists already; choose a new folder")
        with _staging(target) as stage:
            for each, uses in _once_each(entry.sound.recordings):
                file = free_path(stage / _export_name(each, uses))
                if progress:
                    progress(file.name)
                shutil.copyfile(entry.folder / each.file_name, file)
            write_sound(stage / SOUND_NAME, entry.sound)
        return target

    def _add_part(self, source: SoundEntry, part: UserSound) -> SoundEntry:
        sound = part.model_copy(update={"name": self._free_name(part.name)})
        target = free_path(self.folder / slug(sound.name, "sound"))
        with _staging(target) as stage:
            for name in {each.file_name for each in sound.recordings}:
                _link_or_copy(source.folder / name, stage / name)
            write_sound(stage / SOUND_NAME, sound)
        return SoundEntry(target.name, target, sound)

    def _free_name(self, name: str, own_key: str = "") -> str:
        """Return a name that no sound has, except the one of ``own_key``."""
        taken = {each.sound.name.casefold() for each in self.entries() if each.key != own_key}
        free, number = name, 2
        while free.casefold() in taken:
            ending = f" {number}"
            free, number = name[: 64 - len(ending)] + ending, number + 1
        return free


def _once_each(recordings: Sequence[Recording]) -> list[tuple[Recording, int]]:
    """Return the first recording of each file, and how many use the file."""
    first = {each.file_name: each for each in reversed(recordings)}
    uses = Counter(each.file_name for each in recordings)
    return [(first[name], uses[name]) for name in dict.fromkeys(each.file_name for each in recordings)]


def _export_name(recording: Recording, uses: int) -> str:
    if uses > 1:
        return f"{slug(Path(recording.source).stem, 'sound')}{recording.suffix}"
    return exported_name(recording.source, round(recording.pitch), recording.velocity, recording.suffix)


def exported_name(source: str, key: int, velocity: int, suffix: str) -> str:
    """Return a file name that tells key and velocity, as ``sounds add`` reads it: ``cello-048-100.wav``."""
    ending = f"-{key:03d}-{velocity:03d}"
    stem = Path(source).stem.removesuffix(ending)
    return f"{slug(stem, 'sound')}{ending}{suffix}"


def _link_or_copy(source: Path, target: Path) -> None:
    """Give a recording, which never changes, a second name; copy it where the disk has no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Yield a hidden folder beside ``target``. On success it gets the name; on an error it is deleted."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with stage_folder(target.parent, f".{target.name}-") as stage:
            stage.chmod(0o755)
            yield stage
            stage.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise UserError(
            f"cannot make {shown(target)}: {reason(error)}; nothing there was changed; choose another folder"
        ) from error
