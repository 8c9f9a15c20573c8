"""Loads and saves presets, and owns the history, versions, variations and morph of whole patches. No Qt here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from synth_app.decoder import Model
from synth_app.modelfile import ModelEntry, first_note
from synth_app.patch import Patch
from synth_app.patch.initial_patch import initial_params
from synth_app.session.presets.audition import Audition
from synth_app.session.presets.library import PresetEntry, PresetLibrary, Query
from synth_app.session.presets.model_matching import nearest_model
from synth_app.session.presets.patch_equality import same_patch
from synth_app.session.presets.patch_versions import PatchVersions
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_morph import PresetMorph
from synth_app.session.presets.preset_transfer import snapshot_of, transfer_preset
from synth_app.session.presets.saved_patch import describe_patch, in_own_model, own_model, read_saved_patch
from synth_app.session.presets.variations import Variations
from synth_app.session.state.changes import LoadedPreset, ModelChanged
from synth_app.session.state.preset import USER_CATEGORY, Preset, read_preset
from synth_app.session.state.state import Snapshot
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError


@dataclass(frozen=True)
class LoadResult:
    """The result of loading a preset.

    Attributes:
        remark: one line for the user, "" if the preset plays as it was made.
        better: a model that would play it more exactly, None if there is none.
    """

    remark: str
    better: ModelEntry | None


class PresetService:
    """Loads presets into a store and saves them from it.

    Args:
        store: the session's store.
        library: of presets.
        load_model: requests a model, which may be loaded later.
        models: returns the models that could play a preset.
        seed: of random variations; None for a random seed.

    Attributes:
        library: of presets.
        history: undo and redo.
        audition: sounds that are tried out.
        versions: the versions 1 and 2 of the patch.
        variations: random variations and locks.
        morph: the morph between two presets.
    """

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
        self.audition = Audition(store, self.history)
        self.versions = PatchVersions(store, self._present, self._go, self.history)
        self.variations = Variations(store, self.history, seed)
        self.morph = PresetMorph(store, self.history, self._snapshot)
        self._awaited = ""  # path of a requested model
        self._key_to_restore = store.saved_preset
        self._unsubscribe = store.subscribe(ModelChanged, lambda _: self._handle_model())

    # ---- reading

    @property
    def current(self) -> LoadedPreset | None:
        """The preset that the patch was loaded from."""
        return self._store.state.preset

    @property
    def modified(self) -> bool:
        """Whether the patch differs from the preset it was loaded from."""
        return self.current is not None and not same_patch(self.current.patch, self._store.patch)

    def entry(self) -> PresetEntry | None:
        """Return the library's entry of the present preset."""
        return self.library.find(self.current.key) if self.current else None

    # ---- loading

    def load(self, key: str) -> LoadResult:
        """Play a preset in the present model.

        Raises:
            UserError: no model is loaded, or the preset no longer exists.
        """
        label, snapshot, result = self._loaded(key)
        with self.history.step(label):
            self._store.set_snapshot(snapshot)
        return result

    def preview(self, key: str) -> LoadResult:
        """Try a preset out in the present model. Errors as ``load``."""
        label, snapshot, result = self._loaded(key)
        self.audition.hear(snapshot, label)
        return result

    def load_with_model(self, key: str, path: Path) -> None:
        """Load another model and play a preset in it. Raises UserError if the preset no longer exists."""
        self.audition.cancel()
        preset, quality = self._find(key).preset, self._store.patch.quality

        def make(model: Model) -> Snapshot:
            return snapshot_of(preset, key, transfer_preset(preset, model, str(path), quality))

        self.history.name_next(f"Preset {preset.name}")
        self._await_model(path, make)

    def load_audio(self, path: Path) -> str | None:
        """Play the patch that an audio file holds: exactly in its own model, else the nearest in the present one.

        Returns:
            a remark for the user, "" if it plays as it was made; None if the file holds no patch.

        Raises:
            UserError: no model is loaded, or the patch is damaged or of a newer version.
        """
        saved = read_saved_patch(path)
        if saved is None:
            return None
        name, own = f"Sound of {path.name}", own_model(saved, self._models())
        if own is None:
            model, patch = self._model(), self._store.patch
            transferred = transfer_preset(saved.preset, model, patch.model, patch.quality)
            with self.history.step(name):
                self._store.set_snapshot(Snapshot(transferred.patch, None, transferred.pad))
            return transferred.remark
        restored = in_own_model(saved, own)
        snapshot = Snapshot(restored.patch, None, saved.preset.pad)
        if snapshot.patch.model == self._store.patch.model:
            with self.history.step(name):
                self._store.set_snapshot(snapshot)
        else:
            self.history.name_next(name)
            self._go(snapshot)
        return restored.remark

    def step(self, by: int, query: Query | None = None) -> LoadResult | None:
        """Play the next (1) or previous (-1) preset that matches a query, in a circle; None if no preset matches."""
        keys = [entry.key for entry in self.library.search(query or Query())]
        if not keys:
            return None
        present = self.current.key if self.current else ""
        index = keys.index(present) + by if present in keys else 0 if by > 0 else -1
        return self.load(keys[index % len(keys)])

    def init(self) -> None:
        """Set the model's initial patch: one note and default parameters. Raises UserError without a model."""
        model, patch = self._model(), self._store.patch
        note = first_note(model.bank)
        initial = Patch(patch.model, note, note, (0.0,) * len(patch.offset), initial_params(model.card), patch.quality)
        with self.history.step("Init"):
            self._store.set_snapshot(Snapshot(initial, None))

    # ---- saving

    def describe(self, name: str) -> str:
        """Return the present patch as the text that an audio file keeps; "" if no model is loaded."""
        if self._store.model is None:
            return ""
        return describe_patch(self._store.patch, self._store.model, name, pad=self._store.state.pad)

    def can_save(self) -> bool:
        """Return whether the present preset is the user's own, so that ``save`` can replace it."""
        entry = self.entry()
        return entry is not None and not entry.factory

    def save(self) -> PresetEntry:
        """Replace the present preset. Raises UserError if it is a factory preset or cannot be written."""
        entry = self.entry()
        if entry is None:
            raise UserError("this patch is not a preset yet; save it under a name")
        return self._saved(self.library.replace(entry.key, self._capture(entry.preset)))

    def save_as(self, name: str, category: str = USER_CATEGORY, tags: Iterable[str] = ()) -> PresetEntry:
        """Save a new preset. Raises UserError if the name is empty or the file cannot be written."""
        if not name.strip():
            raise UserError("a preset needs a name; type one")
        author = self.library.settings().author
        like = Preset(
            name=name.strip()[:64], author=author, category=category, tags=tuple(tags), a="",
            note=self._model().bank[self._store.patch.slot_a].pitch,
        )  # fmt: skip
        return self._saved(self.library.add(self._capture(like)))

    def rename(self, key: str, name: str) -> PresetEntry:
        """Rename a preset of the user. Errors as ``save_as``."""
        if not name.strip():
            raise UserError("a preset needs a name; type one")
        entry = self.library.rename(key, name.strip()[:64])
        if self.current and self.current.key == key:
            self._store.set_preset(replace(self.current, key=entry.key, name=entry.preset.name))
        return entry

    def delete(self, key: str) -> Path:
        """Move a preset of the user to the trash; the patch stays. Returns the file for ``library.restore``."""
        deleted = self.library.delete(key)
        if self.current and self.current.key == key:
            self._store.set_preset(None)
        return deleted

    def import_file(self, path: Path) -> PresetEntry:
        """Add a preset file to the user's presets. Raises UserError if it is not a preset."""
        return self.library.add(read_preset(path))

    # ---- used by the window

    def model_failed(self) -> None:
        """Cancel the action that waits for a requested model, because the model could not be loaded."""
        self._awaited = ""
        self._store.cancel_expected()
        self.history.cancel()

    def close(self) -> None:
        """End the subscriptions to the store."""
        self._unsubscribe()
        self.history.close()

    # ---- internal

    def _model(self) -> Model:
        if self._store.model is None:
            raise UserError("no model is loaded yet: choose one first")
        return self._store.model

    def _find(self, key: str) -> PresetEntry:
        entry = self.library.find(key)
        if entry is None:
            raise UserError(f"the preset {key!r} no longer exists; choose another one")
        return entry

    def _loaded(self, key: str) -> tuple[str, Snapshot, LoadResult]:
        """Return the label of a preset's undo step, the preset in the present model, and what to say about it."""
        preset, model = self._find(key).preset, self._model()
        transferred = transfer_preset(preset, model, self._store.patch.model, self._store.patch.quality)
        better = None if transferred.exact else nearest_model(preset, model.card, self._models())
        return f"Preset {preset.name}", snapshot_of(preset, key, transferred), LoadResult(transferred.remark, better)

    def _snapshot(self, key: str) -> Snapshot:
        """Return a preset in the present model, or the present state for ""."""
        if not key:
            return self._present()
        preset, patch = self._find(key).preset, self._store.patch
        return snapshot_of(preset, key, transfer_preset(preset, self._model(), patch.model, patch.quality))

    def _present(self) -> Snapshot:
        return Snapshot(self._store.patch.settings, self.current, self._store.state.pad)

    def _capture(self, like: Preset) -> Preset:
        return capture_preset(self._store.patch, self._model(), like, self._store.state.pad)

    def _saved(self, entry: PresetEntry) -> PresetEntry:
        self.audition.keep()
        self._store.set_preset(LoadedPreset(entry.key, entry.preset.name, self._store.patch))
        return entry

    def _go(self, snapshot: Snapshot) -> None:
        path = snapshot.patch.model
        if path == self._store.patch.model:
            try:
                self._store.set_snapshot(snapshot)
            finally:
                self.history.name_next("")
        else:
            self._await_model(Path(path), lambda model: _checked(snapshot, model))

    def _await_model(self, path: Path, make: Callable[[Model], Snapshot]) -> None:
        self._awaited = str(path)
        self._store.expect_model(str(path), make)
        self._load_model(path)

    def _handle_model(self) -> None:
        path = self._store.patch.model
        self.morph.clear()
        if self._awaited and self._awaited != path:
            self.history.cancel()
        self._awaited = ""
        key, self._key_to_restore = self._key_to_restore, ""
        if key and self.library.find(key) and self.current is None:
            self._store.set_preset(self._snapshot(key).preset)


def _checked(snapshot: Snapshot, model: Model) -> Snapshot:
    """Raise UserError if a model file, replaced in the meantime, cannot play a patch."""
    patch = snapshot.patch
    sizes = {len(patch.offset), *(note.latent_size for note in patch.user_notes if note)}
    if sizes != {model.card.latent_size} or max(patch.slot_a, patch.slot_b) >= len(model.bank):
        raise UserError(f"the file {patch.model} now holds another model; that step cannot be undone")
    return snapshot
