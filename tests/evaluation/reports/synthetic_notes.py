"""Notes of harmonic tones with different slopes and noise, in NSynth's layout."""

from pathlib import Path

import numpy as np
import soundfile

from synth_app.dataset.nsynth import make_note, write_notes

RATE_HZ, SECONDS = 16_000, 2.0


def harmonic_notes(folder: Path, count: int) -> None:
    """Write ``count`` notes of as many instruments, between 220 and 440 Hz."""
    rng, notes = np.random.default_rng(0), []
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    (folder / "audio").mkdir()
    for i in range(count):
        pitch = 57 + i % 13
        f0_hz, slope = 440.0 * 2.0 ** ((pitch - 69) / 12), rng.uniform(0.5, 2.0)
        partials = range(1, int(7_000 / f0_hz))
        tone = sum(np.sin(2 * np.pi * f0_hz * n * time_s) / n**slope for n in partials)
        audio = 0.2 * (tone + rng.uniform(0.001, 0.03) * rng.standard_normal(len(time_s)))
        note = make_note(
            note=i, instrument=i, family="keyboard", source="synthetic", index=i, pitch=pitch, velocity=100,
            sample_rate=RATE_HZ,
        )  # fmt: skip
        soundfile.write(folder / "audio" / f"{note.note_str}.wav", audio / np.abs(audio).max() * 0.5, RATE_HZ)
        notes.append(note)
    write_notes(folder, notes)
