"""The style of one sound on the content of another: texture moves, pitch, onsets and loudness curve stay.

After the idea of Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style" (2015), for sound.
"""

from synth_app.style.changes import slot_notes, style_change, with_style_changes
from synth_app.style.live import live_style, styled_path
from synth_app.style.note_levels import LevelModel, NoteLevels
from synth_app.style.path import StyledPath, note_at
from synth_app.style.rendered import rendered_path, rendered_style
from synth_app.style.source import Style, path_step, style_of_note, style_of_sound
from synth_app.style.take import StyleSource, take_style, take_texture
from synth_app.style.texture_data import style_of_texture, texture_of

__all__ = [
    "LevelModel",
    "NoteLevels",
    "Style",
    "StyleSource",
    "StyledPath",
    "live_style",
    "note_at",
    "path_step",
    "rendered_path",
    "rendered_style",
    "slot_notes",
    "style_change",
    "style_of_note",
    "style_of_sound",
    "style_of_texture",
    "styled_path",
    "take_style",
    "take_texture",
    "texture_of",
    "with_style_changes",
]
