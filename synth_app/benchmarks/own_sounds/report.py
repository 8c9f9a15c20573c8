"""The report on dropped recordings: its notes, its summary, and a table for a terminal."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from synth_app.benchmarks.own_sounds.key_pairs import (
    FARTHEST_SEMITONES,
    NEAREST_SEMITONES,
    are_two_recordings,
    choose_pairs,
)
from synth_app.benchmarks.own_sounds.measure import RIGHT_CENTS, SoundMeasures, SoundPlayer, measure_sound
from synth_app.dataset.nsynth import read_notes
from synth_app.modelfile import read_card
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.training.export.note_bank import hold_seconds


@dataclass(frozen=True)
class SoundSummary:
    """Figures of all sounds together.

    Attributes:
        own_median_db, own_without_median_db: mel distance at the own key, with and without correction.
        own_ratio_mean: mean of each sound's distance with over that without correction.
        other_median_db, other_without_median_db, resampled_median_db: mel distance to the real note at another key.
        other_ratio_mean: mean of each sound's distance over that of the resampled recording.
        other_without_ratio_mean: the same without correction.
        between_median_db: mel distance at the other key between two recordings; None if no sound has a second one.
        between_ratio_mean: mean of it over that of the nearer recording, resampled.
        between_one_ratio_mean: mean of it over that of the engine with one recording.
        right_pitch: fraction of the recordings, 0-1, whose pitch was found within 20 cents.
    """

    own_median_db: float
    own_without_median_db: float
    own_ratio_mean: float
    other_median_db: float
    other_without_median_db: float
    resampled_median_db: float
    other_ratio_mean: float
    other_without_ratio_mean: float
    right_pitch: float
    between_median_db: float | None = None
    between_ratio_mean: float | None = None
    between_one_ratio_mean: float | None = None


@dataclass(frozen=True)
class SoundReport:
    """All measures, with what they were measured on.

    Attributes:
        model: name. data: folder of the recordings. quality: of the engine. seed: of the choice.
        sounds: in order of their names.
    """

    model: str
    data: str
    quality: str
    seed: int
    sounds: tuple[SoundMeasures, ...]

    @property
    def summary(self) -> SoundSummary:
        """Figures of all sounds."""
        return _summary(self.sounds)

    @property
    def right_summary(self) -> SoundSummary | None:
        """Figures of the sounds whose pitch was found; a wrong pitch spoils both keys. None if there is none."""
        right = tuple(each for each in self.sounds if each.pitch_is_right)
        return _summary(right) if right else None

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        right = self.right_summary
        return {
            **asdict(self),
            "summary": asdict(self.summary),
            "summary_of_right_pitches": None if right is None else asdict(right),
        }

    def as_text(self) -> str:
        """Return a table for a terminal."""
        s = self.summary
        lines = [
            f"{self.model}, {len(self.sounds)} recordings of {self.data}, quality {self.quality}, seed {self.seed}; "
            "mel distances in dB",
            f"{'':36} {'own key':>14} {'another key':>22}",
            f"{'recording':30} {'pitch':>5} {'Detail':>7} {'0':>6} {'key':>5} {'Detail':>7} {'0':>6} {'resampled':>9} "
            f"{'of two':>6}",
            *(_row(each) for each in self.sounds),
            f"own key: median {s.own_median_db:.2f}, without correction {s.own_without_median_db:.2f}; mean ratio "
            f"{s.own_ratio_mean:.2f}",
            f"{NEAREST_SEMITONES} to {FARTHEST_SEMITONES} semitones away: median {s.other_median_db:.2f}, without "
            f"correction {s.other_without_median_db:.2f}, resampled recording {s.resampled_median_db:.2f}; mean ratio "
            f"to the resampled recording {s.other_ratio_mean:.2f}, without correction "
            f"{s.other_without_ratio_mean:.2f}",
        ]
        if s.between_median_db is not None:
            lines.append(
                f"between two recordings: median {s.between_median_db:.2f}; mean ratio to the nearer one, resampled "
                f"{s.between_ratio_mean:.2f}, to one recording {s.between_one_ratio_mean:.2f}"
            )
        lines.append(f"pitch found within {RIGHT_CENTS:.0f} cents: {s.right_pitch:.1%}")
        right = self.right_summary
        if right is not None and s.right_pitch < 1.0:
            lines.append(
                f"those alone: own key {right.own_median_db:.2f}, mean ratio {right.own_ratio_mean:.2f}; other key "
                f"{right.other_median_db:.2f}, mean ratio to the resampled recording {right.other_ratio_mean:.2f}"
            )
        return "\n".join(lines)


def _summary(sounds: tuple[SoundMeasures, ...]) -> SoundSummary:
    names = ("own_db", "own_without_db", "other_db", "other_without_db", "resampled_db")
    values = {name: np.array([getattr(each, name) for each in sounds]) for name in names}
    return SoundSummary(
        own_median_db=float(np.median(values["own_db"])),
        own_without_median_db=float(np.median(values["own_without_db"])),
        own_ratio_mean=float(np.mean(values["own_db"] / values["own_without_db"])),
        other_median_db=float(np.median(values["other_db"])),
        other_without_median_db=float(np.median(values["other_without_db"])),
        resampled_median_db=float(np.median(values["resampled_db"])),
        other_ratio_mean=float(np.mean(values["other_db"] / values["resampled_db"])),
        other_without_ratio_mean=float(np.mean(values["other_without_db"] / values["resampled_db"])),
        right_pitch=float(np.mean([each.pitch_is_right for each in sounds])),
        **_between(sounds),
    )


def _between(sounds: tuple[SoundMeasures, ...]) -> dict[str, float]:
    """Return the figures of the sounds that have a second recording."""
    found = [
        (each.between_db, each.nearest_resampled_db, each.other_db)
        for each in sounds
        if each.between_db is not None and each.nearest_resampled_db is not None
    ]
    if not found:
        return {}
    between, resampled, one = np.array(found).T
    return {
        "between_median_db": float(np.median(between)),
        "between_ratio_mean": float(np.mean(between / resampled)),
        "between_one_ratio_mean": float(np.mean(between / one)),
    }


def _row(sound: SoundMeasures) -> str:
    return (
        f"{sound.note[:30]:30} {sound.pitch:5.1f} {sound.own_db:7.2f} {sound.own_without_db:6.2f} "
        f"{sound.other_key:5d} {sound.other_db:7.2f} {sound.other_without_db:6.2f} {sound.resampled_db:9.2f} "
        + (f"{sound.between_db:6.2f}" if sound.between_db is not None else f"{'-':>6}")
    )


def sound_report(
    model_path: Path,
    data: Path,
    count: int,
    *,
    seed: int = 0,
    quality: str = DEFAULT_QUALITY,
    progress: Callable[[int, int], None] | None = None,
) -> SoundReport:
    """Drop recordings as on the window, and compare them with the instrument's real notes.

    Pairs of keys at which a sampler plays one recording are left out (``are_two_recordings``).

    Args:
        model_path: of the model file.
        data: folder of recordings in NSynth's layout, with several keys of each instrument.
        count: number of recordings at most.
        seed: of the choice of recordings.
        quality: of the engine.
        progress: called with (recordings done, all).

    Raises:
        UserError: the model or a recording cannot be read, or no instrument has two notes 3 to 12 semitones apart.
    """
    pairs = choose_pairs(read_notes(data), count, seed, partial(are_two_recordings, data))
    card, held_s = read_card(model_path), hold_seconds(data)
    if not pairs:
        raise UserError(
            f"{data}: no instrument has two notes at one velocity, {NEAREST_SEMITONES} to {FARTHEST_SEMITONES} "
            "semitones apart and from two recordings; choose a folder with more keys of each instrument"
        )
    measured = []
    with BlasThreadLimit():
        player = SoundPlayer(str(model_path), quality)
        for i, pair in enumerate(pairs):
            measured.append(measure_sound(player, str(model_path), data, pair, held_s))
            if progress:
                progress(i + 1, len(pairs))
    return SoundReport(card.name, data.name, quality, seed, tuple(measured))
