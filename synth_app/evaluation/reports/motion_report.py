"""Measures of held notes: vibrato against the requested sine, repetition, and harmonic purity."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from synth_app.dataset.audio_io import read_audio_file
from synth_app.dataset.nsynth import audio_path
from synth_app.decoder import Model
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.evaluation.metrics.repetition import Repetition, band_levels_db, repetition
from synth_app.patch import ENGINE_RATE, Event, NoteOn, Patch
from synth_app.patch.modulation_matrix import Connection, Lfo, Modulation
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError

Floats = NDArray[np.float64]
RATE_HZ, DEPTH_CENTS = 5.5, 20.0
_VIBRATO_S, _HELD_S, _SETTLED_S = 3.0, 20.0, 2.0
_TRACK_HZ = 60.0  # faster changes of the pitch come from neighbouring partials, not from vibrato
_SIDE_LINES_HZ = 4 * RATE_HZ
_PARTIALS = range(1, 9)
_HARMONICS, _NEAR = 24, 0.15  # half width of a harmonic's band over the distance of harmonics


@dataclass(frozen=True)
class Vibrato:
    """A measured vibrato.

    Attributes:
        note: bank note played.
        depth_cents: amplitude of the best-fitting sine. late_ms: its delay.
        ripple_cents: root mean square of the residual.
        still_cents: root mean square pitch deviation of the note without vibrato.
    """

    note: str
    depth_cents: float
    late_ms: float
    ripple_cents: float
    still_cents: float


@dataclass(frozen=True)
class SustainRepetition:
    """Repetition in a note held for 20 s."""

    note: str
    repetition: Repetition


@dataclass(frozen=True)
class Purity:
    """Power at the key's harmonics over the power between them, in dB, of a note held at its own key.

    Attributes:
        note: bank note played.
        free_db: as decoded. locked_db: with its partials locked to the key.
        recorded_db: of the recording itself; None if it is not available.
    """

    note: str
    free_db: float
    locked_db: float
    recorded_db: float | None


@dataclass(frozen=True)
class MotionSettings:
    """Settings of ``motion_report``.

    Attributes:
        count: maximum number of notes.
        seed: of the choice of notes.
        quality: engine quality, such as "live".
        highest: highest MIDI key of the notes.
        data: folder with the recordings of the bank's notes, or None.
    """

    count: int = 12
    seed: int = 0
    quality: str = DEFAULT_QUALITY
    highest: int = 127
    data: Path | None = None


@dataclass(frozen=True)
class MotionReport:
    """All measures of the notes played, in one order."""

    vibratos: tuple[Vibrato, ...]
    held: tuple[SustainRepetition, ...]
    purity: tuple[Purity, ...]


def harmonics_over_rest_db(mono: Floats, f0_hz: float) -> float:
    """Return the power within 15 % of the spacing about harmonics 1-24 over the power between; median over seconds."""
    n, taper = ENGINE_RATE, np.blackman(ENGINE_RATE)
    number = np.fft.rfftfreq(n, 1 / ENGINE_RATE) / f0_hz
    inside = (number > 0.5) & (number < _HARMONICS + 0.5)
    near = inside & (np.abs(number - np.round(number)) < _NEAR)
    powers = [np.abs(np.fft.rfft(mono[i : i + n] * taper)) ** 2 for i in range(n // 2, len(mono) - n + 1, n // 2)]
    return float(
        np.median([10 * np.log10((p[near].sum() + 1e-30) / (p[inside & ~near].sum() + 1e-30)) for p in powers])
    )


def pitch_track_cents(mono: Floats, hz: float, spacing_hz: float) -> Floats:
    """Return the instantaneous pitch of the partial at ``hz`` in cents re ``hz``, float64 [samples - 1], below 60 Hz.

    The partial is isolated by a band of 7 % to either side. The band is wider where a vibrato's side lines need it, and
    narrower where neighbouring partials, ``spacing_hz`` away, are close.
    """
    half_hz = min(max(0.07 * hz, _SIDE_LINES_HZ), 0.35 * spacing_hz)
    band = butter(4, [hz - half_hz, hz + half_hz], "bandpass", fs=ENGINE_RATE, output="sos")
    turns = np.unwrap(np.angle(hilbert(sosfiltfilt(band, mono)))) / (2 * np.pi)
    cents = 1200 * np.log2(np.maximum(np.diff(turns) * ENGINE_RATE, 1.0) / hz)
    return np.asarray(sosfiltfilt(butter(4, _TRACK_HZ, fs=ENGINE_RATE, output="sos"), cents))


def measure_vibrato(model: Model, path: str, slot: int, quality: str) -> Vibrato:
    """Play a steady bank note at its own key with and without vibrato, and track its loudest partial."""
    note = model.bank[slot]
    lfos = (Lfo(rate_hz=RATE_HZ), Lfo(), Lfo(), Lfo())
    vibrato = Modulation(lfos, connections=(Connection("lfo1", "pitch", DEPTH_CENTS / 100),))
    plain_patch = Patch(path, slot, slot, quality=quality).with_param("motion", 0.0).with_param("lock", 1.0)
    audio, plain = (
        _play(patch, note.pitch, _VIBRATO_S) for patch in (replace(plain_patch, modulation=vibrato), plain_patch)
    )
    f0_hz = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
    hz = _loudest_partial(plain, f0_hz)
    inside = slice(round(0.5 * ENGINE_RATE), -round(0.5 * ENGINE_RATE))
    track, plain_track = (pitch_track_cents(each, hz, f0_hz)[inside] for each in (audio, plain))
    t = (np.arange(len(track)) + 0.5) / ENGINE_RATE + 0.5
    basis = np.stack([np.sin(2 * np.pi * RATE_HZ * t), np.cos(2 * np.pi * RATE_HZ * t), np.ones_like(t)], axis=1)
    fit = np.linalg.lstsq(basis, track, rcond=None)[0]
    late_ms = -1e3 * float(np.arctan2(fit[1], fit[0])) / (2 * np.pi * RATE_HZ)
    ripple = float((track - basis @ fit).std())
    return Vibrato(note.name, float(np.hypot(fit[0], fit[1])), late_ms, ripple, float(plain_track.std()))


def measure_sustain(model: Model, path: str, slot: int, quality: str) -> SustainRepetition:
    """Hold a bank note for 20 s at its own key and measure repetition after its first two seconds."""
    note = model.bank[slot]
    audio = _play(Patch(path, slot, slot, quality=quality), note.pitch, _HELD_S)
    return SustainRepetition(
        note.name, repetition(band_levels_db(audio[round(_SETTLED_S * ENGINE_RATE) :], ENGINE_RATE))
    )


def measure_purity(model: Model, path: str, slot: int, quality: str, data: Path | None = None) -> Purity:
    """Hold a bank note for 3 s at its own key, moving as recorded, with and without partials locked to the key.

    Recordings in the folder ``data`` are measured too; missing ones are left out.
    """
    note = model.bank[slot]
    f0_hz = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
    plain = Patch(path, slot, slot, quality=quality)
    free, locked = (_play(plain.with_param("lock", lock), note.pitch, _VIBRATO_S) for lock in (0.0, 1.0))
    recording = audio_path(data, note.name) if data else None
    recorded_db = None
    if recording and recording.is_file():
        samples, _ = read_audio_file(recording, rate=ENGINE_RATE)
        held = samples[: round(_VIBRATO_S * ENGINE_RATE)].astype(np.float64)
        recorded_db = harmonics_over_rest_db(held, f0_hz)
    free_db, locked_db = (harmonics_over_rest_db(each, f0_hz) for each in (free, locked))
    return Purity(note.name, free_db, locked_db, recorded_db)


def motion_report(
    model: Model, path: str, settings: MotionSettings, progress: Callable[[int, int], None]
) -> MotionReport:
    """Play randomly chosen bank notes and measure them. Notes that die away are left out: they have no sustain.

    Args:
        model: the model.
        path: its file.
        settings: which notes to play and how.
        progress: called with (notes done, all notes).

    Raises:
        UserError: the bank has no steady note up to the highest key.
    """
    steady = [
        i
        for i, note in enumerate(model.bank)
        if note.pitch <= settings.highest and _is_steady(note.gain_db, note.marks.loop_start, note.marks.loop_end)
    ]
    if not steady:
        raise UserError(f"no steady note up to key {settings.highest} in this model's bank; give a higher --highest")
    slots = np.random.default_rng(settings.seed).permutation(steady)[: settings.count]
    vibratos, held, purity = [], [], []
    for i, slot in enumerate(map(int, slots)):
        vibratos.append(measure_vibrato(model, path, slot, settings.quality))
        held.append(measure_sustain(model, path, slot, settings.quality))
        purity.append(measure_purity(model, path, slot, settings.quality, settings.data))
        progress(i + 1, len(slots))
    return MotionReport(tuple(vibratos), tuple(held), tuple(purity))


def _is_steady(gain_db: NDArray[np.float32], start: int, end: int) -> bool:
    return bool(abs(float(gain_db[end - 1] - gain_db[start])) < 3.0)


def _play(patch: Patch, key: int, seconds: float) -> Floats:
    engine = Engine(seed=1)
    with BlasThreadLimit():
        engine.install(prepare_instrument(patch.model, patch.quality), patch)
        audio = render_events(engine, [Event(0, NoteOn(key))], round(seconds * ENGINE_RATE))
    return audio.mean(axis=1).astype(np.float64)


def _loudest_partial(mono: Floats, f0_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(mono * np.blackman(len(mono))))
    bin_hz = ENGINE_RATE / len(mono)
    levels = [spectrum[int(f0_hz * h * 0.97 / bin_hz) : int(f0_hz * h * 1.03 / bin_hz) + 1].max() for h in _PARTIALS]
    return f0_hz * (1 + int(np.argmax(levels)))
