"""The preset library: read-only factory presets and the user's own, with trash and favourites."""

import logging
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from synth_app.session.state.preset import (
    CATEGORIES,
    MAX_NAME_LENGTH,
    SUFFIX,
    Preset,
    preset_stem,
    read_preset,
    write_preset,
)
from synth_app.session.state.user_settings import UserSettings, load_settings, save_settings, settings_path
from synth_app.support.errors import UserError
from synth_app.support.files import move_to_trash
from synth_app.support.resources import resource_folder, user_folder

logger = logging.getLogger(__name__)

FACTORY_FOLDER = resource_folder("assets") / "presets"
_FACTORY, _USER = "factory", "user"


@dataclass(frozen=True)
class PresetEntry:
    """One preset in the library; ``key`` is ``factory/<file>`` or ``user/<file>``, without suffix."""

    key: str
    path: Path
    preset: Preset

    @property
    def factory(self) -> bool:
        """Whether it is a factory preset, which cannot be changed."""
        return self.key.startswith(f"{_FACTORY}/")


@dataclass(frozen=True)
class Query:
    """Conditions on presets; an empty field matches all. All words of ``text`` must occur."""

    text: str = ""
    category: str = ""
    tag: str = ""
    favourites: bool = False
    own: bool = False


def _sort_name(name: str) -> str:
    """Return a name without case and accents, so that "Ümlaut" is sorted as "umlaut"."""
    return "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))


def _name_rank(words: list[str], name: str) -> int:
    """Return 0 for a name that begins with the words, 1 for one that contains them all, else 2."""
    if name.startswith(" ".join(words)):
        return 0
    return 1 if all(word in name for word in words) else 2


def user_preset_folder() -> Path:
    """Return the folder of the user's presets: $SYNTH_APP_PRESETS, else in the user's data folder."""
    override = os.environ.get("SYNTH_APP_PRESETS")
    return Path(override) if override else user_folder("data") / "presets"


class PresetLibrary:
    """The presets of both folders. It reads the folders once; ``refresh`` reads them again.

    Attributes:
        problems: one line for each file that could not be read.
        settings_problem: why the settings were replaced by the defaults; "" if they were not.
    """

    def __init__(
        self, folder: Path | None = None, settings: Path | None = None, factory: Path = FACTORY_FOLDER
    ) -> None:
        self._folder, self._factory = folder or user_preset_folder(), factory
        self._settings_path = settings or settings_path()
        self._entries: dict[str, PresetEntry] | None = None
        self._files: dict[Path, tuple[tuple[int, int], PresetEntry]] = {}  # time and size when it was read
        self._settings: UserSettings | None = None
        self.problems: tuple[str, ...] = ()
        self.settings_problem = ""

    @property
    def folder(self) -> Path:
        """The folder of the user's presets. It need not exist."""
        return self._folder

    # ---- reading

    def entries(self) -> tuple[PresetEntry, ...]:
        """Return every preset that can be read, by category and name."""
        return tuple(self._all().values())

    def refresh(self) -> None:
        """Read the folders and the settings again; ``problems`` names the files that cannot be used.

        A file whose time and size are the same is not read again.
        """
        self._settings = None
        found: list[PresetEntry] = []
        problems: list[str] = []
        for kind, folder in ((_FACTORY, self._factory), (_USER, self._folder)):
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                if not path.name.startswith("."):
                    try:
                        found.append(self._read(kind, path))
                    except UserError as error:
                        problems.append(str(error))
        self.problems = tuple(problems)
        for problem in problems:
            logger.warning("preset file cannot be used: %s", problem)
        logger.info("%d presets read, %d damaged", len(found), len(problems))
        self._set_entries(found)

    def find(self, key: str) -> PresetEntry | None:
        """Return the preset of that key; None if it no longer exists."""
        return self._all().get(key)

    def named(self, name: str) -> PresetEntry:
        """Return the preset of that key or name, or the only one whose name contains it.

        Raises:
            UserError: no preset matches, or several do.
        """
        entries, wanted = self.entries(), name.lower()
        for found in (
            [e for e in entries if wanted in (e.key, e.key.partition("/")[2])],
            [e for e in entries if e.preset.name.lower() == wanted],
            [e for e in entries if wanted in e.preset.name.lower()],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                some = ", ".join(e.key for e in found[:5])
                raise UserError(f"{name!r} matches {len(found)} presets ({some}); give the whole name or the key")
        raise UserError(f"no preset {name!r}; `synth-app presets list` shows all {len(entries)}")

    def search(self, query: Query) -> tuple[PresetEntry, ...]:
        """Return the presets that match a query.

        First those whose name begins with the words, then those whose name contains them, then those that only their
        tags, category or model match; within each the library's order.
        """
        words = query.text.lower().split()
        favourites = self.favourites() if query.favourites else frozenset()
        found = [
            entry
            for entry in self.entries()
            if all(word in entry.preset.words() for word in words)
            and query.category in ("", entry.preset.category)
            and (not query.tag or query.tag in entry.preset.tags)
            and (not query.favourites or entry.key in favourites)
            and not (query.own and entry.factory)
        ]
        return tuple(sorted(found, key=lambda entry: _name_rank(words, entry.preset.name.lower())))

    def tags(self) -> tuple[str, ...]:
        """Return all tags in use, the most frequent first."""
        count: dict[str, int] = {}
        for entry in self.entries():
            for tag in entry.preset.tags:
                count[tag] = count.get(tag, 0) + 1
        return tuple(sorted(count, key=lambda tag: (-count[tag], tag)))

    def categories(self) -> tuple[str, ...]:
        """Return all categories in use: the predefined ones in their order, then the user's own."""
        used = {entry.preset.category for entry in self.entries()}
        return (*(c for c in CATEGORIES if c in used), *sorted(used - set(CATEGORIES)))

    # ---- changing

    def add(self, preset: Preset) -> PresetEntry:
        """Save a new preset of the user. Raises UserError if it cannot be written.

        If the user has a preset of that name, the new one gets a number. It is no favourite, also if an earlier
        preset of the same file was one.
        """
        entry = self._add(preset)
        if entry.key in self.favourites():
            self.set_favourite(entry.key, wanted=False)
        return entry

    def replace(self, key: str, preset: Preset) -> PresetEntry:
        """Save over a preset of the user; its file keeps its name.

        Raises:
            UserError: it is a factory preset, no longer exists, or cannot be written.
        """
        entry = self._own(key)
        write_preset(entry.path, preset)
        return self._add_entry(PresetEntry(entry.key, entry.path, preset))

    def rename(self, key: str, name: str) -> PresetEntry:
        """Rename a preset and its file; a favourite stays one. Errors as ``replace``."""
        entry = self._own(key)
        preset = Preset.model_validate({**entry.preset.model_dump(), "name": self._free_name(name, but=entry.key)})
        path = entry.path if preset_stem(preset.name) == entry.path.stem else self._free_path(preset.name)
        write_preset(path, preset)
        if path != entry.path:
            entry.path.unlink(missing_ok=True)
        renamed = PresetEntry(f"{_USER}/{path.stem}", path, preset)
        if key in self.favourites() and renamed.key != key:
            self.set_favourite(key, wanted=False)
            self.set_favourite(renamed.key, wanted=True)
        self._all().pop(key, None)
        return self._add_entry(renamed)

    def describe(self, key: str, category: str, tags: Iterable[str]) -> PresetEntry:
        """Set the category and tags of a preset. Errors as ``replace``."""
        entry = self._own(key)
        fields = {**entry.preset.model_dump(), "category": category, "tags": tuple(tags)}
        return self.replace(key, Preset.model_validate(fields))

    def delete(self, key: str) -> Path:
        """Move a preset to the trash. Returns the file there, for ``restore``. Errors as ``replace``."""
        target = move_to_trash(self._own(key).path)
        self._all().pop(key, None)
        return target

    def restore(self, deleted: Path) -> PresetEntry:
        """Move a preset out of the trash. Raises UserError if the file no longer exists."""
        entry = self._add(read_preset(deleted))
        deleted.unlink(missing_ok=True)
        return entry

    # ---- favourites

    def favourites(self) -> frozenset[str]:
        """Return the keys of the favourites."""
        return frozenset(self.settings().favourites)

    def set_favourite(self, key: str, *, wanted: bool) -> None:
        """Add a preset to the favourites, or remove it. Raises UserError if the settings cannot be written."""
        self._settings = None  # another window may have changed them
        kept = [each for each in self.settings().favourites if each != key]
        self.change_settings(favourites=(*kept, key) if wanted else tuple(kept))

    def settings(self) -> UserSettings:
        """Return the user's settings."""
        if self._settings is None:
            self._settings, problem = load_settings(self._settings_path)
            self.settings_problem = problem or self.settings_problem
        return self._settings

    def change_settings(self, **changed: object) -> None:
        """Set fields of the user's settings; other fields keep what another window may have written.

        Raises:
            UserError: they cannot be written.
        """
        self._settings = None
        settings = self.settings().model_copy(update=changed)
        save_settings(self._settings_path, settings)
        self._settings = settings

    # ---- internal

    def _read(self, kind: str, path: Path) -> PresetEntry:
        """Return the preset in a file. Raises UserError if it cannot be used."""
        try:
            status = path.stat()
        except OSError:  # it was removed a moment ago: reading it says so
            return PresetEntry(f"{kind}/{path.stem}", path, read_preset(path))
        stamp, known = (status.st_mtime_ns, status.st_size), self._files.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        entry = PresetEntry(f"{kind}/{path.stem}", path, read_preset(path))
        self._files[path] = stamp, entry
        return entry

    def _all(self) -> dict[str, PresetEntry]:
        if self._entries is None:
            self.refresh()
        return self._entries or {}

    def _set_entries(self, entries: Iterable[PresetEntry]) -> None:
        order = {category: i for i, category in enumerate(CATEGORIES)}
        ranked = sorted(entries, key=lambda e: (order.get(e.preset.category, 99), _sort_name(e.preset.name), e.key))
        self._entries = {entry.key: entry for entry in ranked}

    def _add_entry(self, entry: PresetEntry) -> PresetEntry:
        self._set_entries([*(e for e in self._all().values() if e.key != entry.key), entry])
        return entry

    def _add(self, preset: Preset) -> PresetEntry:
        preset = preset.model_copy(update={"name": self._free_name(preset.name)})
        path = self._free_path(preset.name)
        write_preset(path, preset)
        return self._add_entry(PresetEntry(f"{_USER}/{path.stem}", path, preset))

    def _free_name(self, name: str, but: str = "") -> str:
        """Return a name that no preset of the user has, except for the one with the key ``but``."""
        taken = {e.preset.name.casefold() for e in self.entries() if not e.factory and e.key != but}
        free, number = name, 2
        while free.casefold() in taken:
            ending = f" {number}"
            free, number = name[: MAX_NAME_LENGTH - len(ending)] + ending, number + 1
        return free

    def _own(self, key: str) -> PresetEntry:
        entry = self._all().get(key)
        if entry is None:
            raise UserError(f"the preset {key!r} no longer exists; save the patch under a new name")
        if entry.factory:
            raise UserError(f"{entry.preset.name} is a factory preset and cannot be changed; save a copy instead")
        return entry

    def _free_path(self, name: str) -> Path:
        stem, number = preset_stem(name), 1
        while (path := self._folder / f"{stem if number == 1 else f'{stem}-{number}'}{SUFFIX}").exists():
            number += 1
        return path
