"""Render a SoundFont's melodic General MIDI programs as notes in NSynth's layout; resumable."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synth_app.dataset import render_folder
from synth_app.dataset.audio_io import resample, write_wav16
from synth_app.dataset.general_midi import GM_PROGRAMS, GmProgram, pitches_of
from synth_app.dataset.nsynth import Note, audio_path, make_note
from synth_app.dataset.render_folder import RenderedFolder, RenderSettings
from synth_app.dataset.soundfont_info import SoundFontInfo, read_soundfont_info
from synth_app.dataset.soundfont_voice import SoundFontVoice, load_fluidsynth
from synth_app.dataset.workers import run_all
from synth_app.support.errors import UserError

Progress = Callable[[int, int], None]

HOLD_S = 3.0
RELEASE_S = 1.0
_SYNTH_RATES = (44_100, 48_000)  # FluidSynth's oscillators alias at lower rates, so these are resampled
_MIN_RATE_HZ, _MAX_RATE_HZ = 8_000, 96_000  # FluidSynth's limits


@dataclass(frozen=True, slots=True)
class _Instrument:
    """One program to render: ids as in NSynth, and the preset's name in the SoundFont."""

    gm: GmProgram
    preset: str
    index: int


@dataclass(frozen=True, slots=True)
class NoteSelection:
    """Which notes of a SoundFont are rendered, and at which level.

    Attributes:
        rates: sample rates in Hz, 8000 to 96000.
        pitches_per_program: number of keys per program, spread over its range.
        pitches: MIDI keys to render instead, as far as they lie in the program's range; for a note bank, where all
            instruments should have the same pitches.
        velocities: MIDI velocities, 1 to 127.
        programs: General MIDI programs to render, 0 to 127; all if empty.
        peak_dbfs: peak of the loudest note of each program.
        silence_dbfs: notes with a lower peak are dropped and counted.
    """

    rates: tuple[int, ...] = (48_000,)
    pitches_per_program: int = 16
    pitches: tuple[int, ...] = ()
    velocities: tuple[int, ...] = (50, 100, 127)
    programs: tuple[int, ...] = ()
    peak_dbfs: float = -3.0
    silence_dbfs: float = -60.0

    def __post_init__(self) -> None:
        """Check the ranges. Raises UserError."""
        for rate in self.rates:
            if not _MIN_RATE_HZ <= rate <= _MAX_RATE_HZ:
                raise UserError(f"sample rate {rate} Hz is outside {_MIN_RATE_HZ}-{_MAX_RATE_HZ}; use 16000 or 48000")
        if not self.rates or _has_twins(self.rates):
            raise UserError(f"sample rates {list(self.rates)}: name at least one, and each only once")
        if _has_twins(self.pitches) or not all(0 <= pitch <= 127 for pitch in self.pitches):
            raise UserError(f"pitches {list(self.pitches)}: name MIDI keys within 0-127, each only once")
        if not 1 <= self.pitches_per_program <= 128:
            raise UserError(
                f"pitches per program {self.pitches_per_program} is outside 1-128; 16 gives about 5,400 notes"
            )
        if not self.velocities or _has_twins(self.velocities) or not all(1 <= v <= 127 for v in self.velocities):
            raise UserError(f"velocities {list(self.velocities)}: name at least one of 1-127, and each only once")
        if not self.silence_dbfs < self.peak_dbfs <= 0.0:
            raise UserError(
                f"peak {self.peak_dbfs} dBFS must lie above the silence limit {self.silence_dbfs} and not above 0"
            )

    def settings(self, rate: int) -> RenderSettings:
        """Return the settings of the folder with this rate."""
        highest = max(self.rates)
        return RenderSettings(
            sample_rate=rate,
            synth_rate=highest if highest >= min(_SYNTH_RATES) else max(_SYNTH_RATES),
            pitches_per_program=self.pitches_per_program,
            pitches=self.pitches,
            velocities=self.velocities,
            programs=tuple(sorted(self.programs)),
            peak_dbfs=float(self.peak_dbfs),
            silence_dbfs=float(self.silence_dbfs),
            hold_s=HOLD_S,
            release_s=RELEASE_S,
        )


def render_soundfont(
    sf2: Path | str,
    out: Path | str,
    selection: NoteSelection | None = None,
    *,
    jobs: int = 2,
    command: str = "",
    progress: Progress | None = None,
) -> tuple[RenderedFolder, ...]:
    """Render the melodic General MIDI programs of bank 0 of a SoundFont: 3 s held, 1 s released, dry, mono.

    One pass writes all rates: a single rate to ``out`` itself, several to ``out`` with ``-48k``, ``-16k`` and so on
    appended to its name. A rendering that was stopped continues when it is called again, with the same files as from
    one run. Unpitched programs are left out (see ``general_midi``). ``source.json`` beside the notes records the
    SoundFont, its copyright and all settings.

    Args:
        sf2: the SoundFont.
        out: the folder; created if it is missing.
        selection: the notes to render; None for the default selection.
        jobs: number of processes.
        command: the user's command, stored in source.json.
        progress: called with (programs done, total programs).

    Raises:
        UserError: the SoundFont is missing or damaged, has no melodic preset or none that sounds, FluidSynth is
            missing, the folder holds other files, or ``jobs`` is below 1.
    """
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")
    selection = selection or NoteSelection()
    info = read_soundfont_info(sf2)
    instruments = _instruments(info, Path(sf2), selection.programs)
    load_fluidsynth()
    settings = {folder: selection.settings(rate) for folder, rate in _folders(Path(out), selection.rates).items()}
    font = _font_record(Path(sf2), info)
    origins = {
        folder: {"kind": "soundfont", "soundfont": font, "settings": asdict(setting)}
        for folder, setting in settings.items()
    }
    unfinished = [folder for folder, origin in origins.items() if not render_folder.claim(folder, origin, command)]
    missing = [
        item
        for item in instruments
        if not all(render_folder.is_rendered(folder, item.gm.program) for folder in unfinished)
    ]
    remaining = {folder: settings[folder] for folder in unfinished}
    run_all(_render_program, [(Path(sf2), remaining, item) for item in missing], jobs, len(instruments), progress)
    render_folder.refuse_silence(unfinished, [item.gm.program for item in instruments])
    for folder in unfinished:
        rate = settings[folder].sample_rate
        makers = {item.gm.program: partial(_note, item, sample_rate=rate) for item in instruments}
        render_folder.complete(folder, makers)
    return tuple(render_folder.summarise(folder, setting.sample_rate) for folder, setting in settings.items())


def _has_twins(values: Sequence[int]) -> bool:
    return len(set(values)) != len(values)


def _instruments(info: SoundFontInfo, sf2: Path, programs: Sequence[int]) -> tuple[_Instrument, ...]:
    """Return the presets to render; a program's number within its family does not depend on the selection."""
    there = {gm.program for gm in GM_PROGRAMS if (0, gm.program) in info.presets}
    for program in programs:
        if program not in there:
            raise UserError(f"{sf2} has no melodic General MIDI program {program}; it has {sorted(there)}")
    counts: dict[tuple[str, str], int] = {}
    instruments = []
    for gm in GM_PROGRAMS:
        if (0, gm.program) not in info.presets:
            continue
        index = counts.get((gm.family, gm.source), 0)
        counts[gm.family, gm.source] = index + 1
        if not programs or gm.program in programs:
            instruments.append(_Instrument(gm, info.presets[0, gm.program], index))
    if not instruments:
        raise UserError(f"{sf2} has no melodic General MIDI preset in bank 0; use a General MIDI SoundFont")
    return tuple(instruments)


def _folders(out: Path, rates: Sequence[int]) -> dict[Path, int]:
    if len(rates) == 1:
        return {out: rates[0]}
    return {out.with_name(f"{out.name}-{rate / 1000:g}k"): rate for rate in rates}


def _font_record(sf2: Path, info: SoundFontInfo) -> dict[str, str]:
    with sf2.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "file": sf2.name,
        "sha256": digest,
        "name": info.name,
        "copyright": info.copyright,
        "engineers": info.engineers,
        "comment": info.comment,
    }


def _render_program(sf2: Path, settings: dict[Path, RenderSettings], item: _Instrument) -> None:
    """Render and write one program at every rate.

    The records are written last, so that a partial program is rendered again.
    """
    common = next(iter(settings.values()))
    voice = SoundFontVoice(sf2, item.gm.program, common.synth_rate)
    keys = [(p, v) for p in _pitches(item.gm, common) for v in common.velocities]
    sounds = {key: voice.render(*key, common.hold_s, common.release_s) for key in keys}
    voice.close()
    peaks = {key: float(np.abs(sound).max()) for key, sound in sounds.items()}
    loudest = max(peaks.values())
    gain = 10.0 ** (common.peak_dbfs / 20.0) / loudest if loudest > 0.0 else 0.0
    threshold = 10.0 ** (common.silence_dbfs / 20.0)
    kept = [key for key in keys if peaks[key] * gain >= threshold]
    for folder, setting in settings.items():
        for pitch, velocity in kept:
            note = _note(item, pitch, velocity, setting.sample_rate)
            scaled = sounds[pitch, velocity] * np.float32(gain)
            sound = resample(scaled, common.synth_rate, setting.sample_rate)
            write_wav16(audio_path(folder, note.note_str), sound, setting.sample_rate)
        record = {
            "program": item.gm.program,
            "preset": item.preset,
            "instrument_str": _note(item, 0, 0, setting.sample_rate).instrument_str,
            "gain_db": round(20.0 * float(np.log10(gain)), 3) if gain > 0.0 else None,
            "notes": kept,
            "dropped_silent": len(keys) - len(kept),
        }
        render_folder.record_program(folder, item.gm.program, record)


def _pitches(gm: GmProgram, settings: RenderSettings) -> tuple[int, ...]:
    """Return the requested keys within the program's range, or the key nearest to the first.

    Without a request, return keys spread over the range.
    """
    if not settings.pitches:
        return pitches_of(gm, settings.pitches_per_program)
    inside = tuple(pitch for pitch in settings.pitches if gm.low <= pitch <= gm.high)
    return inside or (min(max(settings.pitches[0], gm.low), gm.high),)


def _note(item: _Instrument, pitch: int, velocity: int, sample_rate: int) -> Note:
    gm = item.gm
    return make_note(
        note=(gm.program * 128 + pitch) * 128 + velocity,  # unique, and the same for every run and rate
        instrument=gm.program,
        family=gm.family,
        source=gm.source,
        index=item.index,
        pitch=pitch,
        velocity=velocity,
        sample_rate=sample_rate,
    )
