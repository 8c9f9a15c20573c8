"""Decoded unit frames to a lane's summed spectrum: level, transposition, phase (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import COLUMNS, PARTS, DetailContext, PartWeights, add_detail
from synth_app.engine.spectral.low_note_harmonics import rebuild_partials
from synth_app.engine.spectral.noise_limit import limit_tonal, shares_of_partials
from synth_app.engine.spectral.peak_transpose import MovedFrame, PeakShape, Transposition, peak_shape, shift_peaks
from synth_app.engine.spectral.spectral_tilt import LEAST_TILT, tilt_frame
from synth_app.engine.spectral.tilt_axis import octaves_about_pivot
from synth_app.engine.spectral.voice_filter import SETTINGS, set_bin_gains
from synth_app.phase import UNKNOWN, KernelTables, StereoSum, StudioState, SweepState, prime, studio_add, sweep_add
from synth_app.phase.vectors import (
    WIDTH,
    element_indices,
    floats,
    from_bits,
    greatest,
    load,
    select,
    store,
    to_floats,
    to_ints,
)
from synth_app.support.kernels import internal, public

Float32s = NDArray[np.float32]
_f = np.float32
_LOG2_PER_DB = _f(np.log2(10.0) / 20.0)
MOST_RAISED_DB = _f(40.0)
_LOWEST_DB, _HIGHEST_DB = _f(-200.0), _f(20.0)
_ABOVE_0 = 64  # octaves; makes every level positive, so that conversion to an integer rounds down
# 2^f on [0, 1): least-squares polynomial, relative error below 2e-7 * 10 (0.00002 dB)
_C = tuple(_f(c) for c in np.polynomial.chebyshev.Chebyshev.interpolate(np.exp2, 5, [0, 1]).convert(
    kind=np.polynomial.Polynomial).coef)  # fmt: skip
_C0, _C1, _C2, _C3, _C4, _C5 = _C


class FrameShaping(NamedTuple):
    """Settings for every decoded frame.

    Attributes:
        floor_db: level of its floor. lock: harmonic lock, 0-1, as in ``Transposition``.
        filter_type, four_poles: of the filters, as for ``params.filter.dampings``.
        bin_hz: distance of bins.
    """

    floor_db: float
    lock: float
    filter_type: int
    four_poles: bool
    bin_hz: float


class FrameScratch(NamedTuple):
    """Work arrays for one frame at a time.

    Attributes:
        shape_db, moved_db, magnitude: float32 [bins]. partials: float32 [3, bins].
        sums: float64 [bins + 1].
        peak: lobe of the model's window.
        octaves: float32 [bins], distance from 1 kHz.
    """

    shape_db: Float32s
    moved_db: Float32s
    magnitude: Float32s
    partials: Float32s
    sums: NDArray[np.float64]
    peak: PeakShape
    octaves: Float32s


def new_scratch(bins: int, window_name: str, bin_hz: float) -> FrameScratch:
    """Make scratch for frames of ``bins`` bins, ``bin_hz`` apart, of a window."""
    f32 = np.float32
    return FrameScratch(
        np.zeros(bins, f32), np.zeros(bins, f32), np.zeros(bins, f32), np.zeros((3, bins), f32),
        np.zeros(bins + 1), peak_shape(window_name), octaves_about_pivot(bins, bin_hz),
    )  # fmt: skip


class VoiceFrames(NamedTuple):
    """Settings of each sounding voice for one tick, in rows 0 to n-1.

    Attributes:
        row: int32 [v], index of the voice.
        z: float32 [v, latent], latent vectors.
        gain_db: float32 [v].
        pitch: float32 [v], MIDI key to decode at, for pitch-conditioned models.
        ratio: float32 [v], frequency ratio.
        spacing: float32 [v], bins between the source's partials.
        follows: float32 [v], 0-1, how far the sound follows the keys; one without a pitch has no harmonics to lock to.
        left, right: float32 [v], linear gain of the channels.
        tilt: float32 [v], dB per octave.
        formant: float32 [v], 0-1, as in ``Transposition``.
        recording: int64 [v, PARTS], recordings that the voice mixes, as rows of ``DetailTables``.
        detail: float32 [v, PARTS, COLUMNS], weights of their corrections.
        blend: float32 [v], weight of the correction from before a sudden change, as in ``add_detail``.
        filter: float32 [v, SETTINGS], of the filter, as in ``voice_filter``.
    """

    row: NDArray[np.int32]
    z: Float32s
    gain_db: Float32s
    pitch: Float32s
    ratio: Float32s
    spacing: Float32s
    follows: Float32s
    left: Float32s
    right: Float32s
    tilt: Float32s
    formant: Float32s
    recording: NDArray[np.int64]
    detail: Float32s
    blend: Float32s
    filter: Float32s


def new_frames(voices: int, latent_size: int) -> VoiceFrames:
    """Make rows for ``voices`` voices."""
    f32 = np.float32
    return VoiceFrames(
        np.zeros(voices, np.int32), np.zeros((voices, latent_size), f32), np.zeros(voices, f32),
        np.full(voices, 60.0, f32),
        np.ones(voices, f32), np.ones(voices, f32), np.ones(voices, f32), np.ones(voices, f32), np.ones(voices, f32),
        np.zeros(voices, f32), np.zeros(voices, f32), np.zeros((voices, PARTS), np.int64),
        np.zeros((voices, PARTS, COLUMNS), f32), np.zeros(voices, f32), np.zeros((voices, SETTINGS), f32),
    )  # fmt: skip


class FrameContext(NamedTuple):
    """What the frames of one lane need at a tick.

    Attributes:
        frames: settings of the voices.
        shaping: settings of all frames.
        scratch: work arrays.
        tables: of the phase stage, for the lane's present hop.
        detail: corrections of the notes.
    """

    frames: VoiceFrames
    shaping: FrameShaping
    scratch: FrameScratch
    tables: KernelTables
    detail: DetailContext


@public
def unit_to_db(unit: Float32s, floor_db: float, shape_db: Float32s) -> None:
    """Convert a frame from [-1, 1] to dB and shift its maximum to 0 dB; NaN becomes the floor.

    Frames had their maximum at 0 dB before encoding. A decoder that blurs peaks lowers them: sixteen principal
    components by 20 dB, so without the shift such a model would be that much quieter than others.
    """
    half, n = _f(floor_db * 0.5), unit.shape[0]
    tops = floats(_f(-1.0))
    for k in range(0, n, WIDTH):
        x = load(unit, k)
        x = select((x > _f(-1.0)) & (element_indices() + k < n), x, _f(-1.0))
        tops = max(tops, x)
        store(shape_db, k, (_f(1.0) - x) * half)
    raise_db = _f(min(max(-(_f(1.0) - greatest(tops)) * half, -MOST_RAISED_DB), MOST_RAISED_DB))
    for k in range(0, n, WIDTH):
        store(shape_db, k, max(load(shape_db, k) + raise_db, _LOWEST_DB))


@public
def db_to_amplitude(level_db: Float32s, gain_db: float, out: Float32s) -> None:
    """Compute out = 10^((level + gain) / 20), as 2^n from the exponent bits times a polynomial."""
    gain = _f(gain_db)
    for k in range(0, level_db.shape[0], WIDTH):
        y = min(max(load(level_db, k) + gain, _LOWEST_DB), _HIGHEST_DB) * _LOG2_PER_DB
        whole = to_ints(y + _ABOVE_0) - _ABOVE_0
        f = y - to_floats(whole)
        part = _C0 + f * (_C1 + f * (_C2 + f * (_C3 + f * (_C4 + f * _C5))))
        store(out, k, part * from_bits((whole + 127) << 23))


@internal
def prepare_magnitude(unit: Float32s, i: int, context: FrameContext, state: SweepState) -> float:
    """Compute the linear magnitudes (full-scale sine = 1) of row ``i`` in the scratch, and what is known of their bins.

    Returns:
        fraction of the power that is in rebuilt partials.
    """
    frames, scratch = context.frames, context.scratch
    rebuilt = _shape_magnitude(unit, i, context, state)
    parts = PartWeights(frames.recording[i], frames.detail[i])
    limit_tonal(scratch.magnitude, frames.spacing[i] * frames.ratio[i], context.detail.tables, parts, scratch.sums,
                state.max_tonal[frames.row[i]])  # fmt: skip
    return rebuilt


@internal
def _shape_magnitude(unit: Float32s, i: int, context: FrameContext, state: SweepState) -> float:
    """Compute the magnitudes, and the frequencies of moved partials; the result is that of ``prepare_magnitude``."""
    frames, shaping, scratch = context.frames, context.shaping, context.scratch
    voice = frames.row[i]
    moved = MovedFrame(scratch.moved_db, state.known_delta[voice], state.min_tonal[voice])
    moved.min_tonal[:] = _f(0.0)
    unit_to_db(unit[i], shaping.floor_db, scratch.shape_db)
    parts = PartWeights(frames.recording[i], frames.detail[i])
    add_detail(scratch.shape_db, voice, parts, frames.blend[i], frames.pitch[i], frames.spacing[i], context.detail)
    ratio, lock = frames.ratio[i], shaping.lock * frames.follows[i]
    unmoved, tilted = ratio == _f(1.0) and lock == 0.0, abs(frames.tilt[i]) > LEAST_TILT
    if unmoved and tilted:
        tilt_frame(scratch.shape_db, scratch.octaves, frames.tilt[i])
    db_to_amplitude(scratch.shape_db, frames.gain_db[i], scratch.magnitude)
    if unmoved:
        moved.known_delta[:] = UNKNOWN
        return 0.0
    transposition = Transposition(ratio, frames.formant[i], frames.spacing[i], lock, shaping.floor_db)
    shift_peaks(scratch.shape_db, scratch.magnitude, transposition, scratch.peak, scratch.sums, moved)
    shares_of_partials(context.detail.tables, parts, scratch.partials[2])
    rebuilt = rebuild_partials(
        scratch.magnitude, frames.gain_db[i], transposition, scratch.peak, scratch.sums, scratch.partials, moved
    )
    if tilted:
        tilt_frame(scratch.moved_db, scratch.octaves, frames.tilt[i])
    db_to_amplitude(scratch.moved_db, frames.gain_db[i], scratch.magnitude)
    return rebuilt


@internal
def _set_filter(i: int, context: FrameContext, state: SweepState) -> None:
    """Set the gains of row ``i``'s filter, for the magnitudes in the scratch."""
    frames, shaping, voice = context.frames, context.shaping, context.frames.row[i]
    set_bin_gains(context.scratch.magnitude, voice, frames.filter[i], shaping.filter_type, shaping.four_poles,
                  shaping.bin_hz, state, context.tables)  # fmt: skip


@public
def add_frames(
    unit: Float32s, first: int, n: int, context: FrameContext, state: SweepState, left: Float32s, right: Float32s
) -> None:
    """Estimate phases for ``n`` rows' frames from ``first`` on, and add them to the spectra [2 (re, im), bins]."""
    frames, scratch = context.frames, context.scratch
    for i in range(first, first + n):
        prepare_magnitude(unit, i, context, state)
        _set_filter(i, context, state)
        out = StereoSum(frames.left[i], frames.right[i], left, right)
        sweep_add(scratch.magnitude, state, frames.row[i], context.tables, out)


@public
def add_studio_frames(
    unit: Float32s, n: int, context: FrameContext, state: SweepState, studio: StudioState, iterations: int,
    left: Float32s, right: Float32s,
) -> None:  # fmt: skip
    """Add frames as ``add_frames`` from row 0 on, each fitted to its voice's output by ``iterations`` iterations."""
    frames, scratch = context.frames, context.scratch
    for i in range(n):
        rebuilt = prepare_magnitude(unit, i, context, state)
        _set_filter(i, context, state)
        # rebuilt partials are already consistent; iterations would bend them
        needed = int(iterations * (1.0 - rebuilt) + 0.5)
        out = StereoSum(frames.left[i], frames.right[i], left, right)
        studio_add(scratch.magnitude, state, studio, frames.row[i], context.tables, needed, out)


@public
def prime_voices(unit: Float32s, first: int, n: int, context: FrameContext, state: SweepState) -> None:
    """Set ``n`` rows' frames from ``first`` on as their voices' past, as if they had been held before."""
    for i in range(first, first + n):
        prepare_magnitude(unit, i, context, state)
        prime(context.scratch.magnitude, state, context.frames.row[i], context.tables)
