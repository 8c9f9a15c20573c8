"""The modulation matrix: LFOs, envelopes and the connections from sources to targets. Plain data.

A connection adds ``amount * source * via`` to its target, in the target's unit, for every voice and frame. Parameters
that all voices share, such as those of effects, follow macros only.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from synth_app.params import MACROS, PARAMS, SPECTRAL_HANDLES, param
from synth_app.params.filter import MAX_RESONANCE_DB
from synth_app.params.handles import BITE, HANDLE_REACH, MOVEMENT, spectral_handle
from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch.target import MAX_DIMENSIONS, PAD_NAMES, PAD_X, PAD_Y, latent_dimension
from synth_app.support.errors import UserError

LFOS, ENVELOPES, MAX_CONNECTIONS = 4, 2, 32
LfoShape = Literal["sine", "triangle", "saw up", "saw down", "square", "sample & hold", "random", "drawn"]
LFO_SHAPES: tuple[LfoShape, ...] = get_args(LfoShape)
LFO_RATE_HZ = (0.01, 30.0)  # there are 94 to 375 frames per second, too few for faster LFOs
MAX_FADE_S = 20.0
MAX_LFO_POINTS = 64
Point = tuple[float, float]
_TRIANGLE: tuple[Point, ...] = ((0.0, 0.0), (0.25, 1.0), (0.75, -1.0), (1.0, 0.0))


@dataclass(frozen=True)
class ModSource:
    """The source of a connection.

    Attributes:
        name: key in presets.
        label: name in the window.
        bipolar: whether its range is -1 to 1; otherwise it is 0 to 1.
        help: one sentence.
    """

    name: str
    label: str
    bipolar: bool
    help: str


MOD_SOURCES: tuple[ModSource, ...] = (
    *(ModSource(f"lfo{i + 1}", f"LFO {i + 1}", True, "A repeating shape.") for i in range(LFOS)),
    *(ModSource(f"env{i + 1}", f"Env {i + 1}", False, "An envelope that every note starts.") for i in range(ENVELOPES)),
    ModSource("velocity", "Velocity", False, "How hard the key was struck."),
    ModSource("key", "Key", True, "The key: 0 at middle C, 1 five octaves above, -1 five below."),
    ModSource("random", "Random", True, "A new random value for every note."),
    ModSource("wheel", "Mod wheel", False, "The modulation wheel."),
    ModSource("pressure", "Pressure", False, "Pressure on the key, or on the channel."),
    ModSource("slide", "Slide", False, "Position of the finger along the key, on MPE keyboards."),
    *(ModSource(name, f"Macro {i + 1}", False, "A knob of the Macro page.") for i, name in enumerate(MACROS)),
)


@dataclass(frozen=True)
class ModTarget:
    """The target of a connection.

    Attributes:
        name: key in presets; z1, z2, ... are the latent dimensions.
        label: name in the window.
        unit: of an amount.
        reach: largest amount in either direction.
        help: one sentence.
        per_voice: whether each voice has its own value; otherwise all voices share it, and only macros move it.
    """

    name: str
    label: str
    unit: str
    reach: float
    help: str
    per_voice: bool = True


MOD_TARGETS: tuple[ModTarget, ...] = (
    ModTarget("morph", "Morph", "", 1.0, "Between the notes in slots A and B."),
    ModTarget(
        PAD_X,
        "Pad across",
        "",
        1.0,
        "From left to right on the pad, in its present mode.",
    ),
    ModTarget(
        PAD_Y,
        "Pad up",
        "",
        1.0,
        "From bottom to top on the pad, in its present mode.",
    ),
    ModTarget("gain", "Gain", "dB", 24.0, "Level of the voice."),
    ModTarget("pan", "Pan", "", 1.0, "Position between left and right."),
    ModTarget("tilt", "Tilt", "dB/oct", 12.0, "Slope of the spectrum around 1 kHz: brighter or darker."),
    ModTarget("formant", "Formant", "", 1.0, "How far formants move with a transposition."),
    ModTarget("pitch", "Pitch", "st", 24.0, "Transposition in semitones."),
    ModTarget("style", "Style", "", 1.0, "How much of the texture in slot S the notes take on."),
    *(ModTarget(each.target, each.label, "steps", HANDLE_REACH, each.help) for each in SPECTRAL_HANDLES),
    *(ModTarget(each.target, each.label, "dB", 24.0, each.help) for each in (BITE, MOVEMENT)),
    ModTarget("filter_cutoff_hz", "Cutoff", "oct", 8.0, "Where the filter begins, in octaves."),
    ModTarget("filter_resonance_db", "Resonance", "dB", MAX_RESONANCE_DB, "Level at the cutoff of the filter."),
)
_LATENT_REACH = 4.0
_SOURCE_NAMES = {source.name: i for i, source in enumerate(MOD_SOURCES)}
_TARGETS = {target.name: target for target in MOD_TARGETS}


def mod_source(name: str) -> ModSource:
    """Return the source of that name. Raises UserError for an unknown name."""
    if name not in _SOURCE_NAMES:
        raise UserError(f"no modulation source {name!r}; there are {', '.join(_SOURCE_NAMES)}")
    return MOD_SOURCES[_SOURCE_NAMES[name]]


def mod_target(name: str) -> ModTarget:
    """Return the target of that name. Raises UserError for an unknown name."""
    if name in _TARGETS:
        return _TARGETS[name]
    if name not in MACROS and PARAMS.has(name):
        spec = param(name)
        return ModTarget(name, spec.label, "", 1.0, f"As a fraction of its range. {spec.help}", per_voice=False)
    if latent_dimension(name) is None:
        raise UserError(
            f"no modulation target {name!r}; there are {', '.join(_TARGETS)}, z1 to z{MAX_DIMENSIONS} and, for macros, "
            "the parameters"
        )
    return ModTarget(name, name, "sd", _LATENT_REACH, "A latent dimension, in standard deviations of the data.")


def _check_range(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise UserError(f"{what} = {value:g} {unit}".rstrip() + f"; give {low:g} to {high:g}")


ENVELOPE_RANGES = (("attack_s", 0.001, 20.0, "s"), ("decay_s", 0.005, 20.0, "s"), ("sustain", 0.0, 1.0, ""),
                   ("release_s", 0.005, 20.0, "s"))  # fmt: skip


@dataclass(frozen=True)
class Lfo:
    """A repeating shape from -1 to 1.

    Attributes:
        shape: one of ``LFO_SHAPES``; "sample & hold" jumps to a random level every cycle, "random" glides to it,
            "drawn" follows ``points``.
        rate_hz: cycles per second; used while ``sync`` is "".
        sync: length of a cycle as a note value, one of ``note_values.NOTE_BEATS``; "" for ``rate_hz``.
        phase: start of a cycle, in turns, 0 to 1.
        fade_s: time from the start of a note until the LFO has its full depth.
        retrigger: whether it restarts with every note; otherwise it runs freely, the same for all voices.
        points: (turns, level) of the drawn cycle, joined by straight lines, from 0 to 1 turns; levels are -1 to 1. Two
            points at the same turns are a jump. Kept while another shape is chosen.
    """

    shape: LfoShape = "sine"
    rate_hz: float = 2.0
    sync: str = ""
    phase: float = 0.0
    fade_s: float = 0.0
    retrigger: bool = True
    points: tuple[Point, ...] = _TRIANGLE

    def __post_init__(self) -> None:
        """Refuse values that cannot be played."""
        if self.shape not in LFO_SHAPES:
            raise UserError(f"no LFO shape {self.shape!r}; there are {', '.join(LFO_SHAPES)}")
        if self.sync and self.sync not in NOTE_BEATS:
            raise UserError(f"no note value {self.sync!r}; there are {', '.join(NOTE_BEATS)}")
        _check_range("LFO rate", self.rate_hz, *LFO_RATE_HZ, "Hz")
        _check_range("LFO phase", self.phase, 0.0, 1.0, "turns")
        _check_range("LFO fade", self.fade_s, 0.0, MAX_FADE_S, "s")
        _check_points(self.points)


def _check_points(points: tuple[Point, ...]) -> None:
    if not 2 <= len(points) <= MAX_LFO_POINTS:
        raise UserError(f"a drawn LFO has {len(points)} points; give 2 to {MAX_LFO_POINTS}")
    for turns, level in points:
        _check_range("turns of a drawn LFO's point", turns, 0.0, 1.0, "")
        _check_range("level of a drawn LFO's point", level, -1.0, 1.0, "")
    times = [point[0] for point in points]
    if times != sorted(times) or (times[0], times[-1]) != (0.0, 1.0):
        raise UserError(f"the points of a drawn LFO go from 0 to 1 turns and never back; got {times}")


@dataclass(frozen=True)
class ModEnvelope:
    """An ADSR envelope from 0 to 1: linear attack, exponential decay (99 % of the distance in ``decay_s``) and release.

    See ``engine.control.envelope.adsr``.
    """

    attack_s: float = 0.01
    decay_s: float = 0.5
    sustain: float = 0.0
    release_s: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values that cannot be played."""
        for name, low, high, unit in ENVELOPE_RANGES:
            _check_range(f"envelope {name}", getattr(self, name), low, high, unit)


@dataclass(frozen=True)
class Connection:
    """A connection from a source to a target.

    Attributes:
        source, target: names.
        amount: what a source of 1 adds, in the target's unit.
        via: another source that scales the amount, such as the mod wheel for vibrato; "" for none.
        on: whether it has an effect.
    """

    source: str
    target: str
    amount: float
    via: str = ""
    on: bool = True

    def __post_init__(self) -> None:
        """Refuse unknown names, amounts out of range, and other sources than macros for what all voices share."""
        mod_source(self.source)
        if self.via:
            mod_source(self.via)
        target = mod_target(self.target)
        if not target.per_voice and {self.source, self.via} - {*MACROS, ""}:
            own = next(mod_source(name).label for name in (self.source, self.via) if name not in (*MACROS, ""))
            raise UserError(f"{own} is different for every note, but {target.label} is shared: connect a macro to it")
        _check_range(f"amount for {target.label}", self.amount, -target.reach, target.reach, target.unit)


@dataclass(frozen=True)
class Modulation:
    """All LFOs, envelopes and connections of a patch."""

    lfos: tuple[Lfo, ...] = (Lfo(),) * LFOS
    envelopes: tuple[ModEnvelope, ...] = (ModEnvelope(),) * ENVELOPES
    connections: tuple[Connection, ...] = ()

    def __post_init__(self) -> None:
        """Refuse other numbers of LFOs and envelopes, and too many connections."""
        if len(self.lfos) != LFOS or len(self.envelopes) != ENVELOPES:
            raise UserError(f"{len(self.lfos)} LFOs and {len(self.envelopes)} envelopes; there are {LFOS}, {ENVELOPES}")
        if len(self.connections) > MAX_CONNECTIONS:
            raise UserError(f"{len(self.connections)} connections; the limit is {MAX_CONNECTIONS}: remove some")

    @property
    def moves_pad(self) -> bool:
        """Whether an active connection moves the pad."""
        return any(each.on and each.target in PAD_NAMES for each in self.connections)

    @property
    def moved_handles(self) -> frozenset[int]:
        """The positions in ``SPECTRAL_HANDLES`` of the handles that active connections move."""
        found = (spectral_handle(each.target) for each in self.connections if each.on and each.amount)
        return frozenset(handle for handle in found if handle is not None)

    def latent_size(self) -> int:
        """Return the smallest latent size that all connections need."""
        return 1 + max((latent_dimension(each.target) or 0 for each in self.connections), default=-1)

    def within(self, latent_size: int) -> "Modulation":
        """Return a copy without connections to dimensions that a model of that size lacks."""
        kept = tuple(each for each in self.connections if (latent_dimension(each.target) or 0) < latent_size)
        return self if kept == self.connections else Modulation(self.lfos, self.envelopes, kept)
