"""One snapshot of everything that the user set, and how it begins from a saved session and a model's bank."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.modelfile import BankNote, default_note, note_center
from synth_app.params import PARAMS, param
from synth_app.patch import Patch, UserNote
from synth_app.patch.quality import DEFAULT_QUALITY, QUALITIES
from synth_app.session.state.automation_edit import for_any_model
from synth_app.session.state.changes import LoadedPreset
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.saved_automation import SavedAutomation
from synth_app.session.state.saved_modulation import modulation_json, modulation_of
from synth_app.session.state.saved_notes import SavedNote, SavedPad
from synth_app.session.state.session_file import SavedDevice, SavedSession, WindowSettings

Slot = Literal["a", "b"]
SLOTS: tuple[Slot, Slot] = ("a", "b")


class Snapshot(NamedTuple):
    """A whole sound, the preset it stands for, and the pad, None to leave it as it is.

    Of the pad the corners and cursors are taken over; all of it where the sound's modulation moves over it.
    """

    patch: Patch
    preset: LoadedPreset | None
    field: PadState | None = None


@dataclass(frozen=True)
class SessionState:
    """Everything the store holds, as one snapshot.

    Attributes:
        sound: what the engine gets.
        device: the output asked for.
        field: the pad: its mode, dimensions, map and corners.
        preset: what the sound began as; None for a sound that is no preset yet.
        locks: what chance may change (False) or not (True), by name, where it differs from the usual.
    """

    patch: Patch = field(default_factory=lambda: Patch(model=""))
    device: DeviceSettings = field(default_factory=DeviceSettings)
    field: PadState = field(default_factory=PadState)
    preset: LoadedPreset | None = None
    locks: tuple[tuple[str, bool], ...] = ()

    @property
    def pad(self) -> tuple[int, int]:
        """The two dimensions that the pad spans, counted from 0."""
        return self.field.axes

    @property
    def locked(self) -> frozenset[int]:
        """Dimensions that neither a reset nor chance moves."""
        return frozenset(int(name[1:]) - 1 for name, on in self.locks if on and is_dimension(name))


def is_dimension(lock: str) -> bool:
    """Whether a lock is that of a latent dimension: z1, z2, ..."""
    return lock[:1] == "z" and lock[1:].isdigit()


@lru_cache(maxsize=16)
def user_note_center(note: UserNote) -> NDArray[np.float64]:
    """Centre code of a note of no bank, float64 [latent], read-only."""
    center: NDArray[np.float64] = note_center(note.note())[0].astype(np.float64)
    center.flags.writeable = False
    return center


def centers_of(model: Model) -> NDArray[np.float64]:
    """Centre code of every bank note, float64 [notes, latent]."""
    centers = np.stack([note_center(note)[0] for note in model.bank])
    return centers.astype(np.float64)


def center_of(patch: Patch, model: Model) -> NDArray[np.float64]:
    """Centre code of what is in the slots at the sound's morph, float64 [latent]: where the sliders rest."""
    a, b = (
        note_center(model.bank[i])[0].astype(np.float64) if own is None else user_note_center(own)
        for i, own in zip((patch.slot_a, patch.slot_b), patch.custom, strict=True)
    )
    morph = patch.value("morph")
    center: NDArray[np.float64] = (1 - morph) * a + morph * b
    return center


def plain_params(model: Model | None) -> tuple[float, ...]:
    """What a model's plainest sound has, in the order of ``PARAMS``.

    The defaults, but a model that takes the pitch puts its partials where the key wants them to within a few cents,
    and the lock does the rest (docs/benchmarks/models.md).
    """
    plain = Patch("")
    pitch_conditioned = model is not None and model.card.key_range is not None
    return plain.with_param("lock", 1.0).params if pitch_conditioned else plain.params


def restored(saved: SavedSession) -> SessionState:
    """What a saved session holds before its model is loaded."""
    known = saved.quality in {each.name for each in QUALITIES}
    modulation, _ = modulation_of(saved.modulation)
    patch = Patch(model="", quality=saved.quality if known else DEFAULT_QUALITY, modulation=modulation)
    for name, value in saved.known_params().items():
        patch = patch.with_param(name, param(name).clamp(value))
    locks = tuple(sorted(saved.locks.items()))
    return SessionState(patch, saved.device.settings(), saved.field.state(), locks=locks)


def session_of(
    state: SessionState, names: Sequence[str], waiting: SavedSession | None, window: WindowSettings
) -> SavedSession:
    """A state as it would be saved.

    Args:
        state: to save.
        names: of the bank notes in the slots, "" before a model is loaded.
        waiting: the saved session whose model is not loaded yet: what belongs to that model stays as it was.
        window: how the window is.
    """
    patch, kept = state.patch, waiting or SavedSession()
    loaded = bool(patch.model)
    own = tuple(SavedNote.of(note) if note else None for note in patch.custom)
    return SavedSession(
        custom=(own[0], own[1]) if loaded else kept.custom,
        gesture=SavedAutomation.of(patch.gesture) if loaded else kept.gesture,
        field=SavedPad.of(state.field),
        model=patch.model or kept.model,
        slot_a=names[0] or kept.slot_a,
        slot_b=names[1] or kept.slot_b,
        offset=patch.offset if loaded else kept.offset,
        params={spec.name: value for spec, value in zip(PARAMS, patch.params, strict=True)},
        modulation=modulation_json(patch.modulation),
        quality=patch.quality,
        preset=state.preset.key if state.preset else kept.preset,
        locks=dict(state.locks),
        device=SavedDevice(**vars(state.device)),
        window=window,
    )


def carried_over(patch: Patch, names: Sequence[str], model: Model, path: str, waiting: SavedSession | None) -> Patch:
    """What another model plays of a sound, as far as it has it.

    Args:
        sound: played so far.
        names: of the bank notes in its slots; notes of the same names are looked for.
        model: loaded from ``path``.
        path: for ``Patch.model``.
        waiting: the saved session, if this is its model: its slots, offset, own notes and gesture come back.
    """
    latent, same = model.card.latent_size, path == patch.model
    offset: tuple[float, ...] = ()
    custom = patch.custom if same else (None, None)
    gesture = patch.gesture if same else for_any_model(patch.gesture)
    if waiting is not None:
        names, offset = [waiting.slot_a, waiting.slot_b], waiting.offset
        custom = waiting.user_notes(latent)
        gesture = waiting.gesture.moves() if waiting.gesture else None
    slot_a, slot_b = (slot_for(name, model.bank, slot) for name, slot in zip(names, SLOTS, strict=True))
    return replace(
        patch,
        model=path,
        slot_a=slot_a,
        slot_b=slot_b,
        custom=custom,
        gesture=gesture,
        offset=offset if len(offset) == latent else (0.0,) * latent,
        modulation=patch.modulation.within(latent),
    )


def slot_for(name: str, bank: tuple[BankNote, ...], slot: Slot) -> int:
    """The note of that name; else slot A gets the default note, B the nearest in pitch of another family."""
    for i, note in enumerate(bank):
        if note.name == name:
            return i
    first = default_note(bank)
    if slot == "a":
        return first
    return min(
        range(len(bank)),
        key=lambda i: (bank[i].family == bank[first].family, abs(bank[i].pitch - bank[first].pitch), -i),
    )
