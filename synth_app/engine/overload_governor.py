"""Decides from the time that blocks take what quality to give up, and when to take it back."""

from synth_app.patch.quality import Relief

_AVERAGE_S = 0.04  # time constant of the load
_HIGH = 0.75  # average load that is too much
_NEARLY_LATE = 0.85  # share of its time that two blocks in a row may take
_SETTLE_S = 0.03  # after a step: its effect must show first
# what the load must stay under before a step is taken back: the step before it costs about that much more
_LOW = {Relief.NO_ROUNDS: 0.15, Relief.FEWER_FRAMES: 0.35, Relief.FEWER_VOICES: 0.7}
_PATIENCE_S = {Relief.NO_ROUNDS: 2.0, Relief.FEWER_FRAMES: 2.0, Relief.FEWER_VOICES: 0.2}
_LONGEST_PATIENCE_S = 64.0
_RELAPSE_S = 4.0  # a step taken back and needed again within this time doubles the patience


class OverloadGovernor:
    """Watches one thread's blocks.

    Attributes:
        relief: what must be given up now.
        load: average share of the time that rendering took.
    """

    def __init__(self) -> None:
        self.relief = Relief.NONE
        self.load = 0.0
        self._before = 0.0  # load of the block before
        self._since_step_s = _SETTLE_S
        self._calm_s = 0.0
        self._since_back_s = _RELAPSE_S
        self._caution = 1.0

    def block(self, work_s: float, span_s: float, first: Relief = Relief.NO_ROUNDS) -> bool:
        """Note that rendering a block of ``span_s`` took ``work_s``.

        Args:
            work_s, span_s: seconds.
            first: the first step that helps at all with what is playing.

        Returns:
            whether the engine must be told: the relief changed, or at its last step voices must end.
        """
        now = min(work_s / span_s, 2.0)  # one hiccup of the system is not an overload
        self.load += min(span_s / _AVERAGE_S, 1.0) * (now - self.load)
        overloaded = self.load > _HIGH or (now > _NEARLY_LATE and self._before > _NEARLY_LATE)
        self._before = now
        self._since_step_s += span_s
        self._since_back_s += span_s
        if overloaded:
            self._calm_s = 0.0
            return self._since_step_s >= _SETTLE_S and self._give_up(first)
        return self._take_back(span_s, first)

    def _give_up(self, first: Relief) -> bool:
        if self._since_back_s < _RELAPSE_S:
            self._caution = min(2.0 * self._caution, _LONGEST_PATIENCE_S)
            self._since_back_s = _RELAPSE_S
        self.relief = Relief(min(max(self.relief + 1, first), Relief.FEWER_VOICES))
        self._since_step_s = 0.0
        self._before = 0.0
        return True

    def _take_back(self, span_s: float, first: Relief) -> bool:
        if self.relief == Relief.NONE or self.load > _LOW[self.relief]:
            self._calm_s = 0.0
            return False
        self._calm_s += span_s
        if self._calm_s < min(_PATIENCE_S[self.relief] * self._caution, _LONGEST_PATIENCE_S):
            return False
        self.relief = Relief(self.relief - 1) if self.relief > first else Relief.NONE
        self._calm_s = self._since_back_s = 0.0
        return True
