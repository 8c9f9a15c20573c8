"""The registry of effects: order in the chain, parameters, and the processor of each.

A new effect needs one module with its processor (a subclass of ``synth_app.effects.processor.EffectProcessor``) and one
entry in ``EFFECTS``. The parameter table, the chain and the window's cards read this registry. It names processors
instead of importing them, because the window's process must not load compiled code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from synth_app.params.note_values import DELAY_NOTE_VALUES
from synth_app.params.spec import ParamSpec
from synth_app.support.errors import UserError

GROUP = "effects"  # of all parameters of effects
_SWITCH = ("Off", "On")


@dataclass(frozen=True)
class EffectSpec:
    """One effect.

    Attributes:
        name: prefix of its parameters' names.
        processor: "module:class" of the processor, or a function that makes one from the sample rate in Hz and the
            smoothing coefficient of every parameter of the table.
        parameters: the switch ``<name>_on``, then one per knob of the card; all in the group "effects".
        overridden: parameter name to the name of the parameter that overrides it while above 0.
        audible: parameter name to a value, for an effect that changes nothing at its defaults: with these values it
            does. The warm-up compiles its kernel with them, so that none is compiled while something sounds.

    Raises:
        UserError: the first parameter is not the switch, a parameter has another prefix or group, or ``audible`` names
            another parameter or a value out of range.
    """

    name: str
    processor: str | Callable[..., Any]
    parameters: tuple[ParamSpec, ...]
    overridden: Mapping[str, str] = field(default_factory=dict)
    audible: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.parameters or self.parameters[0].name != self.switch_name:
            raise UserError(f"effect {self.name!r}: the first parameter must be the switch {self.switch_name!r}")
        for spec in self.parameters:
            if not spec.name.startswith(f"{self.name}_") or spec.group != GROUP:
                raise UserError(
                    f"effect {self.name!r}: parameter {spec.name!r} in group {spec.group!r}; give a name that begins "
                    f"with '{self.name}_' and the group {GROUP!r}"
                )
        specs = {spec.name: spec for spec in self.parameters}
        for name, value in self.audible.items():
            if name not in specs:
                raise UserError(f"effect {self.name!r}: audible names {name!r}; its parameters are {', '.join(specs)}")
            if specs[name].clamp(value) != value:
                low, high = specs[name].minimum, specs[name].maximum
                raise UserError(f"effect {self.name!r}: audible sets {name} to {value:g}; give {low:g} to {high:g}")

    @property
    def switch_name(self) -> str:
        """Name of the parameter that switches the effect on."""
        return f"{self.name}_on"

    @property
    def switch(self) -> ParamSpec:
        """The parameter that switches the effect on."""
        return self.parameters[0]

    @property
    def knobs(self) -> tuple[ParamSpec, ...]:
        """The parameters beside the switch, in the order of the card."""
        return self.parameters[1:]

    @property
    def audible_values(self) -> dict[str, float]:
        """Values by parameter name with which the effect changes the sound: switched on, and ``audible``."""
        return {self.switch_name: 1.0, **self.audible}

    def load_processor(self) -> Callable[..., Any]:
        """Import the processor's class, which loads compiled code."""
        if not isinstance(self.processor, str):
            return self.processor
        module, _, name = self.processor.partition(":")
        factory: Callable[..., Any] = getattr(import_module(module), name)
        return factory


EFFECTS: list[EffectSpec] = [  # in the order of the chain
    EffectSpec("drive", "synth_app.effects.drive:Drive", (
        ParamSpec("drive_on", "Drive", "", 0, 1, 0, "steps", 20, "effects",
                  "Distorts the sum of the voices, as an overdriven amplifier does; delays by 0.5 ms.", _SWITCH),
        ParamSpec("drive_gain_db", "Drive amount", "dB", 0, 36, 12, "linear", 20, "effects",
                  "Gain before the distortion: higher is denser and brighter, at about the same level.",
                  short="Amount"),
        ParamSpec("drive_even", "Drive even harmonics", "", 0, 1, 0, "linear", 20, "effects",
                  "Distorts one half of the wave more than the other, which adds even harmonics.", short="Even"),
        ParamSpec("drive_mix", "Drive mix", "", 0, 1, 1, "linear", 20, "effects",
                  "Proportion of the distorted sound in the output.", short="Mix"),
    )),
    EffectSpec("eq", "synth_app.effects.tilt:TiltEq", (
        ParamSpec("eq_on", "Tilt EQ", "", 0, 1, 0, "steps", 20, "effects",
                  "Balance between high and low frequencies.", _SWITCH),
        ParamSpec("eq_tilt_db", "Tilt", "dB", -12, 12, 0, "linear", 20, "effects",
                  "Raises frequencies above the pivot and lowers those below; negative values do the opposite."),
        ParamSpec("eq_pivot_hz", "Tilt pivot", "Hz", 100, 8000, 1000, "log", 20, "effects",
                  "Frequency that the tilt does not change.", short="Pivot"),
    ), audible={"eq_tilt_db": 6.0}),
    EffectSpec("chorus", "synth_app.effects.chorus:Chorus", (
        ParamSpec("chorus_on", "Chorus", "", 0, 1, 0, "steps", 20, "effects",
                  "Adds copies that are slightly out of tune, like several players.", _SWITCH),
        ParamSpec("chorus_rate_hz", "Chorus rate", "Hz", 0.05, 8, 0.6, "log", 50, "effects",
                  "How often the delays of the copies swing, in cycles per second.", short="Rate"),
        ParamSpec("chorus_depth_ms", "Chorus depth", "ms", 0, 6, 2, "linear", 50, "effects",
                  "How far the delays of the copies swing; a faster rate bends the pitch more.", short="Depth"),
        ParamSpec("chorus_mix", "Chorus mix", "", 0, 1, 0.5, "linear", 20, "effects",
                  "Proportion of the copies in the output.", short="Mix"),
    )),
    EffectSpec("delay", "synth_app.effects.delay:Delay", (
        ParamSpec("delay_on", "Delay", "", 0, 1, 0, "steps", 20, "effects",
                  "Adds echoes; when it is switched off, the last ones ring out.", _SWITCH),
        ParamSpec("delay_sync", "Delay sync", "", 0, len(DELAY_NOTE_VALUES), 0, "steps", 0, "effects",
                  "Time between echoes: Free uses the Time knob, other choices are note values at the tempo.",
                  ("Free", *DELAY_NOTE_VALUES), short="Sync"),
        ParamSpec("delay_time_s", "Delay time", "s", 0.02, 4, 0.375, "log", 0, "effects",
                  "Time between echoes when Sync is Free.", short="Time"),
        ParamSpec("delay_feedback", "Delay feedback", "", 0, 0.95, 0.35, "linear", 20, "effects",
                  "Level of each echo relative to the one before.", short="Feedback"),
        ParamSpec("delay_damp", "Delay damping", "", 0, 1, 0.3, "linear", 20, "effects",
                  "How much treble each echo loses compared with the one before.", short="Damping"),
        ParamSpec("delay_width", "Delay ping-pong", "", 0, 1, 0.5, "linear", 20, "effects",
                  "0 repeats each side separately; 1 sends every echo to the other side.", short="Ping-pong"),
        ParamSpec("delay_mix", "Delay mix", "", 0, 1, 0.3, "linear", 20, "effects",
                  "Proportion of the echoes in the output.", short="Mix"),
    ), overridden={"delay_time_s": "delay_sync"}),
    EffectSpec("reverb", "synth_app.effects.reverb:Reverb", (
        ParamSpec("reverb_on", "Reverb", "", 0, 1, 0, "steps", 20, "effects",
                  "Adds reverb; when it is switched off, the tail rings out.", _SWITCH),
        ParamSpec("reverb_size", "Reverb size", "", 0, 1, 0.6, "linear", 20, "effects",
                  "Size of the room, from a closet to a cathedral; a change bends the pitch of the tail.",
                  short="Size"),
        ParamSpec("reverb_decay_s", "Reverb decay", "s", 0.2, 20, 2, "log", 20, "effects",
                  "Time in which the reverb falls by 60 dB, at 1 kHz.", short="Decay"),
        ParamSpec("reverb_damp", "Reverb damping", "", 0, 1, 0.4, "linear", 20, "effects",
                  "How much faster high frequencies decay.", short="Damping"),
        ParamSpec("reverb_predelay_s", "Reverb predelay", "s", 0, 0.25, 0.01, "linear", 0, "effects",
                  "Time before the reverb starts.", short="Predelay"),
        ParamSpec("reverb_mix", "Reverb mix", "", 0, 1, 0.25, "linear", 20, "effects",
                  "Proportion of the reverb in the output.", short="Mix"),
    )),
    EffectSpec("limiter", "synth_app.effects.limiter:Limiter", (
        ParamSpec("limiter_on", "Limiter", "", 0, 1, 0, "steps", 10, "effects",
                  "Lowers the level before peaks arrive; delays by 1 ms. When off, it only prevents clipping.",
                  _SWITCH),
        ParamSpec("limiter_drive_db", "Limiter drive", "dB", 0, 24, 0, "linear", 20, "effects",
                  "Gain before the limiter: higher is louder and denser.", short="Drive"),
        ParamSpec("limiter_ceiling_db", "Limiter ceiling", "dB", -24, -0.2, -1, "linear", 20, "effects",
                  "Highest level of any sample.", short="Ceiling"),
        ParamSpec("limiter_release_s", "Limiter release", "s", 0.02, 1, 0.15, "log", 20, "effects",
                  "Time in which the gain recovers.", short="Release"),
    )),
]  # fmt: skip
