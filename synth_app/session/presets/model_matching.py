"""Which of the models there are would play a preset nearest to how it was made."""

from synth_app.modelfile import ModelCard, ModelEntry, read_bank_names
from synth_app.session.presets.preset_transfer import model_mark
from synth_app.session.state.preset import ModelMark, Preset
from synth_app.support.errors import UserError


def nearest_model(preset: Preset, present: ModelCard, models: tuple[ModelEntry, ...]) -> ModelEntry | None:
    """The model to offer beside the present one.

    The model itself comes first, then one of the same name (trained again), then by family, by size of the code and
    by how many of the preset's notes it has.

    Returns:
        None where the present model is as near as any, or the preset was made for none.
    """
    mark = preset.model
    usable = [(entry, entry.card) for entry in models if entry.card is not None]
    if mark is None or not usable:
        return None
    likeness = {entry.path: _likeness(mark, card) for entry, card in usable}
    best = max((entry for entry, _ in usable), key=lambda e: (*likeness[e.path], _notes_there(preset, e)))
    return best if likeness[best.path] > _likeness(mark, present) else None


def _likeness(mark: ModelMark, card: ModelCard) -> tuple[bool, bool, bool, int]:
    other = model_mark(card)
    return (
        other.digest == mark.digest,
        other.name == mark.name,
        other.family == mark.family,
        -abs(other.latent_size - mark.latent_size),
    )


def _notes_there(preset: Preset, entry: ModelEntry) -> int:
    try:
        names = set(read_bank_names(entry.path))
    except UserError:  # damaged since it was listed: it is told when it is loaded, here it has no notes
        return 0
    return sum(name in names for name in {preset.a, preset.b or preset.a, *preset.toward})
