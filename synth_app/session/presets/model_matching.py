"""Finds the model that plays a preset most exactly."""

from synth_app.modelfile import ModelCard, ModelEntry, read_bank_names
from synth_app.session.presets.preset_capture import model_mark
from synth_app.session.state.preset import ModelMark, Preset
from synth_app.support.errors import UserError


def nearest_model(preset: Preset, present: ModelCard, models: tuple[ModelEntry, ...]) -> ModelEntry | None:
    """Return the model to suggest instead of the present one.

    The model that the preset was made with comes first, then one of the same name (trained again). The others are
    ranked by family, by latent size and by how many of the preset's notes they have.

    Returns:
        the model; None if the present one is as good, or if the preset was made for no model in particular.
    """
    mark = preset.model
    usable = [(entry, entry.card) for entry in models if entry.card is not None]
    if mark is None or not usable:
        return None
    similarity = {entry.path: _similarity(mark, card) for entry, card in usable}
    best = max((entry for entry, _ in usable), key=lambda e: (*similarity[e.path], _notes_present(preset, e)))
    return best if similarity[best.path] > _similarity(mark, present) else None


def _similarity(mark: ModelMark, card: ModelCard) -> tuple[bool, bool, bool, int]:
    other = model_mark(card)
    return (
        other.digest == mark.digest,
        other.name == mark.name,
        other.family == mark.family,
        -abs(other.latent_size - mark.latent_size),
    )


def _notes_present(preset: Preset, entry: ModelEntry) -> int:
    try:
        names = set(read_bank_names(entry.path))
    except UserError:  # damaged since it was listed: loading it reports the problem
        return 0
    return sum(name in names for name in {preset.a, preset.b or preset.a, *preset.toward})
