"""The style of one sound on the content of another: texture moves, pitch, onsets and loudness curve stay.

After the idea of Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style" (2015), for sound.
"""

from synth_app.style.live import StyledPath, live_style, note_at, styled_path
from synth_app.style.note_levels import LevelModel, NoteLevels
from synth_app.style.rendered import rendered_path, rendered_style
from synth_app.style.source import Style, path_step, style_of_note, style_of_sound, texture_path_step

__all__ = [
    "LevelModel",
    "NoteLevels",
    "Style",
    "StyledPath",
    "live_style",
    "note_at",
    "path_step",
    "rendered_path",
    "rendered_style",
    "style_of_note",
    "style_of_sound",
    "styled_path",
    "texture_path_step",
]
