"""A whole patch as text, so exact that it renders the same samples again. The audio files made with it keep it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from synth_app.dataset.audio_files.text_chunk import read_text
from synth_app.decoder import Model
from synth_app.modelfile import ModelEntry, list_models, read_bank_names, read_content_digest
from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.session.presets.model_matching import nearest_model
from synth_app.session.presets.preset_capture import capture_preset, card_digest, model_mark
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.exact_data import StoredCurves, StoredExactNote, StoredGrid
from synth_app.session.state.json_files import FiniteJson, StrictModel
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import MAX_NAME_LENGTH, ModelMark, Preset
from synth_app.session.state.saved_automation import StoredAutomation
from synth_app.session.state.saved_macros import NO_NAMES, MacroNames
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.session.state.saved_style import StoredStyle
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, one_line, shown
from synth_app.version import __version__

Text = Annotated[str, StringConstraints(max_length=256)]
LoadModel = Callable[[Path], Model]
_MAX_BANK = 1_000_000


class PlayedKey(StrictModel):
    """The note that a render plays, as in ``export.RenderRequest``."""

    note: int = Field(ge=0, le=127)
    velocity: int = Field(ge=1, le=127)
    seconds: float = Field(gt=0.0, le=3600.0)
    tail_seconds: float = Field(ge=0.0, le=3600.0)
    ring_out: bool


class SavedPatch(StrictModel):
    """A patch and how it was played.

    Attributes:
        program: version of the program that wrote it.
        model: identifies the model. content: digest of its whole file, which changes with its note bank too.
        slots: of the patch. notes: names of these bank notes.
        offset: in latent units. offset_db: of the patch; 0 if the file has none.
        params: all of them, by name.
        quality: of the patch.
        own: user notes in the slots.
        modulation: as ``modulation_json``.
        automation, pad_grid, handle_curves, macro_names: of the patch.
        style: its texture in slot S.
        preset: the same sound for other models.
        key: the note that was rendered; None for a recording or a MIDI file.
    """

    version: Literal[1] = 1
    program: Text
    model: ModelMark
    content: Text
    slots: tuple[Annotated[int, Field(ge=0, le=_MAX_BANK)], Annotated[int, Field(ge=0, le=_MAX_BANK)]]
    notes: tuple[Text, Text]
    offset: tuple[float, ...] = Field(default=(), max_length=1024)
    offset_db: float = Field(default=0.0, ge=-MAX_OFFSET_DB, le=MAX_OFFSET_DB)
    params: dict[Text, float] = Field(max_length=1024)
    quality: Text
    own: tuple[StoredExactNote | None, StoredExactNote | None] = (None, None)
    modulation: dict[str, FiniteJson] = Field(default_factory=dict, max_length=64)
    automation: StoredAutomation | None = None
    pad_grid: StoredGrid | None = None
    style: StoredStyle | None = None
    handle_curves: StoredCurves | None = None
    macro_names: MacroNames = NO_NAMES
    preset: Preset
    key: PlayedKey | None = None

    def patch(self, path: str) -> Patch:
        """Return the patch for its own model.

        Args:
            path: of the model file.

        Raises:
            UserError: it has a parameter, a value or modulation that this version lacks.
        """
        unknown = set(self.params) - {spec.name for spec in PARAMS}
        modulation, left_out = read_modulation(dict(self.modulation))
        if unknown or left_out:
            what = f"the parameter {min(unknown)!r}" if unknown else left_out
            raise UserError(
                f"the patch was made by synth_app {one_line(self.program)} and has {what}; update the program"
            )
        for spec in PARAMS:
            value = self.params.get(spec.name, spec.default)
            if not spec.minimum <= value <= spec.maximum:
                limits = f"{spec.minimum:g} to {spec.maximum:g}"
                raise UserError(f"the patch has {spec.name} = {value:g}; this version has {limits}; update the program")
        return Patch(
            path, *self.slots, self.offset, tuple(self.params.get(spec.name, spec.default) for spec in PARAMS),
            self.quality, self.own, modulation, self.automation, self.pad_grid, offset_db=self.offset_db,
            handle_curves=self.handle_curves, macro_names=self.macro_names,
            style_texture=self.style,
        )  # fmt: skip


@dataclass(frozen=True)
class RestoredPatch:
    """A patch from an audio file.

    Attributes:
        patch: ready for the engine.
        saved: what the file holds.
        exact: whether it renders the same samples again.
        remark: one line for the user where it is not exact, else "".
    """

    patch: Patch
    saved: SavedPatch
    exact: bool
    remark: str


def describe_patch(
    patch: Patch, model: Model, name: str, key: PlayedKey | None = None, pad: PadState | None = None
) -> str:
    """Return the text of a patch.

    Args:
        patch: of ``model``.
        model: the loaded model.
        name: of the sound, for other models' presets; shortened where needed.
        key: the note that is played.
        pad: of the session; None for a render, which has no pad.
    """
    title = one_line(shown(name))[:MAX_NAME_LENGTH].strip() or "sound"
    whole = (*patch.offset, *[0.0] * model.card.latent_size)[: model.card.latent_size]
    like = Preset(name=title, a="", note=key.note if key else 60)
    preset = capture_preset(replace(patch, offset=whole), model, like, pad)
    names = [model.bank[i].name for i in (patch.slot_a, patch.slot_b)]
    saved = SavedPatch(
        program=__version__,
        model=model_mark(model.card),
        content=read_content_digest(patch.model),
        slots=(patch.slot_a, patch.slot_b),
        notes=(names[0], names[1]),
        offset=patch.offset,
        offset_db=patch.offset_db,
        params={spec.name: value for spec, value in zip(PARAMS, patch.params, strict=True)},
        quality=patch.quality,
        own=patch.user_notes,
        modulation=modulation_json(patch.modulation),
        automation=patch.automation,
        pad_grid=patch.pad_grid,
        handle_curves=patch.handle_curves,
        macro_names=patch.macro_names,
        style=patch.style_texture,
        preset=preset.model_copy(update={"own": (None, None), "style": None}),
        key=key,
    )
    return saved.model_dump_json(exclude_defaults=True)


def read_saved_patch(path: Path) -> SavedPatch | None:
    """Return the patch that an audio file holds; None if it holds none.

    Raises:
        UserError: the file is missing, or its patch is damaged or of a newer version.
    """
    text = read_text(path)
    if text is None:
        return None
    with loading(path, "a file with a whole patch", "the sound itself can still be played"):
        try:
            return SavedPatch.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            if first["loc"] == ("version",) and isinstance(first["input"], int):
                raise UserError(f"{shown(path)}: its patch was made by a newer synth_app; update") from error
            raise


def own_model(saved: SavedPatch, models: tuple[ModelEntry, ...]) -> ModelEntry | None:
    """Return the model that a patch was made with; None if it is not among ``models``."""
    cards = ((entry, entry.card) for entry in models)
    return next((entry for entry, card in cards if card and card_digest(card) == saved.model.digest), None)


def in_own_model(saved: SavedPatch, own: ModelEntry) -> RestoredPatch:
    """Return the patch for the model that it was made with.

    Raises:
        UserError: the model's bank lacks its notes, or the patch has parts that this version lacks.
    """
    bank, title = read_bank_names(own.path), one_line(saved.model.title)
    found = tuple(bank[i] if i < len(bank) else "" for i in saved.slots)
    if found != saved.notes:
        missing = next(name for name, there in zip(saved.notes, found, strict=True) if name != there)
        raise UserError(
            f"the patch plays the note {one_line(missing)} of {title}, whose bank has changed; add the file as a sound"
        )
    sizes = {len(saved.offset) or saved.model.latent_size, *(note.latent_size for note in saved.own if note)}
    if sizes != {saved.model.latent_size}:
        raise UserError(f"the patch has {max(sizes)} latent dimensions, but {title} has {saved.model.latent_size}")
    exact = read_content_digest(own.path) == saved.content
    remark = "" if exact else f"{title} has changed since the file was made, so it may sound different"
    return RestoredPatch(saved.patch(str(own.path)), saved, exact, remark)


def restore_patch(saved: SavedPatch, load: LoadModel, models: tuple[ModelEntry, ...] | None = None) -> RestoredPatch:
    """Return the patch for the model that it was made with, or else the most similar sound of another model.

    Args:
        saved: from ``read_saved_patch``.
        load: loads a model; it is called only if the patch's own model is not there.
        models: to choose from; None for all that ``list_models`` finds.

    Raises:
        UserError: there is no model, or the patch has parts that this version lacks.
    """
    entries = list_models() if models is None else models
    own = own_model(saved, entries)
    if own is not None:
        return in_own_model(saved, own)
    usable = [entry for entry in entries if entry.card is not None]
    if not usable or usable[0].card is None:
        raise UserError(
            f"the patch was made for the model {one_line(saved.model.title)}, and there is no model; install one"
        )
    chosen = nearest_model(saved.preset, usable[0].card, tuple(usable)) or usable[0]
    transferred = transfer_preset(saved.preset, load(chosen.path), str(chosen.path), saved.quality)
    remark = transferred.remark or f"made for another version of {one_line(saved.model.title)}; it may sound different"
    return RestoredPatch(transferred.patch, saved, exact=False, remark=remark)
