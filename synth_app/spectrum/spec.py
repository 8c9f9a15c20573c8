"""Analysis settings of magnitude frames, stored with every model."""

from dataclasses import dataclass

from synth_app.spectrum.windows import WINDOWS
from synth_app.support.errors import UserError

MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 192_000
MAX_N_FFT = 16_384


@dataclass(frozen=True)
class FrameSpec:
    """Analysis settings of a set of magnitude frames.

    Attributes:
        sample_rate: Hz.
        n_fft: window and transform length in samples, even.
        hop_length: samples between frame centres.
        window: name, one of ``spectrum.WINDOWS``.
        floor_db: level below the frame's maximum at which a bin is cut off, negative dB.
    """

    sample_rate: int
    n_fft: int
    hop_length: int
    window: str = "hann"
    floor_db: float = -100.0

    def __post_init__(self) -> None:
        """Check the ranges. Raises UserError."""
        if not MIN_RATE_HZ <= self.sample_rate <= MAX_RATE_HZ:
            raise UserError(f"sample_rate {self.sample_rate} Hz is outside {MIN_RATE_HZ}-{MAX_RATE_HZ} Hz")
        if not 32 <= self.n_fft <= MAX_N_FFT or self.n_fft % 2:
            raise UserError(f"n_fft {self.n_fft} must be even and within 32-{MAX_N_FFT}")
        if not 1 <= self.hop_length <= self.n_fft:
            raise UserError(f"hop_length {self.hop_length} must be within 1-{self.n_fft} (n_fft)")
        if self.window not in WINDOWS:
            raise UserError(f"unknown window {self.window!r}; choose one of {', '.join(WINDOWS)}")
        if not -200.0 <= self.floor_db <= -20.0:
            raise UserError(f"floor_db {self.floor_db} must be within -200 to -20 dB")

    @property
    def bins(self) -> int:
        """Number of frequency bins, n_fft/2 + 1."""
        return self.n_fft // 2 + 1

    @property
    def hop_seconds(self) -> float:
        """Time between frame centres in seconds."""
        return self.hop_length / self.sample_rate

    def __str__(self) -> str:
        """Return the settings in one line, to print beside figures in dB."""
        return (
            f"{self.sample_rate} Hz, n_fft {self.n_fft}, {self.window}, hop {self.hop_length}, "
            f"floor {self.floor_db:g} dB"
        )


# Frames of the reference study: 1024-point Hamming window, 50 % overlap, 16 kHz.
PAPER_SPEC = FrameSpec(16_000, 1024, 512, "hamming", -100.0)
# Full band at the usual device rate: playing needs no rate conversion.
FULL_BAND_SPEC = FrameSpec(48_000, 2048, 512, "hann", -100.0)
