"""How much duller a soft stroke is than a hard one: of the SoundFont, and of the engine."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.evaluation.fidelity.choice import ChosenNote, NoteChoice
from synth_app.evaluation.fidelity.sound_pair import LEAD_S, Float32s, Strike, engine_sound, source_sound
from synth_app.evaluation.metrics.mel_distance import centroid_hz
from synth_app.modelfile import ModelCard
from synth_app.patch import ENGINE_RATE
from synth_app.patch.initial_patch import initial_patch

SOFT, HARD = 30, 120
_HELD_S = 2.0
# pianos, electric pianos, guitars; then a struck and two blown tones that change more
VELOCITY_CHOICES = tuple(NoteChoice(*each) for each in (
    (0, 36), (0, 60), (0, 72), (4, 36), (4, 60), (24, 48), (25, 60), (11, 60), (56, 60), (65, 60),
))  # fmt: skip


@dataclass(frozen=True)
class VelocityFidelity:
    """One note, soft and hard.

    Attributes:
        preset: name in the SoundFont. program, key: in General MIDI.
        source_hz, made_hz: spectral centroids at velocity 30 and 120.
    """

    preset: str
    program: int
    key: int
    source_hz: tuple[float, float]
    made_hz: tuple[float, float]

    @property
    def source_ratio(self) -> float:
        """Centroid of the soft stroke over that of the hard one."""
        return self.source_hz[0] / self.source_hz[1]

    @property
    def made_ratio(self) -> float:
        """The same of the engine."""
        return self.made_hz[0] / self.made_hz[1]

    @property
    def off(self) -> float:
        """The engine's ratio over the source's, minus 1."""
        return self.made_ratio / self.source_ratio - 1.0


def measure_velocities(
    soundfont: Path, model_path: str, card: ModelCard, chosen: ChosenNote, quality: str
) -> VelocityFidelity:
    """Play one note at velocities 30 and 120 in both sources. Raises UserError if one of them cannot be loaded."""
    patch, key = initial_patch(model_path, card, chosen.slot), chosen.choice.key
    strikes = [Strike((key,), velocity, _HELD_S) for velocity in (SOFT, HARD)]
    source = [_centroid_hz(source_sound(soundfont, chosen.choice.program, strike)) for strike in strikes]
    made = [_centroid_hz(engine_sound(patch, quality, strike)) for strike in strikes]
    return VelocityFidelity(chosen.preset, chosen.choice.program, key, (source[0], source[1]), (made[0], made[1]))


def _centroid_hz(stereo: Float32s) -> float:
    first = round(LEAD_S * ENGINE_RATE)
    return centroid_hz(stereo[first : first + round(_HELD_S * ENGINE_RATE)].mean(axis=1), ENGINE_RATE)


def velocity_lines(notes: tuple[VelocityFidelity, ...]) -> list[str]:
    """Return a table for a terminal."""
    if not notes:
        return []
    rows = [
        f"{f'{note.preset} {note.key}'[:28]:28} {note.source_hz[0]:9.0f} {note.source_hz[1]:6.0f} "
        f"{note.made_hz[0]:8.0f} {note.made_hz[1]:6.0f} "
        f"{note.source_ratio:9.2f} {note.made_ratio:5.2f} {note.off:+8.0%}"
        for note in notes
    ]
    off = np.array([note.off for note in notes])
    return [
        "",
        f"centroid at velocity {SOFT} and {HARD}, and their ratio",
        f"{'note':28} {'source Hz':>16} {'made Hz':>15} {'source':>9} {'made':>5} {'off':>8}",
        *rows,
        f"ratios off by {np.abs(off).mean():.0%} in the mean, at most {np.abs(off).max():.0%}",
    ]
