"""Overload control: chooses from the render time of blocks which quality to give up, and when to restore it."""

from synth_app.patch.quality import Relief

_AVERAGE_S = 0.04  # time constant of the load
_HIGH = 0.75  # average load that is too much
_NEARLY_LATE = 0.85  # fraction of its duration that two blocks in a row may take
_SETTLE_S = 0.03  # wait after a step, until its effect shows
# the load must stay below this before a step is undone: the step before it costs about that much more
_LOW = {Relief.NO_ITERATIONS: 0.15, Relief.FEWER_FRAMES: 0.35, Relief.FEWER_VOICES: 0.7}
_PATIENCE_S = {Relief.NO_ITERATIONS: 2.0, Relief.FEWER_FRAMES: 2.0, Relief.FEWER_VOICES: 0.2}
_LONGEST_PATIENCE_S = 64.0
_RELAPSE_S = 4.0  # a step undone and needed again within this time doubles the patience


class OverloadGovernor:
    """Watches the blocks of one render thread.

    Attributes:
        relief: what to give up now.
        load: average render time as a fraction of the blocks' duration.
    """

    def __init__(self) -> None:
        self.relief = Relief.NONE
        self.load = 0.0
        self._previous = 0.0  # load of the previous block
        self._since_step_s = _SETTLE_S
        self._low_load_s = 0.0
        self._since_undo_s = _RELAPSE_S
        self._patience_factor = 1.0

    def block(self, work_s: float, span_s: float, first: Relief = Relief.NO_ITERATIONS) -> bool:
        """Record that rendering a block of ``span_s`` took ``work_s``.

        Args:
            work_s, span_s: seconds.
            first: the first step that reduces the work of the present instrument.

        Returns:
            whether to call ``Engine.relieve``: the relief changed, or at its last step voices must end.
        """
        now = min(work_s / span_s, 2.0)  # one interruption by the system is not an overload
        self.load += min(span_s / _AVERAGE_S, 1.0) * (now - self.load)
        overloaded = self.load > _HIGH or (now > _NEARLY_LATE and self._previous > _NEARLY_LATE)
        self._previous = now
        self._since_step_s += span_s
        self._since_undo_s += span_s
        if overloaded:
            self._low_load_s = 0.0
            return self._since_step_s >= _SETTLE_S and self._give_up(first)
        return self._restore(span_s, first)

    def _give_up(self, first: Relief) -> bool:
        if self._since_undo_s < _RELAPSE_S:
            self._patience_factor = min(2.0 * self._patience_factor, _LONGEST_PATIENCE_S)
            self._since_undo_s = _RELAPSE_S
        self.relief = Relief(min(max(self.relief + 1, first), Relief.FEWER_VOICES))
        self._since_step_s = 0.0
        self._previous = 0.0
        return True

    def _restore(self, span_s: float, first: Relief) -> bool:
        if self.relief == Relief.NONE or self.load > _LOW[self.relief]:
            self._low_load_s = 0.0
            return False
        self._low_load_s += span_s
        if self._low_load_s < min(_PATIENCE_S[self.relief] * self._patience_factor, _LONGEST_PATIENCE_S):
            return False
        self.relief = Relief(self.relief - 1) if self.relief > first else Relief.NONE
        self._low_load_s = self._since_undo_s = 0.0
        return True
