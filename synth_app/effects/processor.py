"""The interface of an effect's processor."""

from abc import ABC, abstractmethod

from synth_app.effects.glides import Tail
from synth_app.effects.sample_kernels import Floats, Samples


class EffectProcessor(ABC):
    """Processes one stereo signal, block by block, on the sample clock.

    The chain makes it from the sample rate in Hz and the smoothing coefficient of every parameter of the table.
    """

    @abstractmethod
    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """Glide to parameter values; the first call sets them at once.

        Args:
            params: float64, values in their units, in table order.
            tempo_bpm: quarter notes per minute.
        """

    @abstractmethod
    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place, without allocating."""

    @abstractmethod
    def skip_silence(self) -> bool:
        """Return True if a block of zeros stays one; the state is then as if the block had been processed."""

    @property
    def ringing(self) -> bool:
        """Whether the effect may sound on after its input has ended."""
        return False

    def fade_out(self) -> None:  # noqa: B027  # an effect without a tail has nothing to fade
        """Fade a tail to silence within 64 ms."""


class TailProcessor(EffectProcessor):
    """An effect with a tail."""

    tail: Tail

    @property
    def ringing(self) -> bool:
        """Whether the tail sounds, or may sound soon."""
        return self.tail.awake

    def skip_silence(self) -> bool:
        """As ``EffectProcessor.skip_silence``; False while the tail is awake."""
        return self.tail.skip_silence()

    def fade_out(self) -> None:
        """Fade the tail to silence within 64 ms."""
        self.tail.fade_out()
