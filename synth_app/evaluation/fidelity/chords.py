"""Chords beside the SoundFont's: as shipped, without Detail, and without the share of noise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from synth_app.dataset.soundfont_info import SoundFontInfo
from synth_app.evaluation.fidelity.sound_pair import SoundPair, Strike, engine_sound, match, source_sound
from synth_app.evaluation.metrics.frame_audibility import midi_hz
from synth_app.evaluation.metrics.mel_distance import mel_distance_db
from synth_app.evaluation.metrics.tone_quality import chord_to_noise_db, flutter_percent
from synth_app.modelfile import BankNote, ModelFile, save_model_file
from synth_app.patch import ENGINE_RATE
from synth_app.patch.initial_patch import initial_patch

_HELD_S = 3.0
_SETTLED_S = 0.3
SHIPPED, NO_DETAIL, NO_NOISE = "as shipped", "Detail 0", "no share of noise"


@dataclass(frozen=True)
class ChordChoice:
    """Keys of a General MIDI program that are struck together."""

    program: int
    keys: tuple[int, ...]


# close and open positions, low and high, with and without a seventh
CHORDS = tuple(ChordChoice(*each) for each in (
    (0, (60, 64, 67)), (0, (36, 48, 52, 55)), (4, (57, 60, 64, 67)), (11, (60, 65, 69)), (19, (48, 55, 60, 64)),
    (24, (48, 52, 55, 60)), (48, (55, 60, 64)), (52, (60, 63, 67)), (56, (60, 64, 67)), (81, (48, 55, 60)),
))  # fmt: skip


@dataclass(frozen=True)
class ChosenChord:
    """A chord of both sources; ``slot`` is the bank note of the instrument that is nearest to the chord's middle."""

    choice: ChordChoice
    preset: str
    slot: int
    velocity: int


@dataclass(frozen=True)
class ChordVariant:
    """Measures of one way to play a chord: tones over noise in dB, flutter in percent, mel distance in dB."""

    name: str
    hnr_db: float
    flutter_percent: float
    mel_db: float


@dataclass(frozen=True)
class ChordFidelity:
    """One chord beside its source, whose own mel distance is 0."""

    preset: str
    program: int
    keys: tuple[int, ...]
    source: ChordVariant
    made: tuple[ChordVariant, ...]

    @property
    def title(self) -> str:
        """Preset and keys."""
        return f"{self.preset} {' '.join(map(str, self.keys))}"

    @property
    def stem(self) -> str:
        """Beginning of the names of its files."""
        return "-".join(f"{number:03d}" for number in (self.program, *self.keys))


def find_chords(bank: tuple[BankNote, ...], font: SoundFontInfo) -> tuple[ChosenChord, ...]:
    """Return the chords of ``CHORDS`` whose instrument both the bank and the SoundFont have."""
    found = []
    for choice in CHORDS:
        preset = font.presets.get((0, choice.program), "")
        middle = float(np.mean(choice.keys))
        slots = [i for i, note in enumerate(bank) if note.instrument == preset]
        if slots:
            slot = min(slots, key=lambda i: abs(bank[i].pitch - middle))
            found.append(ChosenChord(choice, preset, slot, max(bank[slot].velocity, 1)))
    return tuple(found)


class ChordRenderer:
    """Renders chords in all variants; ``chord_renderer`` makes it. ``paths``: the model of each variant by its name."""

    def __init__(self, soundfont: Path, file: ModelFile, paths: dict[str, str], quality: str) -> None:
        self._soundfont, self._file, self.paths, self._quality = soundfont, file, paths, quality

    def measure(self, chosen: ChosenChord) -> tuple[ChordFidelity, SoundPair]:
        """Measure one chord; return it with the sounds of the source and of the engine as shipped.

        Raises:
            UserError: FluidSynth or the model cannot be loaded, or the chord is silent in one of them.
        """
        strike = Strike(chosen.choice.keys, chosen.velocity, _HELD_S)
        source = source_sound(self._soundfont, chosen.choice.program, strike)
        pairs = {}
        for name, path in self.paths.items():
            patch = initial_patch(path, self._file.card, chosen.slot)
            patch = patch.with_param("detail", 0.0) if name == NO_DETAIL else patch
            pairs[name] = match(source, engine_sound(patch, self._quality, strike))
        keys = chosen.choice.keys
        first = pairs[SHIPPED]
        made = tuple(_variant(name, pair, keys, made=True) for name, pair in pairs.items())
        measured = ChordFidelity(
            chosen.preset, chosen.choice.program, keys, _variant("source", first, keys, made=False), made
        )
        return measured, first


@contextmanager
def chord_renderer(soundfont: Path, model_path: Path, file: ModelFile, quality: str) -> Iterator[ChordRenderer]:
    """Make a renderer. A copy of the model without shares of noise exists meanwhile, if it has some."""
    paths = {SHIPPED: str(model_path)}
    corrections = [note.correction for note in file.bank if note.correction is not None]
    if corrections:
        paths[NO_DETAIL] = str(model_path)
    if not any(each.noise for each in corrections):
        yield ChordRenderer(soundfont, file, paths, quality)
        return
    bank = tuple(
        replace(note, correction=replace(note.correction, noise=b"")) if note.correction else note for note in file.bank
    )
    with TemporaryDirectory() as folder:
        paths[NO_NOISE] = str(Path(folder) / "no-noise.safetensors")
        save_model_file(paths[NO_NOISE], replace(file, bank=bank))
        yield ChordRenderer(soundfont, file, paths, quality)


def _variant(name: str, pair: SoundPair, keys: tuple[int, ...], *, made: bool) -> ChordVariant:
    sounds, levels = pair.compared(), pair.mel_levels()
    side = 1 if made else 0
    settled = sounds[side][round(_SETTLED_S * ENGINE_RATE) :]
    return ChordVariant(
        name=name,
        hnr_db=chord_to_noise_db(settled, ENGINE_RATE, tuple(midi_hz(key) for key in keys)),
        flutter_percent=flutter_percent(settled, ENGINE_RATE),
        mel_db=mel_distance_db(levels[0], levels[side], float(levels[0].max())),
    )


def chord_lines(chords: tuple[ChordFidelity, ...]) -> list[str]:
    """Return a table for a terminal."""
    if not chords:
        return []
    rows = []
    for chord in chords:
        for i, each in enumerate((chord.source, *chord.made)):
            mel = "" if each is chord.source else f"{each.mel_db:.2f}"
            rows.append(
                f"{'' if i else chord.title:34} {each.name:18} {mel:>6} {each.hnr_db:9.1f} {each.flutter_percent:8.1f}"
            )
    return ["", f"{'chord':34} {'':18} {'mel dB':>6} {'tones dB':>9} {'flutter':>8}", *rows, *_summary(chords)]


def _summary(chords: tuple[ChordFidelity, ...]) -> list[str]:
    """Return a line for each variant: medians and means over the chords."""
    lines = []
    for i, variant in enumerate(chords[0].made):
        pairs = [(chord.source, chord.made[i]) for chord in chords]
        mel = np.median([made.mel_db for _, made in pairs])
        hnr = np.mean([abs(made.hnr_db - source.hnr_db) for source, made in pairs])
        flutter = np.mean([made.flutter_percent - source.flutter_percent for source, made in pairs])
        lines.append(
            f"{variant.name}: mel distance {mel:.2f} dB in the median, tones over noise off by {hnr:.1f} dB in the "
            f"mean, flutter {flutter:+.1f} points in the mean"
        )
    return lines
