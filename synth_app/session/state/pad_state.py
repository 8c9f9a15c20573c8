"""Settings of the pad: its mode, dimensions, map and corners, and the positions of its cursors."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from synth_app.session.state.saved_note import StoredNote

Mode = Literal["plane", "map", "morph"]
Layout = Literal["pca", "umap"]
MODES: tuple[Mode, ...] = ("plane", "map", "morph")
Corner = str | StoredNote  # the name of a bank note, or a user note
CORNERS = ("1", "2", "3", "4")
Coordinate = Annotated[float, Field(ge=0.0, le=1.0)]
Dimension = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class PadState:
    """The settings of the pad. Sessions and presets store it unchanged, and pydantic checks the ranges.

    Attributes:
        mode: ``plane`` spans two latent dimensions, ``map`` the map of the notes, ``morph`` the four corners.
        layout: how the map is computed.
        pitch: MIDI pitch of the notes on the map; None for all notes.
        map_at, morph_at: cursor in 0-1, y upwards. ``map_at`` is None until the cursor is moved.
        axes: the two dimensions that ``plane`` spans, counted from 0.
        corners: notes in the corners: left top, right top, left bottom, right bottom; "" for an empty corner.
    """

    mode: Mode = "plane"
    layout: Layout = "pca"
    pitch: Annotated[int, Field(ge=0, le=127)] | None = None
    map_at: tuple[Coordinate, Coordinate] | None = None
    morph_at: tuple[Coordinate, Coordinate] = (0.5, 0.5)
    corners: tuple[Corner, Corner, Corner, Corner] = ("", "", "", "")
    axes: tuple[Dimension, Dimension] = (0, 1)

    def within(self, latent_size: int) -> "PadState":
        """Return the state with the first two dimensions as axes if one of its axes is not below ``latent_size``."""
        return self if max(self.axes) < latent_size else replace(self, axes=(0, min(1, latent_size - 1)))
