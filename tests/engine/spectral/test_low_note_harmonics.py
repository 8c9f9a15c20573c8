"""Partials of low keys, rebuilt from blurred frames: positions, levels, and what stays unchanged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth_app.engine.spectral.low_note_harmonics import WIDEST_BINS, rebuild_partials
from synth_app.engine.spectral.peak_transpose import MovedFrame, Transposition, peak_shape, shift_peaks
from synth_app.phase import UNKNOWN
from synth_app.spectrum import FrameSpec, db_frames

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
SPEC = FrameSpec(48_000, 2048, 512, "hann")
BIN_HZ = SPEC.sample_rate / SPEC.n_fft
C2_HZ = 65.406
LEVELS = np.array([0.5, 1.0, 0.2, 0.7, 0.4, 0.1, 0.5, 0.3, 0.3, 0.2])


def _blurred(f0_hz: float, levels: NDArray[np.floating] = LEVELS) -> F32:
    """The best frame of a tone that a decoder can give: the mean in dB of beating frames, relative to its maximum."""
    t = np.arange(48_000) / SPEC.sample_rate
    rng = np.random.default_rng(3)
    tone = sum(a * np.sin(2 * np.pi * (f0_hz * (h + 1) * t + rng.random())) for h, a in enumerate(levels))
    mean = db_frames(np.asarray(0.1 * tone, np.float32), SPEC)[8:-8].mean(axis=0)
    return np.asarray(np.maximum(mean - mean.max(), -80.0), np.float32)


def moved_to(out: NDArray[np.float32]) -> MovedFrame:
    """A transposed frame whose levels go into ``out``."""
    return MovedFrame(out, np.zeros_like(out), np.zeros_like(out))


def _rebuilt(
    frame: F32, f0_hz: float, ratio: float = 1.0, formant: float = 1.0, lock: float = 1.0, gain_db: float = 0.0
) -> tuple[F32, F32, F32]:
    """Return the frame in dB, the known frequencies in Hz (NaN: none), and the least tonal fractions."""
    out, known_delta, min_tonal = (np.zeros_like(frame) for _ in range(3))
    sums, spacing, shape = np.zeros(len(frame) + 1), f0_hz / BIN_HZ, peak_shape(SPEC.window)
    amplitude = (10 ** ((frame + gain_db) / 20)).astype(np.float32)
    transposition, moved = (
        Transposition(ratio, formant, spacing, lock, SPEC.floor_db),
        MovedFrame(out, known_delta, min_tonal),
    )
    shift_peaks(frame, amplitude, transposition, shape, sums, moved)
    partials = np.zeros((3, len(frame)), np.float32)
    rebuild_partials(amplitude, gain_db, transposition, shape, sums, partials, moved)
    known = np.where(
        known_delta < UNKNOWN, known_delta + np.arange(len(known_delta), dtype=np.float32), np.float32(np.nan)
    )
    return out, np.asarray(known * BIN_HZ, np.float32), min_tonal


@pytest.mark.parametrize("ratio", [0.9885, 1.0, 1.06])
@pytest.mark.parametrize("f0_hz", [55.0, C2_HZ, 87.3])
def test_every_partial_is_at_its_harmonic(f0_hz: float, ratio: float) -> None:
    """Known frequencies are those of the nearest partial or of a louder neighbour, and every partial is present."""
    out, told_hz, min_tonal = _rebuilt(_blurred(f0_hz), f0_hz, ratio, gain_db=-23.0)
    top = round(f0_hz * ratio * (len(LEVELS) + 0.3) / BIN_HZ)
    numbers = told_hz[2:top] / (f0_hz * ratio)
    known = ~np.isnan(numbers)
    assert known.mean() > 0.75
    np.testing.assert_allclose(numbers[known], np.round(numbers[known]), rtol=3e-6)
    assert set(np.round(numbers[known])) == set(range(1, len(LEVELS) + 1))
    assert min_tonal[2:top][known].min() > 0.99
    assert out[top + 3 : top + 40].max() < -40.0  # no partial is created where there was only a skirt


def test_a_rebuilt_partial_is_a_window_lobe_with_the_original_level() -> None:
    """Levels are within 2 dB of the tone's, as the blur allows; shapes are exact around the loudest bin."""
    out, *_ = _rebuilt(_blurred(C2_HZ), C2_HZ)
    places = C2_HZ * np.arange(1, 11) / BIN_HZ
    k = np.round(places).astype(int)
    other = np.where(places > k, k + 1, k - 1)
    at, beside = (20 * np.log10(np.sinc(places - j) / (1 - (places - j) ** 2)) for j in (k, other))  # a Hann window's
    loud = LEVELS > 0.25
    np.testing.assert_allclose((out[k] - out[other])[loud], (at - beside)[loud], atol=0.05)
    difference = (out[k] - at) - 20 * np.log10(LEVELS)
    assert np.abs(difference - np.median(difference)).max() < 2.0


def test_the_envelope_can_stay_in_place() -> None:
    """A fifth up with formants in place: a partial gets the level of the envelope at its new position."""
    falling = 10.0 ** (-0.15 * np.arange(30))  # 3 dB per harmonic
    frame = _blurred(C2_HZ, falling)
    kept, *_ = _rebuilt(frame, C2_HZ, 1.5, formant=0.0)
    moved, *_ = _rebuilt(frame, C2_HZ, 1.5, formant=1.0)
    for h in (4, 8, 12):
        k = round(1.5 * C2_HZ * h / BIN_HZ)
        assert kept[k] - moved[k] == pytest.approx(-1.5 * h, abs=2.0)


@pytest.mark.parametrize(("f0_hz", "lock"), [(C2_HZ, 0.0), (WIDEST_BINS * BIN_HZ, 1.0), (261.6, 1.0)])
def test_nothing_is_rebuilt_without_lock_or_at_wide_spacing(f0_hz: float, lock: float) -> None:
    frame = _blurred(f0_hz)
    out = np.zeros_like(frame)
    amplitude = (10 ** (frame / 20)).astype(np.float32)
    sums, shape = np.zeros(len(frame) + 1), peak_shape(SPEC.window)
    transposition = Transposition(1.02, 1.0, f0_hz / BIN_HZ, lock, SPEC.floor_db)
    shift_peaks(frame, amplitude, transposition, shape, sums, moved_to(out))
    found, _, min_tonal = _rebuilt(frame, f0_hz, 1.02, lock=lock)
    np.testing.assert_array_equal(found, out)
    assert not min_tonal.any()


def test_noise_is_not_rebuilt() -> None:
    """The mean of noise frames, as decoders produce it, stays unchanged; a single frame changes little."""
    rng = np.random.default_rng(5)
    frames = db_frames(rng.normal(0, 0.1, 96_000).astype(np.float32), SPEC)[8:-8]
    mean = (frames.mean(axis=0) - frames.mean(axis=0).max()).astype(np.float32)
    _, _, min_tonal = _rebuilt(mean, C2_HZ)
    assert not min_tonal.any()
    shares = [_rebuilt(frame - frame.max(), C2_HZ)[2].mean() for frame in frames[::10]]
    assert np.mean(shares) < 0.2


@pytest.mark.parametrize("number", [1.4, 2.76, 3.27, 7.25])
def test_a_clear_peak_between_harmonics_stays(number: float) -> None:
    """A bar's second mode or a stiff string's high partial, alone in its frame."""
    t = np.arange(24_000) / SPEC.sample_rate
    source = db_frames(np.asarray(0.1 * np.sin(2 * np.pi * C2_HZ * number * t), np.float32), SPEC)[20]
    frame = np.asarray(np.maximum(source - source.max(), -80.0), np.float32)
    out, told_hz, _ = _rebuilt(frame, C2_HZ)
    assert told_hz[np.argmax(out)] == pytest.approx(C2_HZ * number, abs=0.5)


def test_levels_do_not_depend_on_the_gain_of_the_frame() -> None:
    frame = _blurred(C2_HZ)
    loud, soft = _rebuilt(frame, C2_HZ), _rebuilt(frame, C2_HZ, gain_db=-23.0)
    np.testing.assert_allclose(loud[0], soft[0], atol=0.01)


def test_rebuilding_fades_out_where_lobes_come_apart() -> None:
    """A glide through five bins must not step: the changes fade out along the way."""
    changes = []
    for spacing in (4.0, 4.5, 4.9, 4.99):
        f0_hz = spacing * BIN_HZ
        frame = _blurred(f0_hz)
        made, _, min_tonal = _rebuilt(frame, f0_hz)
        out = np.zeros_like(frame)
        amplitude, sums = (10 ** (frame / 20)).astype(np.float32), np.zeros(len(frame) + 1)
        transposition = Transposition(1.0, 1.0, spacing, 1.0, SPEC.floor_db)
        shift_peaks(frame, amplitude, transposition, peak_shape("hann"), sums, moved_to(out))
        changes.append((float(np.abs(made - out)[: int(spacing * 10)].mean()), float(min_tonal.max())))
    assert [c for c, _ in changes] == sorted((c for c, _ in changes), reverse=True)
    assert [p for _, p in changes] == sorted((p for _, p in changes), reverse=True)
    assert changes[-1][0] < 0.1
    assert changes[-1][1] < 0.02


@pytest.mark.parametrize("bins", [9, 257])
@pytest.mark.parametrize("ratio", [0.05, 0.7, 1.0, 20.0])
@pytest.mark.parametrize("spacing", [1.0, 1.37, 3.0, 4.99])
def test_no_index_is_out_of_range(bins: int, ratio: float, spacing: float) -> None:
    """Compiled code does not check indices, so the rows are surrounded by guards that must not change."""
    frame = -np.abs(np.random.default_rng(bins).normal(0, 20, bins)).astype(np.float32)
    guard = 64
    rows = np.full((6, bins + 2 * guard), 7.0, np.float32)
    inside = slice(guard, guard + bins)
    out, known_delta, min_tonal = (rows[i, inside] for i in range(3))
    planes = np.full((2 * guard + 2, bins), 7.0, np.float32)
    partials = planes[guard : guard + 2]
    sums = np.zeros(bins + 1)
    amplitude, shape = (10 ** (frame / 20)).astype(np.float32), peak_shape("hann")
    out[:], known_delta[:], min_tonal[:] = frame, UNKNOWN, 0.0
    transposition = Transposition(ratio, 0.0, spacing, 1.0, SPEC.floor_db)
    moved = MovedFrame(out, known_delta, min_tonal)
    fraction = rebuild_partials(amplitude, 0.0, transposition, shape, sums, partials, moved)
    assert 0.0 <= fraction <= 1.0
    assert np.isfinite(out).all()
    assert (np.delete(rows, np.arange(guard, guard + bins), axis=1) == 7.0).all()
    assert (planes[:guard] == 7.0).all()
    assert (planes[guard + 2 :] == 7.0).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**31), f0_hz=st.floats(23.5, 130.0), ratio=st.floats(0.05, 20.0), formant=st.floats(0.0, 1.0),
    lock=st.floats(0.0, 1.0), spread=st.floats(0.0, 60.0),
)  # fmt: skip
def test_any_frame_stays_finite_and_bounded(
    seed: int, f0_hz: float, ratio: float, formant: float, lock: float, spread: float
) -> None:
    frame = -np.abs(np.random.default_rng(seed).normal(0, spread, SPEC.bins)).clip(0, 100).astype(np.float32)
    out, told_hz, min_tonal = _rebuilt(frame, f0_hz, ratio, formant, lock)
    assert np.isfinite(out).all()
    assert out.max() < 60.0
    assert (min_tonal >= 0).all()
    assert (min_tonal <= 1).all()
    assert np.nanmax(np.abs(told_hz / BIN_HZ - np.arange(len(out))), initial=0.0) <= 1.6
