"""The measures of one note of a fidelity report: what is heard, of the source and of the engine."""

from dataclasses import dataclass

import numpy as np

from synth_app.evaluation.fidelity.choice import ChosenNote
from synth_app.evaluation.fidelity.sound_pair import LEAD_S, SoundPair
from synth_app.evaluation.metrics.frame_audibility import midi_hz
from synth_app.evaluation.metrics.mel_distance import FRAMES_PER_S, centroid_hz, mel_distance_db
from synth_app.evaluation.metrics.tone_quality import (
    StereoImage,
    flutter_percent,
    harmonic_to_noise_db,
    level_fall_db,
    stereo_image,
)
from synth_app.patch import ENGINE_RATE

ONSET_S = 0.1
FALL_FROM_S, FALL_TO_S = 0.3, (6.0, 9.0)
_SETTLED_S = 0.3


@dataclass(frozen=True)
class Tone:
    """Measures of one sound.

    Attributes:
        centroid_hz: spectral centroid of the first 2 s.
        hnr_db: harmonic-to-noise ratio from 0.3 to 2 s.
        flutter_percent: movement of the envelope between 15 and 50 Hz, from 0.3 to 2 s.
        fall_db: fall of the level from 0.3 to 6 s, and to 9 s.
        image: stereo image of the first 2 s.
    """

    centroid_hz: float
    hnr_db: float
    flutter_percent: float
    fall_db: tuple[float, float]
    image: StereoImage


@dataclass(frozen=True)
class NoteFidelity:
    """One note beside its source.

    Attributes:
        preset: name in the SoundFont. program, key: in General MIDI. note: name of the bank note.
        mel_db: mel distance over 2 s. onset_mel_db: that of the first 100 ms.
        source, made: measures of both sounds.
        gain_db, lag_s: what the level and the onset of ``made`` were corrected by.
    """

    preset: str
    program: int
    key: int
    note: str
    mel_db: float
    onset_mel_db: float
    source: Tone
    made: Tone
    gain_db: float
    lag_s: float

    @property
    def title(self) -> str:
        """Preset and key."""
        return f"{self.preset} {self.key}"

    @property
    def stem(self) -> str:
        """Beginning of the names of its files."""
        return f"{self.program:03d}-{self.key:03d}"

    @property
    def centroid_ratio(self) -> float:
        """Centroid of the engine's sound over that of the source."""
        return self.made.centroid_hz / self.source.centroid_hz

    @property
    def hnr_error_db(self) -> float:
        """Harmonic-to-noise ratio of the engine's sound minus that of the source."""
        return self.made.hnr_db - self.source.hnr_db

    @property
    def flutter_added(self) -> float:
        """Flutter of the engine's sound minus that of the source, in percentage points."""
        return self.made.flutter_percent - self.source.flutter_percent


def measure_note(chosen: ChosenNote, pair: SoundPair) -> NoteFidelity:
    """Measure one note."""
    source, made = pair.compared()
    source_db, made_db = pair.mel_levels()
    loudest_db = float(source_db.max())
    onset = slice(0, round(ONSET_S * FRAMES_PER_S))
    return NoteFidelity(
        preset=chosen.preset, program=chosen.choice.program, key=chosen.choice.key, note=chosen.note.name,
        mel_db=mel_distance_db(source_db, made_db, loudest_db),
        onset_mel_db=mel_distance_db(source_db[onset], made_db[onset], loudest_db),
        source=_tone(pair.source, source, chosen.choice.key), made=_tone(pair.made, made, chosen.choice.key),
        gain_db=pair.gain_db, lag_s=pair.lag_s,
    )  # fmt: skip


def _tone(stereo: np.ndarray[tuple[int, int], np.dtype[np.float32]],
          compared: np.ndarray[tuple[int], np.dtype[np.float32]], key: int) -> Tone:  # fmt: skip
    held = stereo[round(LEAD_S * ENGINE_RATE) :].mean(axis=1, dtype=np.float64)
    settled = compared[round(_SETTLED_S * ENGINE_RATE) :]
    early, late = (level_fall_db(held, ENGINE_RATE, FALL_FROM_S, seconds) for seconds in FALL_TO_S)
    return Tone(
        centroid_hz=centroid_hz(compared, ENGINE_RATE),
        hnr_db=harmonic_to_noise_db(settled, ENGINE_RATE, midi_hz(key)),
        flutter_percent=flutter_percent(settled, ENGINE_RATE),
        fall_db=(early, late),
        image=stereo_image(stereo[round(LEAD_S * ENGINE_RATE) :][: len(compared)]),
    )
