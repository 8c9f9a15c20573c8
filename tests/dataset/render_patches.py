"""Renders a GUS patch set by TiMidity++ as WAVs that `synth-app dataset folder` reads, to evaluate models.

    python -m tests.dataset.render_patches /etc/timidity/freepats.cfg OUT
    synth-app dataset folder OUT --out data/freepats-48k --rate 48000

Eight keys of every melodic General MIDI program that the set has, held 3 s and released 1 s, dry, mono, 48 kHz.
"""

import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from synth_app.dataset.general_midi import GM_PROGRAMS, pitches_of

RATE_HZ, KEYS, VELOCITY = 48_000, 8, 100
TICKS_PER_S = 960  # 480 per quarter at the default 120 quarters a minute
HELD_S, APART_S, KEPT_S = 3, 5, 4
PEAK, SILENT = 0.7, 3e-3


def programs_of(config: Path) -> set[int]:
    """Programs that the set's configuration maps in bank 0."""
    bank = config.read_text(errors="replace").partition("\nbank 0")[2]
    return {int(number) for number in re.findall(r"^\s*(\d+)\s+\S+\.pat", bank, re.MULTILINE)}


def midi_of(program: int, keys: tuple[int, ...]) -> bytes:
    """A standard MIDI file: the program, then its keys one after the other."""
    events = bytes([0, 0xC0, program])
    for number, key in enumerate(keys):
        events += ticks((APART_S - HELD_S) if number else 0) + bytes([0x90, key, VELOCITY])
        events += ticks(HELD_S) + bytes([0x80, key, 64])
    events += ticks(HELD_S) + bytes([0xFF, 0x2F, 0])
    return struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 480) + struct.pack(">4sI", b"MTrk", len(events)) + events


def ticks(seconds: int) -> bytes:
    """A delta time as a variable-length quantity."""
    rest = seconds * TICKS_PER_S
    digits = [rest & 127]
    while rest := rest >> 7:
        digits.append(128 | (rest & 127))
    return bytes(reversed(digits))


def render(config: Path, program: int, keys: tuple[int, ...], folder: Path) -> list[tuple[int, np.ndarray]]:
    """The notes that sound, at one common gain."""
    midi, wav = folder / "notes.mid", folder / "notes.wav"
    midi.write_bytes(midi_of(program, keys))
    command = ["timidity", str(midi), "-c", str(config), "-Ow", "-o", str(wav), "-s", str(RATE_HZ), "--output-mono"]
    dry = ["--output-24bit", "-EFreverb=0", "-EFchorus=0", "-EFdelay=0", "-A", "60"]
    subprocess.run([*command, *dry], check=True, stdout=subprocess.DEVNULL)
    sound, _ = soundfile.read(wav)
    starts = [number * APART_S * RATE_HZ for number in range(len(keys))]
    parts = [(key, sound[start : start + KEPT_S * RATE_HZ]) for key, start in zip(keys, starts, strict=True)]
    heard = [(key, part) for key, part in parts if len(part) == KEPT_S * RATE_HZ and np.abs(part).max() > SILENT]
    loudest = max((float(np.abs(part).max()) for _, part in heard), default=1.0)
    return [(key, part * (PEAK / loudest)) for key, part in heard]


def main(config: Path, out: Path) -> None:
    """Write every note under NSynth's name."""
    out.mkdir(parents=True)
    counts: dict[tuple[str, str], int] = {}
    there = programs_of(config)
    with tempfile.TemporaryDirectory() as folder:
        for gm in GM_PROGRAMS:
            index = counts.get((gm.family, gm.source), 0)
            counts[gm.family, gm.source] = index + 1
            if gm.program not in there:
                continue
            for key, sound in render(config, gm.program, pitches_of(gm, KEYS), Path(folder)):
                name = f"{gm.family}_{gm.source}_{index:03d}-{key:03d}-{VELOCITY:03d}.wav"
                soundfile.write(out / name, sound, RATE_HZ, subtype="PCM_16")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
