"""Typed notices of what changed in the session; each carries the whole state before and after."""

from dataclasses import dataclass
from functools import cached_property

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.session.state.pad_state import PadState


@dataclass(frozen=True)
class LoadedPreset:
    """The preset that the sound began as.

    Attributes:
        key: where the library has it.
        name: as shown.
        sound: as it was when loaded or saved; what differs from it is modified.
    """

    key: str
    name: str
    patch: Patch


@dataclass(frozen=True)
class ModelChanged:
    """Another model is loaded, its sound already in place; a PatchChanged follows."""

    model: Model


@dataclass(frozen=True)
class PatchChanged:
    """Anything that is heard: slots, morph, offset, parameters, model."""

    before: Patch
    after: Patch

    @cached_property
    def params(self) -> frozenset[str]:
        """Names of the parameters that have other values now."""
        pairs = zip(PARAMS, self.before.params, self.after.params, strict=True)
        return frozenset(spec.name for spec, x, y in pairs if x != y)


@dataclass(frozen=True)
class PadChanged:
    """The pad spans other dimensions, counted from 0."""

    x: int
    y: int


@dataclass(frozen=True)
class FieldChanged:
    """The pad is set otherwise: mode, map, corners or cursor."""

    before: PadState
    after: PadState


@dataclass(frozen=True)
class PresetChanged:
    """Another preset is the present one, or it was saved anew; None for a sound that is no preset yet."""

    preset: LoadedPreset | None


@dataclass(frozen=True)
class LocksChanged:
    """Other parts of the sound are kept from chance."""


@dataclass(frozen=True)
class DeviceChanged:
    """Another output is asked for."""

    settings: DeviceSettings


Change = ModelChanged | PatchChanged | PadChanged | FieldChanged | PresetChanged | LocksChanged | DeviceChanged
