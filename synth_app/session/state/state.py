"""The session's state: one immutable snapshot of everything that the user set."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.params import handle_index
from synth_app.patch import Patch
from synth_app.patch.target import latent_dimension
from synth_app.session.state.changes import LoadedPreset
from synth_app.session.state.pad_state import PadState

Slot = Literal["a", "b"]
Version = Literal["1", "2"]
SLOTS: tuple[Slot, Slot] = ("a", "b")


class Snapshot(NamedTuple):
    """A whole patch, its preset, the pad, and the versions of the patch; None leaves pad or versions unchanged.

    Of the pad, the store takes over the corners and cursors, and all of it if the patch's modulation moves over it.
    """

    patch: Patch
    preset: LoadedPreset | None
    pad: PadState | None = None
    versions: "Versions | None" = None


@dataclass(frozen=True)
class Versions:
    """Two versions of the patch, to compare by ear.

    Attributes:
        name: of the present version.
        other: the other one; None while it was never active, so that it is a copy of the present one.
    """

    name: Version = "1"
    other: Snapshot | None = None


@dataclass(frozen=True)
class SessionState:
    """Everything that the store holds.

    Attributes:
        patch: what the engine plays.
        device: the chosen audio output.
        pad: the pad's mode, dimensions, map and corners.
        preset: the preset that the patch was loaded from; None for a patch that is no preset.
        locks: (name, locked) pairs of the parts whose lock differs from its default. Randomizing leaves locked parts
            unchanged.
        versions: which version of the patch is active, and the other one.
        pins: names of the handles that keep their positions while the sound changes.
    """

    patch: Patch = field(default_factory=lambda: Patch(model=""))
    device: DeviceSettings = field(default_factory=DeviceSettings)
    pad: PadState = field(default_factory=PadState)
    preset: LoadedPreset | None = None
    locks: tuple[tuple[str, bool], ...] = ()
    versions: Versions = Versions()
    pins: frozenset[str] = frozenset()

    @property
    def pinned(self) -> frozenset[int]:
        """The positions in ``HANDLES`` of the pinned handles."""
        return frozenset(map(handle_index, self.pins))

    @property
    def locked(self) -> frozenset[int]:
        """The latent dimensions with a slider lock: neither a reset nor randomizing moves them."""
        return frozenset(dim for name, on in self.locks if on and (dim := latent_dimension(name)) is not None)
