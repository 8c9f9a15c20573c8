"""How the pad is set: its mode, dimensions, map and corners, and where the cursor stands."""

from dataclasses import dataclass, replace
from typing import Literal

from synth_app.patch import UserNote

Mode = Literal["plane", "map", "morph"]
Layout = Literal["pca", "umap"]
MODES: tuple[Mode, ...] = ("plane", "map", "morph")
Corner = str | UserNote  # the name of a bank note, or a sound of one's own
CORNERS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class PadState:
    """One snapshot.

    Attributes:
        mode: ``plane`` spans two dimensions, ``map`` the notes' map, ``morph`` the four corners.
        layout: of the map.
        pitch: only notes of this MIDI pitch are on the map; None for all.
        map_at, morph_at: cursor in 0-1, y upwards.
        axes: the two dimensions that ``plane`` spans, counted from 0.
        corners: what the corners hold, left top, right top, left bottom, right bottom; "" for nothing.
    """

    mode: Mode = "plane"
    layout: Layout = "pca"
    pitch: int | None = None
    map_at: tuple[float, float] | None = None
    morph_at: tuple[float, float] = (0.5, 0.5)
    corners: tuple[Corner, Corner, Corner, Corner] = ("", "", "", "")
    axes: tuple[int, int] = (0, 1)

    def within(self, latent_size: int) -> "PadState":
        """The same, with the first two dimensions where one of its own is beyond ``latent_size``."""
        return self if max(self.axes) < latent_size else replace(self, axes=(0, min(1, latent_size - 1)))
