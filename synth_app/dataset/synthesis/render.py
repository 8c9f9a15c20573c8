"""Render random instruments as notes in NSynth's layout; resumable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synth_app.dataset import render_folder
from synth_app.dataset.audio_io import resample, write_wav16
from synth_app.dataset.nsynth import Note, audio_path, make_note
from synth_app.dataset.render_folder import RenderedFolder
from synth_app.dataset.synthesis.key_press import RATE_HZ, KeyPress
from synth_app.dataset.synthesis.patch import RandomPatch, random_patch
from synth_app.dataset.workers import run_all
from synth_app.support.errors import UserError

RECIPE = 1  # increased when a change alters the notes of a seed
_FIRST_INDEX = 500  # in names, so that the set can be combined with a rendered SoundFont's in one training
_FIRST_INSTRUMENT = 1000
_PEAK_DBFS, _SILENCE_DBFS = -3.0, -60.0
_MIN_RATE_HZ, _MAX_INSTRUMENTS = 8_000, 100_000


@dataclass(frozen=True, slots=True)
class _Instrument:
    """Number of a patch and of its name; workers draw the rest."""

    index: int
    family: str
    name_index: int


def render_synthesis(
    out: Path | str,
    *,
    instruments: int = 220,
    rates: Sequence[int] = (RATE_HZ,),
    seed: int = 0,
    jobs: int = 2,
    command: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[RenderedFolder, ...]:
    """Render random instruments over their keys: 3 s held, 1 s released, mono.

    One pass writes all ``rates``: a single rate to ``out`` itself, several to ``out`` with ``-48k``, ``-16k`` and so on
    appended to its name. A rendering that was stopped continues when it is called again, with the same files as from
    one run. Names and ids of instruments differ from those of a rendered SoundFont.

    Args:
        out: the folder; created if it is missing.
        instruments: number of instruments, about 9 notes each; the first ones of a seed do not depend on the number.
        rates: sample rates in Hz, 8000 to 48000.
        seed: 0 or more.
        jobs: number of processes.
        command: the user's command, stored in source.json.
        progress: called with (instruments done, total instruments).

    Raises:
        UserError: a setting is out of range, or the folder holds other files.
    """
    _check_settings(instruments, rates, seed, jobs)
    origins = {folder: _origin(rate, instruments, seed) for folder, rate in _folders(Path(out), rates).items()}
    unfinished = {
        folder: rate
        for folder, rate in _folders(Path(out), rates).items()
        if not render_folder.claim(folder, origins[folder], command)
    }
    if unfinished:
        items = _instruments(instruments, seed)
        missing = [i for i in items if not all(render_folder.is_rendered(folder, i.index) for folder in unfinished)]
        run_all(_render_instrument, [(unfinished, seed, item) for item in missing], jobs, instruments, progress)
        for folder, rate in unfinished.items():
            makers = {item.index: partial(_note, item, sample_rate=rate) for item in items}
            render_folder.complete(folder, makers)
    return tuple(render_folder.summarise(folder, rate) for folder, rate in _folders(Path(out), rates).items())


def _check_settings(instruments: int, rates: Sequence[int], seed: int, jobs: int) -> None:
    if not 1 <= instruments <= _MAX_INSTRUMENTS:
        raise UserError(f"{instruments} instruments are outside 1-{_MAX_INSTRUMENTS}; 220 give about 2,000 notes")
    for rate in rates:
        if not _MIN_RATE_HZ <= rate <= RATE_HZ:
            raise UserError(f"sample rate {rate} Hz is outside {_MIN_RATE_HZ}-{RATE_HZ}; use 16000 or 48000")
    if not rates or len(set(rates)) != len(rates):
        raise UserError(f"sample rates {list(rates)}: name at least one, and each only once")
    if not 0 <= seed < 2**31:
        raise UserError(f"seed {seed} is outside 0-{2**31 - 1}")
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")


def _folders(out: Path, rates: Sequence[int]) -> dict[Path, int]:
    if len(rates) == 1:
        return {out: rates[0]}
    return {out.with_name(f"{out.name}-{rate / 1000:g}k"): rate for rate in rates}


def _origin(rate: int, instruments: int, seed: int) -> dict[str, object]:
    """Return all settings that the samples of a folder depend on."""
    key_press = KeyPress(60, 100)
    settings = {
        "sample_rate": rate,
        "synth_rate": RATE_HZ,
        "instruments": instruments,
        "seed": seed,
        "recipe": RECIPE,
        "peak_dbfs": _PEAK_DBFS,
        "silence_dbfs": _SILENCE_DBFS,
        "hold_s": key_press.hold_s,
        "release_s": key_press.release_s,
    }
    return {"kind": "synthesis", "settings": settings}


def _instruments(count: int, seed: int) -> tuple[_Instrument, ...]:
    counts: dict[str, int] = {}
    items = []
    for index in range(count):
        family = random_patch(seed, index).voice.family
        counts[family] = counts.get(family, -1) + 1
        items.append(_Instrument(index, family, _FIRST_INDEX + counts[family]))
    return tuple(items)


def _render_instrument(folders: dict[Path, int], seed: int, item: _Instrument) -> None:
    """Render and write one instrument at every rate.

    The records are written last, so that a partial one is rendered again.
    """
    patch = random_patch(seed, item.index)
    keys = [(key, velocity) for key in patch.keys for velocity in patch.velocities]
    sounds = {key: patch.render(*key) for key in keys}
    peaks = {key: float(np.abs(sound).max()) for key, sound in sounds.items()}
    gain = 10.0 ** (_PEAK_DBFS / 20.0) / max(peaks.values())
    kept = [key for key in keys if peaks[key] * gain >= 10.0 ** (_SILENCE_DBFS / 20.0)]
    for folder, rate in folders.items():
        for key, velocity in kept:
            note = _note(item, key, velocity, rate)
            sound = resample((sounds[key, velocity] * gain).astype(np.float32), RATE_HZ, rate)
            write_wav16(audio_path(folder, note.note_str), sound, rate)
        render_folder.record_program(folder, item.index, _record(patch, item, rate, kept, len(keys) - len(kept)))


def _record(
    patch: RandomPatch, item: _Instrument, rate: int, kept: Sequence[tuple[int, int]], dropped: int
) -> dict[str, object]:
    return {
        "program": item.index,
        "method": patch.method,
        "instrument_str": _note(item, 0, 0, rate).instrument_str,
        "notes": kept,
        "dropped_silent": dropped,
    }


def _note(item: _Instrument, pitch: int, velocity: int, sample_rate: int) -> Note:
    instrument = _FIRST_INSTRUMENT + item.index
    return make_note(
        note=(instrument * 128 + pitch) * 128 + velocity,
        instrument=instrument,
        family=item.family,
        source="synthetic",
        index=item.name_index,
        pitch=pitch,
        velocity=velocity,
        sample_rate=sample_rate,
    )
