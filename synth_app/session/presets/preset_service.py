"""What can be done with presets and whole sounds: load, save, compare, vary, morph, undo. No Qt here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synth_app.decoder import Model
from synth_app.modelfile import ModelEntry, default_note
from synth_app.patch import PadGrid, Patch
from synth_app.session.presets.library import PresetEntry, PresetLibrary, Query
from synth_app.session.presets.model_matching import nearest_model
from synth_app.session.presets.preset_transfer import capture, fit, snapshot_of
from synth_app.session.presets.variation import blend_patches, is_locked, lock_names, locked_usually, mutate, randomize
from synth_app.session.state.changes import LoadedPreset, ModelChanged
from synth_app.session.state.preset import USER_CATEGORY, Preset, read_preset
from synth_app.session.state.state import Snapshot, plain_params
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError

VERSIONS = ("A", "B")
_HALF_PRECISION = 5e-3  # of codes between -10 and 10
_TOLERANCE = 1e-6  # of an offset: rounding on the way through a preset's file is no change


@dataclass(frozen=True)
class Loaded:
    """What came of loading a preset.

    Attributes:
        remark: one line for the user, "" where all is as it was made.
        better: a model that would play it nearer to how it was made, None if there is none.
    """

    remark: str
    better: ModelEntry | None


class PresetService:
    """Works on a store; asks for a model through ``load_model`` where a sound is of another one."""

    def __init__(
        self,
        store: SessionStore,
        library: PresetLibrary,
        load_model: Callable[[Path], None],
        models: Callable[[], tuple[ModelEntry, ...]] = tuple,
        seed: int | None = None,
    ) -> None:
        self._store, self.library = store, library
        self._load_model, self._models = load_model, models
        self.history = History(store, self._go)
        self._rng = np.random.default_rng(seed)
        self._versions: dict[str, Snapshot] = {}
        self.version = VERSIONS[0]
        self._ends_of_morph: tuple[Snapshot, Snapshot] | None = None
        self._awaited = ""  # model on its way
        self._key_to_restore = store.saved_preset
        self._end = store.subscribe(ModelChanged, lambda _: self._model_changed())

    # ---- reading

    @property
    def current(self) -> LoadedPreset | None:
        """The preset that the sound began as."""
        return self._store.state.preset

    @property
    def modified(self) -> bool:
        """Whether the sound differs from it."""
        return self.current is not None and not same_patch(self.current.patch, self._store.patch)

    def entry(self) -> PresetEntry | None:
        """The library's entry of the present preset."""
        return self.library.find(self.current.key) if self.current else None

    # ---- loading

    def load(self, key: str) -> Loaded:
        """Play a preset in the present model.

        Raises:
            UserError: no model is loaded, or the preset is gone.
        """
        preset, model = self._wanted(key).preset, self._model()
        fitted = fit(preset, model, self._store.patch.model, self._store.patch.quality)
        with self.history.step(f"Preset {preset.name}"):
            self._store.put(snapshot_of(preset, key, fitted))
        return Loaded(fitted.remark, None if fitted.exact else nearest_model(preset, model.card, self._models()))

    def load_with_model(self, key: str, path: Path) -> None:
        """Load another model and play a preset in it. Raises UserError if the preset is gone."""
        preset, quality = self._wanted(key).preset, self._store.patch.quality

        def make(model: Model) -> Snapshot:
            return snapshot_of(preset, key, fit(preset, model, str(path), quality))

        self.history.name_next(f"Preset {preset.name}")
        self._await_model(path, make)

    def step(self, by: int, query: Query | None = None) -> Loaded | None:
        """Play the next (1) or previous (-1) preset of those that fit, around the ends; None if there are none."""
        keys = [entry.key for entry in self.library.search(query or Query())]
        if not keys:
            return None
        here = self.current.key if self.current else ""
        at = keys.index(here) + by if here in keys else 0 if by > 0 else -1
        return self.load(keys[at % len(keys)])

    def init(self) -> None:
        """The plainest sound of the model: one note, everything at rest."""
        model, patch = self._model(), self._store.patch
        note = default_note(model.bank)
        plain = Patch(patch.model, note, note, (0.0,) * len(patch.offset), plain_params(model), patch.quality)
        with self.history.step("Init"):
            self._store.put(Snapshot(plain, None))

    # ---- saving

    def can_save(self) -> bool:
        """Whether there is a preset of the user's own to save over."""
        entry = self.entry()
        return entry is not None and not entry.factory

    def save(self) -> PresetEntry:
        """Save over the present preset. Raises UserError if it ships with the program or cannot be written."""
        entry = self.entry()
        if entry is None:
            raise UserError("this sound is no preset yet; save it under a name")
        return self._saved(self.library.replace(entry.key, self._captured(entry.preset)))

    def save_as(self, name: str, category: str = USER_CATEGORY, tags: Iterable[str] = ()) -> PresetEntry:
        """Save as a new preset. Raises UserError if the name is empty or the file cannot be written."""
        if not name.strip():
            raise UserError("a preset needs a name; type one")
        author = self.library.settings().author
        like = Preset(
            name=name.strip()[:64], author=author, category=category, tags=tuple(tags), a="",
            note=self._model().bank[self._store.patch.slot_a].pitch,
        )  # fmt: skip
        return self._saved(self.library.add(self._captured(like)))

    def rename(self, key: str, name: str) -> PresetEntry:
        """Rename a preset of the user's. Errors as ``save_as``."""
        if not name.strip():
            raise UserError("a preset needs a name; type one")
        entry = self.library.rename(key, name.strip()[:64])
        if self.current and self.current.key == key:
            self._store.set_preset(replace(self.current, key=entry.key, name=entry.preset.name))
        return entry

    def delete(self, key: str) -> Path:
        """Move a preset of the user's to the trash; the sound stays. Returns what ``library.restore`` takes."""
        deleted = self.library.delete(key)
        if self.current and self.current.key == key:
            self._store.set_preset(None)
        return deleted

    def import_file(self, path: Path) -> PresetEntry:
        """Take a preset file into the user's presets. Raises UserError if it is none."""
        return self.library.add(read_preset(path))

    # ---- comparing

    def switch_version(self) -> None:
        """Change between versions A and B of the sound; the first time B begins as a copy of A."""
        here = self.version
        other = VERSIONS[1 - VERSIONS.index(here)]
        self._versions[here] = self._present()
        self.version = other
        if other in self._versions:
            self.history.name_next(f"Version {other}")
            self._go(self._versions[other])

    def copy_version(self) -> None:
        """Let the version that is not heard become a copy of the one that is."""
        other = VERSIONS[1 - VERSIONS.index(self.version)]
        self._versions[other] = self._present()

    # ---- varying

    def randomize(self, amount: float) -> None:
        """Go towards a random sound, all the way for an amount of 1."""
        with self.history.step("Randomise"):
            patch = randomize(self._store.patch, self._model(), amount, self.locks(), self._rng)
            self._store.put(Snapshot(patch, self.current))

    def mutate(self, amount: float) -> None:
        """Move on to a close relative of the sound, the farther the larger the amount, 0-1."""
        with self.history.step("Mutate"):
            patch = mutate(self._store.patch, self._model(), amount, self.locks(), self._rng)
            self._store.put(Snapshot(patch, self.current))

    def locks(self) -> dict[str, bool]:
        """What the user locked or unlocked."""
        return dict(self._store.state.locks)

    def locked(self, name: str) -> bool:
        """Whether chance leaves that part alone."""
        return is_locked(name, self.locks())

    def set_lock(self, names: Iterable[str], *, locked: bool) -> None:
        """Lock or unlock parts, by ``variation.lock_names``. Raises UserError for an unknown one."""
        locks, known = self.locks(), lock_names(max(len(self._store.ranges), 1))
        for name in names:
            if name not in known:
                raise UserError(f"nothing called {name!r} can be locked; there are {', '.join(known)}")
            locks.pop(name, None)
            if locked != locked_usually(name):
                locks[name] = locked
        self._store.set_locks(locks.items())

    # ---- morphing between presets

    def begin_morph(self, start: str, end: str) -> None:
        """Choose the presets to morph between; "" is the sound as it is now.

        Raises:
            UserError: no model is loaded, or a preset is gone.
        """
        self._ends_of_morph = self._snapshot(start), self._snapshot(end)

    @property
    def morphing(self) -> bool:
        """Whether ``set_preset_morph`` has two ends to work with."""
        return self._ends_of_morph is not None

    def set_preset_morph(self, share: float) -> None:
        """Go to a sound between the two presets: 0 is exactly the first, 1 the second.

        Raises:
            UserError: ``begin_morph`` was not called since the model changed.
        """
        if self._ends_of_morph is None:
            raise UserError("no presets to morph between; choose two first")
        start, end = self._ends_of_morph
        patch = blend_patches(start.patch, end.patch, share, self._model())
        patch = replace(patch, quality=self._store.patch.quality)
        ends = (start, end) if share < 0.5 else (end, start)
        moving = next((each for each in ends if each.patch.modulation.moves_pad), None)  # whose pad it moves over
        near = end if share >= 1.0 else start
        field = moving.field if moving is not None and patch.modulation.moves_pad else near.field
        with self.history.step("Preset morph", grows=True):
            self._store.put(near._replace(patch=patch, field=field))

    # ---- for the window

    def model_failed(self) -> None:
        """The model asked for cannot be loaded: forget what was to happen with it."""
        self._awaited = ""
        self._store.expect_nothing()
        self.history.give_up()

    def end(self) -> None:
        """Listen no more."""
        self._end()
        self.history.end()

    # ---- inside

    def _model(self) -> Model:
        if self._store.model is None:
            raise UserError("no model is loaded yet: choose one first")
        return self._store.model

    def _wanted(self, key: str) -> PresetEntry:
        entry = self.library.find(key)
        if entry is None:
            raise UserError(f"the preset {key!r} is not there any more; choose another one")
        return entry

    def _snapshot(self, key: str) -> Snapshot:
        if not key:
            return self._present()
        preset = self._wanted(key).preset
        return snapshot_of(preset, key, fit(preset, self._model(), self._store.patch.model, self._store.patch.quality))

    def _present(self) -> Snapshot:
        return Snapshot(self._store.patch, self.current, self._store.state.field)

    def _captured(self, like: Preset) -> Preset:
        return capture(self._store.patch, self._model(), like, self._store.state.field)

    def _saved(self, entry: PresetEntry) -> PresetEntry:
        self._store.set_preset(LoadedPreset(entry.key, entry.preset.name, self._store.patch))
        return entry

    def _go(self, snapshot: Snapshot) -> None:
        path = snapshot.patch.model
        if path == self._store.patch.model:
            try:
                self._store.put(snapshot)
            finally:
                self.history.name_next("")
        else:
            self._await_model(Path(path), lambda model: _checked(snapshot, model))

    def _await_model(self, path: Path, make: Callable[[Model], Snapshot]) -> None:
        self._awaited = str(path)
        self._store.expect(str(path), make)
        self._load_model(path)

    def _model_changed(self) -> None:
        path = self._store.patch.model
        self._ends_of_morph = None
        if self._awaited and self._awaited != path:
            self.history.give_up()
        self._awaited = ""
        key, self._key_to_restore = self._key_to_restore, ""
        if key and self.library.find(key) and self.current is None:
            self._store.set_preset(self._snapshot(key).preset)


def same_patch(x: Patch, y: Patch) -> bool:
    """Whether two sounds are the same but for quality and rounding."""
    same = replace(x, offset=y.offset, params=y.params, quality=y.quality, pad=y.pad) == y
    if not same or not _same_pads(x.pad, y.pad) or len(x.offset) != len(y.offset):
        return False
    pairs = (*zip(x.offset, y.offset, strict=True), *zip(x.params, y.params, strict=True))
    return all(abs(p - q) <= _TOLERANCE * max(1.0, abs(p)) for p, q in pairs)


def _same_pads(x: PadGrid | None, y: PadGrid | None) -> bool:
    """Whether modulation moves over the same; corners with notes of no bank are rounded in a preset's file."""
    if x is None or y is None or x.side != y.side:
        return x is y
    at = np.allclose(x.at, y.at, rtol=0.0, atol=_TOLERANCE)
    return (at and x.codes == y.codes) or (at and np.allclose(x.nodes(), y.nodes(), rtol=0.0, atol=_HALF_PRECISION))


def _checked(snapshot: Snapshot, model: Model) -> Snapshot:
    """Refuse a sound that a model file, replaced meanwhile, could not play."""
    patch = snapshot.patch
    sizes = {len(patch.offset), *(note.latent_size for note in patch.custom if note)}
    if sizes != {model.card.latent_size} or max(patch.slot_a, patch.slot_b) >= len(model.bank):
        raise UserError(f"{patch.model} is another model than before; that step cannot be taken back")
    return snapshot
