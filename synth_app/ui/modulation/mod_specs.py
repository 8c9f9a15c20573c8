"""The modulation's numbers as parameters, so that every control works on them."""

from dataclasses import dataclass

from synth_app.decoder import Model
from synth_app.params import ParamSpec
from synth_app.patch.modulation_matrix import (
    LFO_RATE_HZ,
    LONGEST_FADE_S,
    MOD_SOURCES,
    MOD_TARGETS,
    latent_dim,
    latent_target,
    mod_target,
)
from synth_app.ui.widgets.axis_text import axis_label

GROUP = "modulation"
_SHORTEST_FADE_S = 0.001


def _spec(name: str, label: str, unit: str, low: float, high: float, rest: float, curve: str, help_: str) -> ParamSpec:
    return ParamSpec(name, label, unit, low, high, rest, "log" if curve == "log" else "linear", 0, GROUP, help_)


LFO_SPECS = {
    "rate_hz": _spec("lfo_rate", "Rate", "Hz", *LFO_RATE_HZ, 2.0, "log",
                     "Cycles per second, where no note value is chosen."),
    "phase": _spec("lfo_phase", "Phase", "", 0.0, 1.0, 0.0, "linear", "Where in its cycle it begins."),
    "fade_s": _spec("lfo_fade", "Fade in", "s", 0.0, LONGEST_FADE_S, 0.0, "linear",
                    "Time from a note's beginning until it moves all the way."),
}  # fmt: skip
ENVELOPE_SPECS = {
    "attack_s": _spec("env_attack", "Attack", "s", 0.001, 20.0, 0.01, "log", "Time from key down to the top."),
    "decay_s": _spec("env_decay", "Decay", "s", 0.005, 20.0, 0.5, "log", "Time from the top to the sustain level."),
    "sustain": _spec("env_sustain", "Sustain", "", 0.0, 1.0, 0.0, "linear", "Level while the key is held."),
    "release_s": _spec("env_release", "Release", "s", 0.005, 20.0, 0.5, "log", "Time from key up to nothing."),
}


@dataclass(frozen=True)
class AmountSpec(ParamSpec):
    """A connection's amount: travel grows slowly about zero where ``bend`` is above 1, for vibratos among octaves."""

    bend: float = 1.0

    def to_normalized(self, value: float) -> float:
        """Position of a control, 0-1, at ``value``."""
        share = self.clamp(value) / self.maximum
        way = abs(share) ** (1.0 / self.bend)
        return 0.5 + 0.5 * (way if share >= 0 else -way)

    def from_normalized(self, normalized: float) -> float:
        """Value at control position ``normalized``, 0-1."""
        way = 2.0 * min(max(normalized, 0.0), 1.0) - 1.0
        value = abs(way) ** self.bend * self.maximum
        return self.clamp(value if way >= 0 else -value)


def amount_spec(target: str, row: int) -> AmountSpec:
    """The amount of connection ``row`` to a target."""
    found = mod_target(target)
    return AmountSpec(
        f"mod_amount{row + 1}", f"Amount {row + 1}", found.unit, -found.reach, found.reach, 0.0, "linear", 0, GROUP,
        f"How far it moves {found.label.lower()}. {found.help}", bend=3.0 if target == "pitch" else 1.0,
    )  # fmt: skip


def source_choices() -> tuple[tuple[str, str, str], ...]:
    """Key, label and help of every source."""
    return tuple((each.name, each.label, each.help) for each in MOD_SOURCES)


def target_choices(model: Model | None) -> tuple[tuple[str, str, str], ...]:
    """Key, label and help of every target that the model has."""
    latents = range(model.card.latent_size) if model else range(0)
    return (
        *((each.name, each.label, each.help) for each in MOD_TARGETS),
        *((latent_target(dim), axis_label(model.card, dim), "A latent dimension") for dim in latents if model),
    )


def target_label(target: str, model: Model | None) -> str:
    """What the window calls a target."""
    dim = latent_dim(target)
    return axis_label(model.card, dim) if model and dim is not None else mod_target(target).label
