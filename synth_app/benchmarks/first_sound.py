"""How lively a model's first sound is, and how evenly it morphs.

``python -m synth_app.benchmarks.first_sound [MODEL]`` prints the table of docs/benchmarks/first-sound.md.

Measures of a note in slot A, played by the engine with the model's initial patch:

- movement: how much the mel spectrum changes around its mean while the key is held, in dB
- velocity: difference of the mel spectra of a soft and a hard stroke, in dB
- decay: how far the level falls while the key is held, in dB, up to ``MOST_DECAY_DB``
- reach: range of the spectral centroid over the pad's two dimensions, in octaves

Each measure ranks the candidates; the liveliness is the mean rank, 1 for the liveliest in every way.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model, load_model
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.evaluation.metrics.mel_distance import FRAMES_PER_S, MEL_BANDS, RANGE_DB, mel_filters, mel_levels_db
from synth_app.handles import SoundReader
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.patch import ENGINE_RATE, Event, NoteOn, Patch
from synth_app.patch.initial_patch import initial_patch
from synth_app.session.curves.handle_sound import patch_sound

Floats = NDArray[np.float64]
CANDIDATES = (
    "Yamaha Grand Piano", "Electric Piano", "Rhodes EP", "Vibraphone", "Harp", "Nylon String Guitar", "Strings",
    "Ahh Choir", "Pan Flute", "Fantasia",
)  # fmt: skip
MOST_SHARE = 0.35  # of the way of a morph that a quarter of the fader may carry
MOST_DECAY_DB = 30.0
HELD_S, _STROKE_S, _ONSET_S = 3.0, 1.0, 0.3
_SOFT, _USUAL, _HARD = 30, 100, 120
_STEPS, _PAD_STEPS = 33, 7
_KEY = 60


@dataclass(frozen=True)
class Liveliness:
    """The measures of one candidate, see the module.

    Attributes:
        note: name of the bank note.
        movement_db, velocity_db, decay_db, reach_octaves: as above.
    """

    note: str
    movement_db: float
    velocity_db: float
    decay_db: float
    reach_octaves: float

    def figures(self) -> tuple[float, float, float, float]:
        """Return the four measures."""
        return self.movement_db, self.velocity_db, self.decay_db, self.reach_octaves


@dataclass(frozen=True)
class Partner:
    """A note for slot B beside a candidate.

    Attributes:
        note: name of the bank note.
        distance_db: mel distance from slot A to slot B.
        shares: of the way that each quarter of the fader carries.
    """

    note: str
    distance_db: float
    shares: tuple[float, float, float, float]


def movement_db(levels_db: Floats) -> float:
    """Return the RMS deviation of mel levels [frames, bands] from their means over time, the level left out, in dB."""
    heard = levels_db[:, levels_db.max(axis=0) > levels_db.max() - RANGE_DB]
    shape = heard - heard.mean(axis=1, keepdims=True)
    return float(np.sqrt(np.mean((shape - shape.mean(axis=0)) ** 2)))


def decay_db(levels_db: Floats) -> float:
    """Return how far the level of mel levels [frames, bands] falls from start to end, 0 to ``MOST_DECAY_DB``."""
    power_db = 10.0 * np.log10((10.0 ** (levels_db / 10.0)).sum(axis=1))
    part = max(len(power_db) // 10, 1)
    return float(np.clip(power_db[:part].mean() - power_db[-part:].mean(), 0.0, MOST_DECAY_DB))


def morph_shares(model: Model, patch: Patch) -> tuple[float, float, float, float]:
    """Return which share of the way from slot A to slot B each quarter of the morph fader carries.

    The way is the sum of the mel distances between 33 even steps of the fader, each decoded at the middle of its notes.
    """
    levels = _mel_along(model, patch)
    steps = np.sqrt(np.mean(np.diff(levels, axis=0) ** 2, axis=1))
    quarters = steps.reshape(4, -1).sum(axis=1) / max(float(steps.sum()), 1e-9)
    first, second, third, fourth = (float(share) for share in quarters)
    return first, second, third, fourth


def partners(model: Model, path: str, slot_a: int) -> list[Partner]:
    """Return the notes of other families at the same pitch that morph evenly, the most different one first."""
    bank, found = model.bank, []
    for i, note in enumerate(bank):
        if note.pitch == bank[slot_a].pitch and note.family != bank[slot_a].family:
            patch = initial_patch(path, model.card, slot_a, i)
            levels = _mel_along(model, patch)
            shares = morph_shares(model, patch)
            if max(shares) <= MOST_SHARE:
                distance = float(np.sqrt(np.mean((levels[-1] - levels[0]) ** 2)))
                found.append(Partner(note.name, distance, shares))
    return sorted(found, key=lambda partner: -partner.distance_db)


def liveliness(model: Model, path: str, index: int) -> Liveliness:
    """Measure one bank note as the first sound of a model."""
    patch = initial_patch(path, model.card, index)
    held = _played(path, patch, _USUAL, HELD_S)[round(_ONSET_S * FRAMES_PER_S) : -FRAMES_PER_S // 10]
    soft, hard = (_played(path, patch, velocity, _STROKE_S) for velocity in (_SOFT, _HARD))
    floor = hard.max() - RANGE_DB
    velocity = float(np.sqrt(np.mean((np.maximum(soft, floor) - np.maximum(hard, floor)) ** 2)))
    return Liveliness(model.bank[index].name, movement_db(held), velocity, decay_db(held), _reach(model, patch))


def ranked(found: Sequence[Liveliness]) -> list[tuple[float, Liveliness]]:
    """Return the candidates with their mean ranks, the liveliest first."""
    figures = np.array([each.figures() for each in found])
    ranks = 1.0 + (figures[None] > figures[:, None]).sum(axis=1)
    mean = ranks.mean(axis=1)
    return sorted(((float(rank), each) for rank, each in zip(mean, found, strict=True)), key=lambda pair: pair[0])


def _played(path: str, patch: Patch, velocity: int, seconds: float) -> Floats:
    """Return the mel levels of the key C4, float64 [frames, bands]."""
    engine = Engine()
    engine.install(prepare_instrument(path), patch)
    sound = render_events(engine, [Event(0, NoteOn(_KEY, velocity))], round(seconds * ENGINE_RATE))
    return mel_levels_db(sound.mean(axis=1), ENGINE_RATE)


def _reach(model: Model, patch: Patch) -> float:
    """Return how many octaves the spectral centroid moves over the pad's first two dimensions."""
    ranges, sound, reader = latent_ranges(model.stats, model.bank), patch_sound(patch, model), SoundReader(model)
    x, y = np.meshgrid(*(np.linspace(low, high, _PAD_STEPS) for low, high in ranges[:2]))
    vectors = np.tile(sound.z, (x.size, 1))
    vectors[:, 0], vectors[:, 1] = x.ravel(), y.ravel()
    amplitude = 10.0 ** (reader.frames(vectors, sound) / 20.0)
    hz = np.arange(model.spec.bins) * model.spec.sample_rate / model.spec.n_fft
    centroid = amplitude @ hz / amplitude.sum(axis=1)
    low, high = np.percentile(centroid, (5.0, 95.0))
    return float(np.log2(high / low))


def _mel_along(model: Model, patch: Patch) -> Floats:
    """Return the mel levels of a patch at even steps of the morph, float64 [33, bands]; inaudible ones at the floor."""
    spec, reader = model.spec, SoundReader(model)
    filters = mel_filters(spec.sample_rate, spec.n_fft, min(MEL_BANDS, spec.bins // 4))
    levels = []
    for morph in np.linspace(0.0, 1.0, _STEPS):
        sound = patch_sound(patch.with_param("morph", float(morph)), model)
        power = 10.0 ** (reader.frames(sound.z[None], sound)[0].astype(np.float64) / 10.0)
        levels.append(10.0 * np.log10(filters @ power + 1e-20))
    found = np.array(levels)
    return np.maximum(found, found.max() - RANGE_DB)


def candidate_notes(model: Model) -> list[int]:
    """Return the bank indices of the candidates, each at its note nearest to middle C."""
    found = []
    for name in CANDIDATES:
        rows = [i for i, note in enumerate(model.bank) if note.instrument == name]
        if rows:
            found.append(min(rows, key=lambda i: abs(model.bank[i].pitch - _KEY)))
    return found


def main() -> None:
    """Print the table of docs/benchmarks/first-sound.md."""
    path = str(find_model(sys.argv[1] if len(sys.argv) > 1 else DEFAULT_MODEL))
    model = load_model(path)
    table = ranked([liveliness(model, path, i) for i in candidate_notes(model)])
    names = [note.name for note in model.bank]
    print("| Slot A | Movement, dB | Velocity, dB | Decay, dB | Reach, octaves | Mean rank | Slot B | Quarters, % |")
    print("|---|---|---|---|---|---|---|---|")
    for rank, each in table:
        index = names.index(each.note)
        best = next(iter(partners(model, path, index)), None)
        partner, shares = "none", ""
        if best is not None:
            other = model.bank[names.index(best.note)]
            partner = f"{other.instrument} ({best.distance_db:.1f} dB)"
            shares = ", ".join(f"{100 * share:.0f}" for share in best.shares)
        figures = " | ".join(f"{figure:.1f}" for figure in each.figures())
        print(f"| {model.bank[index].instrument} | {figures} | {rank:.2f} | {partner} | {shares} |")


if __name__ == "__main__":
    main()
