"""Render the audio demo of the README: four short phrases by shipped presets, one after another, as an OGG file.

``make audio-demo`` runs it. The engine renders every phrase offline, as ``synth-app render --midi`` does.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from synth_app.decoder import load_model
from synth_app.export.performance import render_performance
from synth_app.export.request import PerformanceRequest
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.presets.preset_transfer import transfer_preset

TARGET = Path(__file__).parents[1] / "docs" / "audio" / "demo.ogg"
FADE_S = 0.5
PEAK = 0.89  # -1 dBFS
PHRASE_RMS = 0.1  # all phrases are equally loud


@dataclass(frozen=True)
class Phrase:
    """Notes that one preset plays.

    Attributes:
        preset: name of a shipped preset.
        notes: (start in s, length in s, MIDI key, velocity) of each.
        length_s: when the next phrase begins.
    """

    preset: str
    notes: tuple[tuple[float, float, int, int], ...]
    length_s: float


PHRASES = (
    Phrase("Tine Piano", ((0.0, 1.4, 48, 90), (0.0, 0.6, 64, 84), (0.35, 0.6, 67, 80), (0.7, 0.6, 71, 88),
                          (1.05, 0.6, 74, 96), (1.4, 1.6, 53, 92), (1.4, 1.6, 65, 80), (1.4, 1.6, 69, 84),
                          (1.75, 1.2, 72, 92), (2.1, 0.9, 76, 100)), 3.4),
    Phrase("Harp of Voices", tuple((0.2 * i, 0.9, key, 78 + 3 * i) for i, key in
                                   enumerate((45, 57, 60, 64, 69, 72, 76, 81))), 3.0),
    Phrase("Talking Guitar", ((0.0, 0.35, 57, 100), (0.4, 0.35, 60, 96), (0.8, 0.35, 62, 104), (1.2, 0.9, 64, 112),
                              (2.2, 0.25, 62, 92), (2.5, 0.9, 57, 104)), 3.6),
    Phrase("Warm Blanket", tuple((0.0, 2.4, key, 84) for key in (41, 53, 57, 60, 64))
           + tuple((2.4, 2.8, key, 90) for key in (36, 52, 55, 59, 62)), 6.0),
)  # fmt: skip


def render_phrase(phrase: Phrase, model: str) -> NDArray[np.float32]:
    """Return the phrase as float32 [samples, 2] at the engine's rate, with all that rings on after it."""
    path = str(find_model(model))
    patch = transfer_preset(PresetLibrary().named(phrase.preset).preset, load_model(path), path, "studio").patch
    events = [Event(round(start * ENGINE_RATE), NoteOn(key, velocity)) for start, _, key, velocity in phrase.notes]
    events += [Event(round((start + length) * ENGINE_RATE), NoteOff(key)) for start, length, key, _ in phrase.notes]
    events.sort(key=lambda event: event.time)
    length = round(phrase.length_s * ENGINE_RATE)
    return render_performance(PerformanceRequest(patch, TARGET, tuple(events), length))


def demo(model: str) -> NDArray[np.float32]:
    """Return all phrases, each faded out over the start of the next one."""
    fade = round(FADE_S * ENGINE_RATE)
    lengths = [round(phrase.length_s * ENGINE_RATE) for phrase in PHRASES]
    out = np.zeros((sum(lengths) + fade, 2), np.float32)
    start = 0
    for phrase, length in zip(PHRASES, lengths, strict=True):
        audio = render_phrase(phrase, model)[: length + fade]
        audio *= np.float32(PHRASE_RMS / np.sqrt(np.mean(np.square(audio[:length]))))
        audio[length:] *= np.cos(np.linspace(0.0, np.pi / 2, fade, dtype=np.float32))[: len(audio) - length, None]
        out[start : start + len(audio)] += audio
        start += length
    return out * np.float32(PEAK / np.abs(out).max())


def main() -> None:
    """Write the file that the command names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET, help="OGG file to write")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="model name or file")
    args = parser.parse_args()
    audio = demo(args.model)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(args.out, audio, ENGINE_RATE, format="OGG", subtype="VORBIS", compression_level=0.7)
    print(f"{args.out}: {len(audio) / ENGINE_RATE:.1f} s, {args.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
