"""The description of an audio file format: its name, its suffix, its bit depths and the function that writes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Writer = Callable[[Path, Iterable[NDArray[np.float32]], int, int], None]


@dataclass(frozen=True)
class BitDepth:
    """Bits per sample; ``kind`` names the type of number where it is not an integer, e.g. ``float``."""

    bits: int
    kind: str = ""

    @property
    def label(self) -> str:
        """The text in the export dialog, e.g. ``32 bit float``."""
        return f"{self.bits} bit {self.kind}".rstrip()


@dataclass(frozen=True)
class AudioFormat:
    """One format that a render can be written in. See `formats` for how to add one.

    Attributes:
        name: shown to the user, e.g. ``WAV``.
        suffix: of its files, lower case with the dot, e.g. ``.wav``.
        depths: the bit depths to choose from, at least one.
        default_bits: the depth that is chosen first; one of ``depths``.
        write: called as ``write(path, blocks, rate_hz, bits)`` with at least one block, float32 [n, channels] each at
            that rate; it writes the file block by block. It must be a function of a module, because a render process
            imports it.
        max_bytes: the largest file that the format can hold; None for no limit.
    """

    name: str
    suffix: str
    depths: tuple[BitDepth, ...]
    default_bits: int
    write: Writer
    max_bytes: int | None = None

    @property
    def bits(self) -> tuple[int, ...]:
        """The bit depths as numbers."""
        return tuple(depth.bits for depth in self.depths)

    @property
    def depth_text(self) -> str:
        """The bit depths as one phrase, e.g. ``16, 24 or 32 (float)``."""
        texts = [f"{depth.bits} ({depth.kind})" if depth.kind else f"{depth.bits}" for depth in self.depths]
        return " or ".join(part for part in (", ".join(texts[:-1]), texts[-1]) if part)
