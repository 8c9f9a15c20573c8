"""Render the programs of synthesizer plug-ins (DSSI) as notes in NSynth's layout; resumable."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from synth_app.dataset import render_folder
from synth_app.dataset.audio_io import resample, write_wav16
from synth_app.dataset.dssi_voice import DssiProgram, DssiVoice
from synth_app.dataset.nsynth import Note, audio_path, make_note
from synth_app.dataset.render_folder import RenderedFolder
from synth_app.dataset.workers import run_all
from synth_app.support.errors import UserError

SYNTH_RATE_HZ = 48_000
HOLD_S, RELEASE_S = 3.0, 1.0
LOWEST_KEY, HIGHEST_KEY = 28, 99
SOFTEST, LOUDEST = 40, 127
_FIRST_INDEX, _FIRST_INSTRUMENT = 5_000, 200_000  # above those of rendered SoundFonts and of synthesised notes
_FAMILY, _SOURCE = "synth_lead", "synthetic"
_PEAK_DBFS, _SILENCE_DBFS = -3.0, -60.0
_MIN_RATE_HZ, _MAX_KEYS = 8_000, 72


@dataclass(frozen=True, slots=True)
class _Sound:
    """A program of a plug-in and its number in the data set."""

    plugin: Path
    program: DssiProgram
    number: int


def render_dssi(
    plugins: Sequence[Path | str],
    out: Path | str,
    *,
    rate: int = SYNTH_RATE_HZ,
    keys_per_program: int = 8,
    seed: int = 0,
    jobs: int = 2,
    command: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> RenderedFolder:
    """Render every named program of DSSI plug-ins: keys spread over E1 to D#7, 3 s held, 1 s released, mono.

    A rendering that was stopped continues when it is called again. Keys and velocities depend on the seed alone.
    Samples also depend on the plug-in: some start their oscillators at random phases. All programs get the family
    synth_lead, because plug-ins do not name one. Silent programs are left out.

    Args:
        plugins: files like hexter.so.
        out: the folder; created if it is missing.
        rate: sample rate in Hz, 8000 to 48000.
        keys_per_program: number of keys; one in each of as many equal parts of the range, each at its own velocity.
        seed: seed of keys and velocities.
        jobs: number of processes.
        command: the user's command, stored in source.json.
        progress: called with (programs done, total programs).

    Raises:
        UserError: a setting is out of range, a plug-in cannot be loaded or crashes, or the folder holds other files.
    """
    _check_settings(plugins, rate, keys_per_program, seed, jobs)
    paths, folder = tuple(map(Path, plugins)), Path(out)
    records, sounds = _contents(paths)
    if not render_folder.claim(folder, _origin(records, rate, keys_per_program, seed), command):
        missing = [sound for sound in sounds if not render_folder.is_rendered(folder, sound.number)]
        calls = [(folder, rate, sound, keys_per_program, seed) for sound in missing]
        try:
            run_all(_render_program, calls, jobs, len(sounds), progress)
        except BrokenProcessPool as error:
            raise UserError(
                "a plug-in crashed; run the command again to continue after the finished programs. If it stops at the "
                "same program again, leave this plug-in out"
            ) from error
        render_folder.refuse_silence([folder], [sound.number for sound in sounds])
        makers = {sound.number: partial(_note, sound, sample_rate=rate) for sound in sounds}
        render_folder.complete(folder, makers)
    return render_folder.summarise(folder, rate)


def keys_of(seed: int, number: int, count: int) -> tuple[tuple[int, int], ...]:
    """Return the keys and velocities of a program, low to high.

    One key in each of ``count`` equal parts of the range.
    """
    rng = np.random.default_rng([seed, number])
    edges = LOWEST_KEY + (HIGHEST_KEY + 1 - LOWEST_KEY) * np.arange(count + 1) / count
    keys = np.floor(rng.uniform(np.ceil(edges[:-1]), np.ceil(edges[1:]))).astype(int)
    velocities = rng.integers(SOFTEST, LOUDEST + 1, count)
    return tuple((int(key), int(velocity)) for key, velocity in zip(keys, velocities, strict=True))


def _check_settings(plugins: Sequence[Path | str], rate: int, keys: int, seed: int, jobs: int) -> None:
    if not plugins:
        raise UserError("no plug-in given; name at least one, like hexter.so")
    if not _MIN_RATE_HZ <= rate <= SYNTH_RATE_HZ:
        raise UserError(f"sample rate {rate} Hz is outside {_MIN_RATE_HZ}-{SYNTH_RATE_HZ}; use 16000 or 48000")
    if not 1 <= keys <= _MAX_KEYS:
        raise UserError(f"{keys} keys per program are outside 1-{_MAX_KEYS}; 8 are usual")
    if not 0 <= seed < 2**31:
        raise UserError(f"seed {seed} is outside 0-{2**31 - 1}")
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")


def _origin(plugins: list[dict[str, str]], rate: int, keys_per_program: int, seed: int) -> dict[str, object]:
    """Return all settings that the samples of a folder depend on."""
    settings = {
        "sample_rate": rate,
        "synth_rate": SYNTH_RATE_HZ,
        "keys_per_program": keys_per_program,
        "keys": [LOWEST_KEY, HIGHEST_KEY],
        "velocities": [SOFTEST, LOUDEST],
        "seed": seed,
        "peak_dbfs": _PEAK_DBFS,
        "silence_dbfs": _SILENCE_DBFS,
        "hold_s": HOLD_S,
        "release_s": RELEASE_S,
    }
    return {"kind": "dssi", "plugins": plugins, "settings": settings}


def _contents(paths: Sequence[Path]) -> tuple[list[dict[str, str]], tuple[_Sound, ...]]:
    """Return the metadata of each plug-in, and all programs."""
    records, found = [], []
    for path in paths:
        voice = DssiVoice(path, SYNTH_RATE_HZ)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        records.append({"file": path.name, "sha256": digest, "name": voice.title, "copyright": voice.copyright})
        found += [(path, program) for program in voice.programs()]
        voice.close()
    if not found:
        raise UserError(f"no program in {', '.join(map(str, paths))}; install the banks of the plug-ins")
    return records, tuple(_Sound(path, program, number) for number, (path, program) in enumerate(found))


@lru_cache(maxsize=1)
def _voice(path: Path) -> DssiVoice:
    """Return this process's instance of the plug-in; starting one can take a second."""
    return DssiVoice(path, SYNTH_RATE_HZ)


def _render_program(folder: Path, rate: int, sound: _Sound, keys_per_program: int, seed: int) -> None:
    """Render and write one program. The record is written last, so that a partial program is rendered again."""
    voice = _voice(sound.plugin)
    voice.select(sound.program)
    keys = keys_of(seed, sound.number, keys_per_program)
    sounds = {key: voice.render(*key, HOLD_S, RELEASE_S) for key in keys}
    peaks = {key: float(np.abs(heard).max()) for key, heard in sounds.items() if np.isfinite(heard).all()}
    loudest = max(peaks.values(), default=0.0)
    gain = 10.0 ** (_PEAK_DBFS / 20.0) / loudest if loudest > 10.0 ** (_SILENCE_DBFS / 20.0) else 0.0
    kept = [key for key, peak in peaks.items() if peak * gain >= 10.0 ** (_SILENCE_DBFS / 20.0)]
    for key in kept:
        heard = resample(sounds[key] * np.float32(gain), SYNTH_RATE_HZ, rate)
        write_wav16(audio_path(folder, _note(sound, *key, rate).note_str), heard, rate)
    record = {
        "program": sound.number,
        "preset": sound.program.name,
        "plugin": voice.label,
        "instrument_str": _note(sound, 0, 0, rate).instrument_str,
        "notes": kept,
        "dropped_silent": len(keys) - len(kept),
    }
    render_folder.record_program(folder, sound.number, record)


def _note(sound: _Sound, pitch: int, velocity: int, sample_rate: int) -> Note:
    instrument = _FIRST_INSTRUMENT + sound.number
    return make_note(
        note=(instrument * 128 + pitch) * 128 + velocity,
        instrument=instrument,
        family=_FAMILY,
        source=_SOURCE,
        index=_FIRST_INDEX + sound.number,
        pitch=pitch,
        velocity=velocity,
        sample_rate=sample_rate,
    )
