"""Values of the modulation as parameters, for the value controls."""

from dataclasses import dataclass

from synth_app.decoder import Model
from synth_app.handles import dimension_label
from synth_app.params import MACROS, PARAMS, ParamSpec
from synth_app.patch import Patch
from synth_app.patch.modulation_matrix import (
    LFO_RATE_HZ,
    MAX_FADE_S,
    MOD_SOURCES,
    MOD_TARGETS,
    mod_source,
    mod_target,
)
from synth_app.patch.target import Target

GROUP = "modulation"


def _spec(
    name: str, label: str, unit: str, low: float, high: float, default: float, curve: str, help_: str
) -> ParamSpec:
    return ParamSpec(name, label, unit, low, high, default, "log" if curve == "log" else "linear", 0, GROUP, help_)


LFO_SPECS = {
    "rate_hz": _spec("lfo_rate", "Rate", "Hz", *LFO_RATE_HZ, 2.0, "log",
                     "Cycles per second, if no note value is chosen."),
    "phase": _spec("lfo_phase", "Phase", "", 0.0, 1.0, 0.0, "linear", "Position in the cycle at the start, 0-1."),
    "fade_s": _spec("lfo_fade", "Fade in", "s", 0.0, MAX_FADE_S, 0.0, "linear",
                    "Time from the start of a note until the LFO has its full depth."),
}  # fmt: skip
ENVELOPE_SPECS = {
    "attack_s": _spec("env_attack", "Attack", "s", 0.001, 20.0, 0.01, "log", "Time from key down to the maximum."),
    "decay_s": _spec("env_decay", "Decay", "s", 0.005, 20.0, 0.5, "log", "Time from the maximum to the sustain level."),
    "sustain": _spec("env_sustain", "Sustain", "", 0.0, 1.0, 0.0, "linear", "Level while the key is held."),
    "release_s": _spec("env_release", "Release", "s", 0.005, 20.0, 0.5, "log", "Time from key up to silence."),
}


@dataclass(frozen=True)
class AmountSpec(ParamSpec):
    """The amount of a connection.

    Attributes:
        bend: exponent of the control's curve. Above 1 the control is finer near zero, for vibrato in a wide range.
    """

    bend: float = 1.0

    def to_normalized(self, value: float) -> float:
        """Return the normalized value, 0-1, of ``value``."""
        ratio = self.clamp(value) / self.maximum
        bent = abs(ratio) ** (1.0 / self.bend)
        return 0.5 + 0.5 * (bent if ratio >= 0 else -bent)

    def from_normalized(self, normalized: float) -> float:
        """Return the value of a normalized value, 0-1."""
        bent = 2.0 * min(max(normalized, 0.0), 1.0) - 1.0
        value = abs(bent) ** self.bend * self.maximum
        return self.clamp(value if bent >= 0 else -value)


def amount_spec(target: str, row: int) -> AmountSpec:
    """Return the amount of connection ``row``, counted from 0, to a target as a parameter."""
    found = mod_target(target)
    return AmountSpec(
        f"mod_amount{row + 1}", f"Amount {row + 1}", found.unit, -found.reach, found.reach, 0.0, "linear", 0, GROUP,
        f"How far the source moves {found.label.lower()}. {found.help}", bend=3.0 if target == "pitch" else 1.0,
    )  # fmt: skip


def source_label(patch: Patch, name: str) -> str:
    """Return the label of a source: of a macro, the name that the user gave to it."""
    given = patch.macro_names[MACROS.index(name)] if name in MACROS else ""
    return given or mod_source(name).label


def source_choices(patch: Patch, target: str | None = None) -> tuple[tuple[str, str, str], ...]:
    """Return key, label and help of every source, or of those that can move a target."""
    only_macros = target is not None and not mod_target(target).per_voice
    return tuple(
        (each.name, source_label(patch, each.name), each.help)
        for each in MOD_SOURCES
        if not only_macros or each.name in MACROS
    )


def target_choices(model: Model | None, source: str) -> tuple[tuple[str, str, str], ...]:
    """Return key, label and help of every target that the model has and that a source can move."""
    latents = range(model.card.latent_size) if model else range(0)
    shared = [] if source not in MACROS else [
        spec for spec in PARAMS if spec.name not in MACROS and not mod_target(spec.name).per_voice
    ]  # fmt: skip
    return (
        *((each.name, each.label, each.help) for each in MOD_TARGETS),
        *((str(Target.latent(dim)), dimension_label(model, dim), "A latent dimension") for dim in latents if model),
        *((spec.name, spec.label, spec.help) for spec in shared),
    )
