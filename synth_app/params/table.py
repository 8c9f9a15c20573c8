"""Every continuous sound parameter: name, unit, range, curve, default, smoothing."""

import math
from dataclasses import dataclass
from typing import Literal

from synth_app.support.errors import UserError


@dataclass(frozen=True)
class ParamSpec:
    """One parameter.

    Attributes:
        name: key in presets and messages.
        label: what the window calls it.
        unit: "", "dB", "s", "cents", "%"...
        minimum, maximum, default: in its unit.
        curve: how a control's travel maps to the value; "log" needs minimum > 0, "steps" has whole numbers only.
        smoothing_ms: time constant that the engine glides with; 0 where a note's own shape reads it.
        group: section of the window.
        help: one sentence for the tooltip and the documentation.
        choices: what the whole numbers from ``minimum`` on stand for; empty if they are counts.
        short: the label without what its panel's title says; "" if it is the same.
    """

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    curve: Literal["linear", "log", "steps"]
    smoothing_ms: float
    group: str
    help: str
    choices: tuple[str, ...] = ()
    short: str = ""

    @property
    def caption(self) -> str:
        """What stands beside the control, where its surroundings say what it belongs to."""
        return self.short or self.label

    def clamp(self, value: float) -> float:
        """The nearest allowed value.

        Raises:
            UserError: not a number.
        """
        if not math.isfinite(value):
            raise UserError(f"{self.name} = {value} is not a number; give {self.minimum:g} to {self.maximum:g}")
        whole = math.floor(value + 0.5) if self.curve == "steps" else value
        return min(max(whole, self.minimum), self.maximum)

    def to_normalized(self, value: float) -> float:
        """Position of a control, 0-1, at ``value``."""
        if self.curve == "linear" and self.minimum <= value <= self.maximum:  # nearly always, a hundred times a frame
            return (value - self.minimum) / (self.maximum - self.minimum)
        value = self.clamp(value)
        if self.curve == "log":
            return math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
        return (value - self.minimum) / (self.maximum - self.minimum)

    def from_normalized(self, normalized: float) -> float:
        """Value at control position ``normalized``, 0-1."""
        normalized = min(max(normalized, 0.0), 1.0)
        if self.curve == "log":
            return self.clamp(self.minimum * (self.maximum / self.minimum) ** normalized)
        return self.clamp(self.minimum + normalized * (self.maximum - self.minimum))


_SWITCH = ("Off", "On")
_NOTE_VALUES = (
    "1/32", "1/16T", "1/16", "1/8T", "1/16D", "1/8", "1/4T", "1/8D", "1/4", "1/2T", "1/4D", "1/2", "1/1",
)  # fmt: skip

PARAMS: tuple[ParamSpec, ...] = (
    ParamSpec("morph", "Morph", "", 0, 1, 0, "linear", 8, "morph",
              "From the sound in slot A (0) to the one in slot B (1), along their latent paths."),
    ParamSpec("motion", "Motion", "", 0, 1, 1, "linear", 8, "morph",
              "How much of the note's own movement is played: 1 as recorded, 0 held still at one point."),
    ParamSpec("attack_s", "Attack", "s", 0.001, 5, 0.002, "log", 0, "envelope",
              "Time from key down to full level."),
    ParamSpec("decay_s", "Decay", "s", 0.005, 10, 0.3, "log", 0, "envelope",
              "Time from full level down to the sustain level."),
    ParamSpec("sustain", "Sustain", "", 0, 1, 1, "linear", 20, "envelope",
              "Level while the key is held, as a share of full level."),
    ParamSpec("release_s", "Release", "s", 0.02, 10, 0.4, "log", 0, "envelope",
              "Time from key up until the sound has fallen by 60 dB."),
    ParamSpec("tune_cents", "Tune", "cents", -100, 100, 0, "linear", 8, "pitch",
              "Fine tuning of everything played."),
    ParamSpec("bend_range", "Bend", "st", 0, 24, 2, "linear", 0, "pitch",
              "How far the pitch wheel bends, in semitones."),
    ParamSpec("formant", "Formant", "", 0, 1, 0, "linear", 8, "pitch",
              "When a note is transposed: 0 keeps the spectral envelope in place, 1 moves it along."),
    ParamSpec("lock", "Lock", "", 0, 1, 0, "linear", 8, "pitch",
              "Draws partials that the model puts slightly off to harmonics of the played note; makes low notes pure."),
    ParamSpec("voice_mode", "Mode", "", 0, 2, 0, "steps", 0, "voice",
              "Chords, or one note at a time: begun anew with every key, or led over while a key is held.",
              ("Poly", "Mono", "Legato")),
    ParamSpec("glide_s", "Glide", "s", 0, 2, 0, "linear", 0, "voice",
              "Time from the pitch of the key before to that of the new one."),
    ParamSpec("unison", "Unison", "", 1, 8, 1, "steps", 0, "voice",
              "Voices for every key, as loud as one together."),
    ParamSpec("detune_cents", "Detune", "cents", 0, 100, 14, "linear", 0, "voice",
              "Interval between the lowest and the highest voice of a unison."),
    ParamSpec("velocity_db", "Velocity", "dB", 0, 40, 18, "linear", 0, "output",
              "Level difference between the softest and the hardest key stroke."),
    ParamSpec("velocity_tilt", "Vel bright", "dB/oct", 0, 6, 1.5, "linear", 20, "output",
              "How much brighter hard strokes are than soft ones."),
    ParamSpec("velocity_attack", "Vel attack", "", 0, 1, 0, "linear", 0, "output",
              "How much slower soft strokes begin: up to ten times."),
    ParamSpec("width", "Width", "", 0, 1, 1, "linear", 20, "output",
              "Stereo width of the sound: 0 is mono."),
    ParamSpec("spread", "Spread", "", 0, 1, 0, "linear", 20, "output",
              "How far apart the voices stand between left and right."),
    ParamSpec("gain_db", "Output", "dB", -60, 12, 0, "linear", 20, "output",
              "Output level before the limiter."),
    ParamSpec("tempo_bpm", "Tempo", "bpm", 20, 300, 120, "linear", 0, "tempo",
              "Quarter notes per minute where no MIDI clock tells them: for whatever is in time with it."),
    ParamSpec("eq_on", "Tilt EQ", "", 0, 1, 0, "steps", 20, "effects",
              "Highs against lows.", _SWITCH),
    ParamSpec("eq_tilt_db", "Tilt", "dB", -12, 12, 0, "linear", 20, "effects",
              "Raises what lies above the pivot and lowers what lies below, or the other way round."),
    ParamSpec("eq_pivot_hz", "Tilt pivot", "Hz", 100, 8000, 1000, "log", 20, "effects",
              "Frequency at which the tilt changes nothing.", short="Pivot"),
    ParamSpec("chorus_on", "Chorus", "", 0, 1, 0, "steps", 20, "effects",
              "Copies that are slightly out of tune, as of several players.", _SWITCH),
    ParamSpec("chorus_rate_hz", "Chorus rate", "Hz", 0.05, 8, 0.6, "log", 50, "effects",
              "How often the copies swing to and fro.", short="Rate"),
    ParamSpec("chorus_depth_ms", "Chorus depth", "ms", 0, 6, 2, "linear", 50, "effects",
              "How far their delays swing; the faster they do, the more it bends the pitch.", short="Depth"),
    ParamSpec("chorus_mix", "Chorus mix", "", 0, 1, 0.5, "linear", 20, "effects",
              "Share of the copies.", short="Mix"),
    ParamSpec("delay_on", "Delay", "", 0, 1, 0, "steps", 20, "effects",
              "Echoes; switched off, those under way ring out.", _SWITCH),
    ParamSpec("delay_sync", "Delay sync", "", 0, len(_NOTE_VALUES), 0, "steps", 0, "effects",
              "Time between echoes as set by the knob, or as a note value at the tempo.",
              ("Free", *_NOTE_VALUES), short="Sync"),
    ParamSpec("delay_time_s", "Delay time", "s", 0.02, 4, 0.375, "log", 0, "effects",
              "Time between echoes, where they are not in time with the tempo.", short="Time"),
    ParamSpec("delay_feedback", "Delay feedback", "", 0, 0.95, 0.35, "linear", 20, "effects",
              "Level of each echo against the one before.", short="Feedback"),
    ParamSpec("delay_damp", "Delay damping", "", 0, 1, 0.3, "linear", 20, "effects",
              "How much duller every echo is than the one before.", short="Damping"),
    ParamSpec("delay_width", "Delay ping-pong", "", 0, 1, 0.5, "linear", 20, "effects",
              "0 repeats each side by itself; 1 throws every echo to the other side.", short="Ping-pong"),
    ParamSpec("delay_mix", "Delay mix", "", 0, 1, 0.3, "linear", 20, "effects",
              "Share of the echoes.", short="Mix"),
    ParamSpec("reverb_on", "Reverb", "", 0, 1, 0, "steps", 20, "effects",
              "A room; switched off, it rings out.", _SWITCH),
    ParamSpec("reverb_size", "Reverb size", "", 0, 1, 0.6, "linear", 20, "effects",
              "From a closet to a cathedral; changing it bends the pitch of what rings.", short="Size"),
    ParamSpec("reverb_decay_s", "Reverb decay", "s", 0.2, 20, 2, "log", 20, "effects",
              "Time until the room has fallen by 60 dB, at 1 kHz.", short="Decay"),
    ParamSpec("reverb_damp", "Reverb damping", "", 0, 1, 0.4, "linear", 20, "effects",
              "How much sooner high frequencies die away.", short="Damping"),
    ParamSpec("reverb_predelay_s", "Reverb predelay", "s", 0, 0.25, 0.01, "linear", 0, "effects",
              "Time before the room answers.", short="Predelay"),
    ParamSpec("reverb_mix", "Reverb mix", "", 0, 1, 0.25, "linear", 20, "effects",
              "Share of the room.", short="Mix"),
    ParamSpec("limiter_on", "Limiter", "", 0, 1, 0, "steps", 10, "effects",
              "Holds peaks down before they come, 1 ms later; without it only clipping is prevented.", _SWITCH),
    ParamSpec("limiter_drive_db", "Limiter drive", "dB", 0, 24, 0, "linear", 20, "effects",
              "Gain into the limiter: louder and denser.", short="Drive"),
    ParamSpec("limiter_ceiling_db", "Limiter ceiling", "dB", -24, -0.2, -1, "linear", 20, "effects",
              "No sample is above this.", short="Ceiling"),
    ParamSpec("limiter_release_s", "Limiter release", "s", 0.02, 1, 0.15, "log", 20, "effects",
              "Time in which the gain comes back.", short="Release"),
)  # fmt: skip

_INDEX = {spec.name: i for i, spec in enumerate(PARAMS)}


def param_index(name: str) -> int:
    """Place of a parameter in ``PARAMS``.

    Raises:
        UserError: unknown name.
    """
    if name not in _INDEX:
        raise UserError(f"no parameter {name!r}; there are {', '.join(_INDEX)}")
    return _INDEX[name]


def param(name: str) -> ParamSpec:
    """The parameter of that name. Errors as ``param_index``."""
    return PARAMS[param_index(name)]


def defaults() -> tuple[float, ...]:
    """All defaults in table order."""
    return tuple(spec.default for spec in PARAMS)
