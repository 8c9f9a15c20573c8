"""Changes of the session as typed messages. Observers of the store receive them."""

from dataclasses import dataclass
from functools import cached_property

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.session.state.pad_state import PadState


@dataclass(frozen=True)
class LoadedPreset:
    """The preset that the patch was loaded from or saved as.

    Attributes:
        key: key in the library.
        name: as shown.
        patch: the patch when it was loaded or saved; the present one is modified if it differs.
    """

    key: str
    name: str
    patch: Patch


@dataclass(frozen=True)
class ModelChanged:
    """Another model is loaded, and the patch fits it already. A PatchChanged follows."""

    model: Model


@dataclass(frozen=True)
class PatchChanged:
    """The patch changed: slots, morph, offset, parameters, modulation, automation or model."""

    before: Patch
    after: Patch

    @cached_property
    def params(self) -> frozenset[str]:
        """The names of the parameters whose values differ."""
        pairs = zip(PARAMS, self.before.params, self.after.params, strict=True)
        return frozenset(spec.name for spec, x, y in pairs if x != y)


@dataclass(frozen=True)
class HandleMoves:
    """The user moves a handle; the PatchChanged that it causes follows.

    Attributes:
        drag: number of the drag; later moves of a drag replace earlier ones.
        target: of the handle. steps: from where the drag began.
        offset: what these steps add to the latent vector.
    """

    drag: int
    target: str
    steps: float
    offset: tuple[float, ...]


@dataclass(frozen=True)
class PadAxesChanged:
    """The pad spans other latent dimensions, counted from 0."""

    x: int
    y: int


@dataclass(frozen=True)
class PadStateChanged:
    """The pad's mode, map, corners or cursors changed. ``PadAxesChanged`` reports its axes."""

    before: PadState
    after: PadState


@dataclass(frozen=True)
class PresetChanged:
    """Another preset is the present one, or it was saved again; None for a patch that is no preset."""

    preset: LoadedPreset | None


@dataclass(frozen=True)
class LocksChanged:
    """Other parts of the patch are locked against randomizing, or other handles are pinned."""


@dataclass(frozen=True)
class VersionsChanged:
    """Another version of the patch is active, or the other one was replaced."""


@dataclass(frozen=True)
class DeviceChanged:
    """Another audio output was chosen."""

    settings: DeviceSettings


Change = (
    ModelChanged
    | PatchChanged
    | HandleMoves
    | PadAxesChanged
    | PadStateChanged
    | PresetChanged
    | LocksChanged
    | VersionsChanged
    | DeviceChanged
)
