"""Windows and frames against scipy.signal, librosa and closed forms."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.spectrum import WINDOWS, FrameSpec, db_frames, stft_frames, window
from synth_app.spectrum.windows import GAUSSIAN_WIDTH
from synth_app.support.compiling.librosa_import import librosa
from synth_app.support.errors import UserError


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman"])
@pytest.mark.parametrize("n", [32, 1024, 2048])
def test_window_equals_scipys_periodic_one(name: str, n: int) -> None:
    np.testing.assert_allclose(window(name, n), scipy.signal.get_window(name, n, fftbins=True), atol=1e-14)


def test_gaussian_window_equals_scipys_of_the_same_width() -> None:
    n = 1024
    deviation = n * np.sqrt(GAUSSIAN_WIDTH / (2 * np.pi))
    np.testing.assert_allclose(window("gaussian", n), scipy.signal.get_window(("gaussian", deviation), n), atol=1e-12)


def test_window_refuses_unknown_names_and_lengths() -> None:
    with pytest.raises(UserError, match="unknown window 'kaiser'"):
        window("kaiser", 64)
    with pytest.raises(UserError, match="too short"):
        window("hann", 1)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("bin_index", [20, 100])
def test_full_scale_sine_on_a_bin_is_0_db(name: str, bin_index: int) -> None:
    spec = FrameSpec(16_000, 1024, 256, name)
    t = np.arange(8192)
    frames = db_frames(np.sin(2 * np.pi * bin_index * t / 1024).astype(np.float32), spec)
    inner = frames[4:-4]
    np.testing.assert_allclose(inner.max(axis=1), 0.0, atol=2e-3)
    assert (inner.argmax(axis=1) == bin_index).all()


def test_level_follows_amplitude() -> None:
    spec = FrameSpec(16_000, 1024, 256, "hann")
    sine = np.sin(2 * np.pi * 64 * np.arange(8192) / 1024).astype(np.float32)
    np.testing.assert_allclose(db_frames(0.05 * sine, spec)[8].max(), 20 * np.log10(0.05), atol=2e-3)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    st.integers(1, 5000),
    st.sampled_from([(256, 64), (256, 256), (512, 100), (64, 1)]),
    st.sampled_from(["hann", "hamming", "blackman"]),
    st.integers(0, 2**32 - 1),
)
def test_stft_equals_librosas_centred_one(length: int, sizes: tuple[int, int], name: str, seed: int) -> None:
    n_fft, hop = sizes
    spec = FrameSpec(16_000, n_fft, hop, name)
    audio = np.random.default_rng(seed).standard_normal(length).astype(np.float32)
    frames = stft_frames(audio, spec)
    # librosa takes the tail only as far as whole hops go; more zeros behind change no frame.
    longer = np.concatenate([audio, np.zeros(2 * n_fft, np.float32)])
    expected = librosa.stft(longer, n_fft=n_fft, hop_length=hop, window=name, center=True, pad_mode="constant").T
    assert frames.shape == (-(-length // hop), n_fft // 2 + 1)
    np.testing.assert_allclose(frames, expected[: len(frames)], atol=2e-4)


def test_long_audio_is_framed_like_short_audio() -> None:
    spec = FrameSpec(16_000, 64, 4)
    audio = np.random.default_rng(0).standard_normal(4 * 5000).astype(np.float32)
    whole = stft_frames(audio, spec)
    start = 4 * 3000
    np.testing.assert_allclose(whole[3020:3030], stft_frames(audio[start:], spec)[20:30], atol=1e-5)


def test_no_audio_has_no_frames_and_silence_is_finite() -> None:
    spec = FrameSpec(16_000, 256, 64)
    assert db_frames(np.zeros(0, np.float32), spec).shape == (0, 129)
    np.testing.assert_allclose(db_frames(np.zeros(1000, np.float32), spec), -200.0, atol=1e-3)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sample_rate": 100}, "sample_rate 100"),
        ({"n_fft": 1023}, "n_fft 1023"),
        ({"n_fft": 65_536}, "n_fft 65536"),
        ({"hop_length": 0}, "hop_length 0"),
        ({"hop_length": 1025}, "hop_length 1025"),
        ({"window": "box"}, "'box'"),
        ({"floor_db": 0.0}, "floor_db 0"),
    ],
)
def test_spec_refuses_impossible_settings(changed: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        FrameSpec(**{"sample_rate": 16_000, "n_fft": 1024, "hop_length": 512, **changed})  # type: ignore[arg-type]


def test_spec_has_bins_and_time_and_prints_all_settings() -> None:
    spec = FrameSpec(16_000, 1024, 512, "hamming", -90.0)
    assert spec.bins == 513
    assert spec.hop_seconds == pytest.approx(0.032)
    for part in ("16000", "1024", "512", "hamming", "-90"):
        assert part in str(spec)
