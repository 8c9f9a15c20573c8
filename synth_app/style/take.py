"""Takes the style of anything that slot S can hold: a synthesized texture, a note or a sound file."""

from dataclasses import dataclass
from pathlib import Path

from synth_app.decoder import Model
from synth_app.patch import StyleTexture, UserNote
from synth_app.style.source import Style, style_of_note, style_of_sound
from synth_app.style.texture_data import texture_of
from synth_app.support.loading import shown
from synth_app.texture import synthesize_texture

SYNTHESIZED_S = 6.0
MAX_FILE_S = 60.0


@dataclass(frozen=True)
class StyleSource:
    """What a style is taken from.

    Attributes:
        origin: the name of a synthesized texture, a note of the model, or a sound file of 60 s at most.
        seed: of a synthesized texture.
    """

    origin: str | UserNote | Path
    seed: int = 0


def take_style(model: Model, source: StyleSource) -> Style:
    """Return the style of a source.

    Raises:
        UserError: the texture is unknown; the file cannot be read or is too long; the sound is too short or silent.
    """
    origin, rate = source.origin, model.spec.sample_rate
    if isinstance(origin, UserNote):
        return style_of_note(model, origin)
    if isinstance(origin, Path):
        from synth_app.dataset.audio_io import read_audio_file

        audio, rate = read_audio_file(origin, rate=rate, max_seconds=MAX_FILE_S)
        return style_of_sound(model, shown(origin.stem), audio, rate)
    return style_of_sound(model, origin, synthesize_texture(origin, SYNTHESIZED_S, rate, source.seed), rate)


def take_texture(model: Model, source: StyleSource) -> StyleTexture:
    """Return the texture of a source as data for a patch. Raises as ``take_style``."""
    return texture_of(model, take_style(model, source))
