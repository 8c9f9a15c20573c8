"""Transitions of the state: from and to a saved session, and to another model."""

from collections.abc import Sequence
from dataclasses import replace

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, first_note, first_partner
from synth_app.params import PARAMS, param
from synth_app.patch import Patch
from synth_app.patch.quality import DEFAULT_QUALITY, QUALITIES
from synth_app.session.state.automation_edit import for_any_model
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.session.state.session_file import SavedSession, WindowSettings
from synth_app.session.state.state import SLOTS, SessionState, Slot


def restore_state(saved: SavedSession) -> SessionState:
    """Return the state of a saved session before its model is loaded."""
    known = saved.quality in {each.name for each in QUALITIES}
    modulation, _ = read_modulation(saved.modulation)
    patch = Patch(
        model="",
        quality=saved.quality if known else DEFAULT_QUALITY,
        modulation=modulation,
        macro_names=saved.macros,
        style_texture=saved.style,
    )
    for name, value in saved.known_params().items():
        patch = patch.with_param(name, param(name).clamp(value))
    locks = tuple(sorted(saved.locks.items()))
    return SessionState(patch, saved.device, saved.field, locks=locks, pins=saved.known_pins())


def to_saved_session(
    state: SessionState, names: Sequence[str], waiting: SavedSession | None, window: WindowSettings
) -> SavedSession:
    """Convert a state to a session file.

    Args:
        state: to save.
        names: of the bank notes in the slots, "" before a model is loaded.
        waiting: the saved session whose model is not loaded yet; the parts that belong to that model are kept.
        window: settings of the window.
    """
    patch, kept = state.patch, waiting or SavedSession()
    loaded = bool(patch.model)
    return SavedSession(
        custom=patch.user_notes if loaded else kept.custom,
        style=patch.style_texture,
        gesture=patch.automation if loaded else kept.gesture,
        field=state.pad,
        model=patch.model or kept.model,
        slot_a=names[0] or kept.slot_a,
        slot_b=names[1] or kept.slot_b,
        offset=patch.offset if loaded else kept.offset,
        offset_db=patch.offset_db if loaded else kept.offset_db,
        params={spec.name: value for spec, value in zip(PARAMS, patch.params, strict=True)},
        macros=patch.macro_names,
        modulation=modulation_json(patch.modulation),
        quality=patch.quality,
        preset=state.preset.key if state.preset else kept.preset,
        locks=dict(state.locks),
        pins=tuple(sorted(state.pins)),
        device=state.device,
        window=window,
    )


def carry_over(patch: Patch, names: Sequence[str], model: Model, path: str, waiting: SavedSession | None) -> Patch:
    """Return a patch for another model that keeps as much of the present one as the model can play.

    Args:
        patch: the present one.
        names: of the bank notes in its slots; the new bank's notes of the same names take their place.
        model: loaded from ``path``.
        path: for ``Patch.model``.
        waiting: the saved session, if this is its model: its slots, offset, user notes and automation are restored.
    """
    latent, same = model.card.latent_size, path == patch.model
    offset: tuple[float, ...] = ()
    offset_db = 0.0
    user_notes = patch.user_notes if same else (None, None)
    automation = patch.automation if same else for_any_model(patch.automation)
    if waiting is not None:
        names, offset, offset_db = [waiting.slot_a, waiting.slot_b], waiting.offset, waiting.offset_db
        user_notes, automation = waiting.user_notes(latent), waiting.gesture
    slot_a, slot_b = (find_slot_note(name, model.bank, slot) for name, slot in zip(names, SLOTS, strict=True))
    return replace(
        patch,
        model=path,
        slot_a=slot_a,
        slot_b=slot_b,
        user_notes=user_notes,
        automation=automation,
        offset=offset if len(offset) == latent else (0.0,) * latent,
        offset_db=offset_db if len(offset) == latent else 0.0,
        modulation=patch.modulation.within(latent),
    )


def find_slot_note(name: str, bank: tuple[BankNote, ...], slot: Slot) -> int:
    """Return the index of the note of that name; if there is none, the one that the slot opens with."""
    for i, note in enumerate(bank):
        if note.name == name:
            return i
    first = first_note(bank)
    return first if slot == "a" else first_partner(bank, first)
