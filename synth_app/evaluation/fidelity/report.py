"""The fidelity report: its notes, its summary, and a table for a terminal."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synth_app.evaluation.fidelity.chords import ChordFidelity, chord_lines
from synth_app.evaluation.fidelity.measures import NoteFidelity
from synth_app.evaluation.fidelity.velocities import VelocityFidelity, velocity_lines

_COLUMNS = (
    f"{'note':28} {'mel dB':>6} {'100 ms':>6} {'centroid':>8} {'HNR source':>10} {'made':>5} {'flutter':>12} "
    f"{'fall to 6 s':>12} {'to 9 s':>12} {'side dB':>13}"
)


@dataclass(frozen=True)
class FidelitySummary:
    """Figures of all notes together; see ``NoteFidelity`` for each."""

    mel_median_db: float
    mel_worst_db: float
    onset_mel_median_db: float
    centroid_ratio_median: float
    hnr_error_mean_db: float
    flutter_added_mean: float
    fall_error_worst_db: float


@dataclass(frozen=True)
class FidelityReport:
    """All measures, with what they were measured on.

    Attributes:
        model: name. soundfont: file name. quality: of the engine.
        notes: in the order of the choices.
        missing: chosen notes (PROGRAM:KEY) that the model's bank or the SoundFont lacks.
        velocities, chords: measured only on request.
    """

    model: str
    soundfont: str
    quality: str
    notes: tuple[NoteFidelity, ...]
    missing: tuple[str, ...]
    velocities: tuple[VelocityFidelity, ...] = ()
    chords: tuple[ChordFidelity, ...] = ()

    @property
    def summary(self) -> FidelitySummary:
        """Medians, means and worst values over the notes."""
        mel = [note.mel_db for note in self.notes]
        falls = [abs(note.made.fall_db[0] - note.source.fall_db[0]) for note in self.notes]
        return FidelitySummary(
            mel_median_db=float(np.median(mel)),
            mel_worst_db=max(mel),
            onset_mel_median_db=float(np.median([note.onset_mel_db for note in self.notes])),
            centroid_ratio_median=float(np.median([note.centroid_ratio for note in self.notes])),
            hnr_error_mean_db=float(np.mean([abs(note.hnr_error_db) for note in self.notes])),
            flutter_added_mean=float(np.mean([note.flutter_added for note in self.notes])),
            fall_error_worst_db=max(falls),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        notes = [
            {
                **asdict(note),
                "centroid_ratio": note.centroid_ratio,
                "hnr_error_db": note.hnr_error_db,
                "flutter_added": note.flutter_added,
            }
            for note in self.notes
        ]
        velocities = [
            {**asdict(note), "source_ratio": note.source_ratio, "made_ratio": note.made_ratio, "off": note.off}
            for note in self.velocities
        ]
        return {**asdict(self), "notes": notes, "summary": asdict(self.summary), "velocities": velocities}

    def as_text(self) -> str:
        """Return a table for a terminal."""
        s = self.summary
        lines = [
            f"{self.model} beside {self.soundfont}, quality {self.quality}; notes held for 9.2 s: {len(self.notes)}; "
            "of two figures the first is the source's",
            _COLUMNS,
            *(_row(note) for note in self.notes),
            f"mel distance: median {s.mel_median_db:.2f} dB, worst {s.mel_worst_db:.2f}; first 100 ms: median "
            f"{s.onset_mel_median_db:.2f}",
            f"centroid ratio: median {s.centroid_ratio_median:.2f}; HNR: off by {s.hnr_error_mean_db:.1f} dB in the "
            f"mean; flutter added: {s.flutter_added_mean:+.1f} points in the mean; fall to 6 s: off by up to "
            f"{s.fall_error_worst_db:.0f} dB",
        ]
        if self.missing:
            lines.append(f"not in the bank or the SoundFont: {', '.join(self.missing)}")
        return "\n".join([*lines, *velocity_lines(self.velocities), *chord_lines(self.chords)])


def _row(note: NoteFidelity) -> str:
    source, made = note.source, note.made
    falls = [f"{source.fall_db[i]:5.1f} {made.fall_db[i]:5.1f}" for i in range(2)]
    return (
        f"{f'{note.preset} {note.key}'[:28]:28} {note.mel_db:6.2f} {note.onset_mel_db:6.2f} {note.centroid_ratio:8.2f} "
        f"{source.hnr_db:10.1f} {made.hnr_db:5.1f} {source.flutter_percent:6.1f} {made.flutter_percent:5.1f} "
        f"{falls[0]:>12} {falls[1]:>12} {source.image.side_db:6.1f} {made.image.side_db:6.1f}"
    )
