"""The fade of a whole instrument while it crosses over with another."""

from synth_app.patch.patch import ENGINE_RATE

_FADE_S = 0.04


class Fade:
    """A linear gain between 0 and 1, advanced sample by sample.

    Attributes:
        gain: present gain.
        step: change per sample; positive while the instrument fades in or plays, negative while it fades out.
    """

    def __init__(self) -> None:
        self.gain, self.step = 1.0, 0.0

    def begin(self, *, from_silence: bool) -> None:
        """Start at full gain, or fade in from silence."""
        self.gain, self.step = (0.0 if from_silence else 1.0), 1.0 / (_FADE_S * ENGINE_RATE)

    def begin_out(self) -> None:
        """Start to fade out."""
        self.step = -1.0 / (_FADE_S * ENGINE_RATE)

    def skip(self, samples: int) -> None:
        """Advance by samples that are not rendered, by the same additions as rendered ones."""
        fading = self.gain < 1.0 if self.step > 0.0 else self.gain > 0.0
        for _ in range(samples if fading else 0):
            self.gain = min(max(self.gain + self.step, 0.0), 1.0)

    @property
    def faded_out(self) -> bool:
        """Whether a fade-out has ended."""
        return self.gain <= 0.0 and self.step < 0.0
