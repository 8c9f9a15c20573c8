"""What moves a sound by itself: LFOs, envelopes and the connections from sources to targets. Plain data.

A connection adds ``amount * source * via`` to its target, in the target's own unit, for every voice and frame.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from synth_app.support.errors import UserError

LFOS, ENVELOPES, MAX_CONNECTIONS = 4, 2, 32
LfoShape = Literal["sine", "triangle", "saw up", "saw down", "square", "sample & hold", "random"]
LFO_SHAPES: tuple[LfoShape, ...] = get_args(LfoShape)
LFO_RATE_HZ = (0.01, 30.0)  # frames come at 94 to 375 per second: faster ones would not be followed in every quality
LONGEST_FADE_S = 20.0
# Length of one LFO cycle in quarter notes, by name: dotted (.) and triplet (t) values included.
NOTE_BEATS: dict[str, float] = {"8/1": 32.0, "4/1": 16.0, "2/1": 8.0} | {
    f"1/{part}{mark}": 4.0 / part * factor
    for part in (1, 2, 4, 8, 16, 32)
    for mark, factor in ((".", 1.5), ("", 1.0), ("t", 2.0 / 3.0))
}


@dataclass(frozen=True)
class Source:
    """Where a connection begins.

    Attributes:
        name: key in presets.
        label: what the window calls it.
        bipolar: whether it goes from -1 to 1; else from 0 to 1.
        help: one sentence.
    """

    name: str
    label: str
    bipolar: bool
    help: str


MOD_SOURCES: tuple[Source, ...] = (
    *(Source(f"lfo{i + 1}", f"LFO {i + 1}", True, "A shape that repeats.") for i in range(LFOS)),
    *(Source(f"env{i + 1}", f"Env {i + 1}", False, "An envelope begun by every note.") for i in range(ENVELOPES)),
    Source("velocity", "Velocity", False, "How hard the key was struck."),
    Source("key", "Key", True, "The key: 0 at middle C, 1 five octaves above, -1 five below."),
    Source("random", "Random", True, "Another number for every note."),
    Source("wheel", "Mod wheel", False, "The modulation wheel."),
    Source("pressure", "Pressure", False, "Pressure on the key, or on the channel."),
    Source("slide", "Slide", False, "The finger's place along the key, on MPE keyboards."),
)


@dataclass(frozen=True)
class Target:
    """Where a connection ends.

    Attributes:
        name: key in presets; z1, z2, ... are the latent dimensions.
        label: what the window calls it.
        unit: of an amount.
        reach: largest amount either way.
        help: one sentence.
    """

    name: str
    label: str
    unit: str
    reach: float
    help: str


MOD_TARGETS: tuple[Target, ...] = (
    Target("morph", "Morph", "", 1.0, "Between the sounds in slots A and B."),
    Target(
        "pad_x",
        "Pad across",
        "",
        1.0,
        "From left to right on the pad, in its mode; on the map over all notes.",
    ),
    Target(
        "pad_y",
        "Pad up",
        "",
        1.0,
        "From bottom to top on the pad, in its mode; on the map over all notes.",
    ),
    Target("gain", "Gain", "dB", 24.0, "Level of the voice."),
    Target("pan", "Pan", "", 1.0, "Left and right."),
    Target("tilt", "Tilt", "dB/oct", 12.0, "Slope of the spectrum about 1 kHz: brighter or darker."),
    Target("formant", "Formant", "", 1.0, "Whether formants move along with a transposition."),
    Target("pitch", "Pitch", "st", 24.0, "Semitones."),
)
PAD_TARGETS = ("pad_x", "pad_y")
_LATENT_REACH = 4.0
_LATENT_NAME = re.compile(r"z([1-9]\d{0,2})")
_SOURCE_NAMES = {source.name: i for i, source in enumerate(MOD_SOURCES)}
_TARGETS = {target.name: target for target in MOD_TARGETS}


def latent_target(dim: int) -> str:
    """Name of a latent dimension as a target; dimensions count from 0, names from 1."""
    return f"z{dim + 1}"


def latent_dim(target: str) -> int | None:
    """The latent dimension that a target names, counted from 0; None for the others."""
    found = _LATENT_NAME.fullmatch(target)
    return int(found[1]) - 1 if found else None


def mod_source(name: str) -> Source:
    """The source of that name. Raises UserError for an unknown one."""
    if name not in _SOURCE_NAMES:
        raise UserError(f"no modulation source {name!r}; there are {', '.join(_SOURCE_NAMES)}")
    return MOD_SOURCES[_SOURCE_NAMES[name]]


def mod_target(name: str) -> Target:
    """The target of that name. Raises UserError for an unknown one."""
    if name in _TARGETS:
        return _TARGETS[name]
    if latent_dim(name) is None:
        raise UserError(f"no modulation target {name!r}; there are {', '.join(_TARGETS)} and z1, z2, ...")
    return Target(name, name, "sd", _LATENT_REACH, "A latent dimension, in standard deviations of the data.")


def _within(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise UserError(f"{what} = {value:g} {unit}".rstrip() + f"; give {low:g} to {high:g}")


ENVELOPE_RANGES = (("attack_s", 0.001, 20.0, "s"), ("decay_s", 0.005, 20.0, "s"), ("sustain", 0.0, 1.0, ""),
                   ("release_s", 0.005, 20.0, "s"))  # fmt: skip


@dataclass(frozen=True)
class Lfo:
    """A repeating shape from -1 to 1.

    Attributes:
        shape: one of ``LFO_SHAPES``; "sample & hold" jumps to another level every cycle, "random" glides there.
        rate_hz: cycles per second, where ``sync`` is "".
        sync: length of a cycle as a note value, one of ``NOTE_BEATS``; "" for Hz.
        phase: where a cycle begins, in turns, 0 to 1.
        fade_s: time from a note's beginning until it has its full depth.
        retrigger: whether it begins anew with every note; else it runs on, the same for all voices.
    """

    shape: LfoShape = "sine"
    rate_hz: float = 2.0
    sync: str = ""
    phase: float = 0.0
    fade_s: float = 0.0
    retrigger: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        if self.shape not in LFO_SHAPES:
            raise UserError(f"no LFO shape {self.shape!r}; there are {', '.join(LFO_SHAPES)}")
        if self.sync and self.sync not in NOTE_BEATS:
            raise UserError(f"no note value {self.sync!r}; there are {', '.join(NOTE_BEATS)}")
        _within("LFO rate", self.rate_hz, *LFO_RATE_HZ, "Hz")
        _within("LFO phase", self.phase, 0.0, 1.0, "turns")
        _within("LFO fade", self.fade_s, 0.0, LONGEST_FADE_S, "s")


@dataclass(frozen=True)
class ModEnvelope:
    """An ADSR envelope from 0 to 1: linear attack, exponential decay (99 % of its way in ``decay_s``) and release."""

    attack_s: float = 0.01
    decay_s: float = 0.5
    sustain: float = 0.0
    release_s: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        for name, low, high, unit in ENVELOPE_RANGES:
            _within(f"envelope {name}", getattr(self, name), low, high, unit)


@dataclass(frozen=True)
class Connection:
    """From a source to a target.

    Attributes:
        source, target: names.
        amount: what the source adds at its end, in the target's unit.
        via: another source that scales it, "" for none: vibrato by the mod wheel.
        on: False keeps it without effect.
    """

    source: str
    target: str
    amount: float
    via: str = ""
    on: bool = True

    def __post_init__(self) -> None:
        """Refuse names that do not exist and amounts out of reach."""
        mod_source(self.source)
        if self.via:
            mod_source(self.via)
        target = mod_target(self.target)
        _within(f"amount for {target.label}", self.amount, -target.reach, target.reach, target.unit)


@dataclass(frozen=True)
class Modulation:
    """All that moves a sound by itself."""

    lfos: tuple[Lfo, ...] = (Lfo(),) * LFOS
    envelopes: tuple[ModEnvelope, ...] = (ModEnvelope(),) * ENVELOPES
    connections: tuple[Connection, ...] = ()

    def __post_init__(self) -> None:
        """Refuse more than there is room for."""
        if len(self.lfos) != LFOS or len(self.envelopes) != ENVELOPES:
            raise UserError(f"{len(self.lfos)} LFOs and {len(self.envelopes)} envelopes; there are {LFOS}, {ENVELOPES}")
        if len(self.connections) > MAX_CONNECTIONS:
            raise UserError(f"{len(self.connections)} connections; there is room for {MAX_CONNECTIONS}: remove some")

    @property
    def moves_pad(self) -> bool:
        """Whether anything is connected to the pad."""
        return any(each.on and each.target in PAD_TARGETS for each in self.connections)

    def latent_size(self) -> int:
        """The least number of latent dimensions that all connections need."""
        return 1 + max((latent_dim(each.target) or 0 for each in self.connections), default=-1)

    def within(self, latent_size: int) -> "Modulation":
        """The same without connections to dimensions that a model of that size lacks."""
        kept = tuple(each for each in self.connections if (latent_dim(each.target) or 0) < latent_size)
        return self if kept == self.connections else Modulation(self.lfos, self.envelopes, kept)
