"""The governor on simulated machines: it must relieve an overload quickly and must not oscillate."""

from synth_app.engine.overload_governor import OverloadGovernor
from synth_app.patch.quality import Relief

SPAN_S = 128 / 48_000


def _run(governor: OverloadGovernor, seconds: float, cost: dict[Relief, float]) -> list[Relief]:
    """Feed blocks whose load depends on the relief; return the relief of every block."""
    steps = []
    for _ in range(round(seconds / SPAN_S)):
        if governor.block(cost[governor.relief] * SPAN_S, SPAN_S):
            steps.append(governor.relief)
    return steps


def _cost(none: float, no_iterations: float, frames: float, voices: float = 0.3) -> dict[Relief, float]:
    return dict(zip(Relief, (none, no_iterations, frames, voices), strict=True))


def test_a_low_load_changes_nothing() -> None:
    assert _run(OverloadGovernor(), 10.0, _cost(0.7, 0.7, 0.4)) == []


def test_single_late_blocks_change_nothing() -> None:
    governor = OverloadGovernor()
    for i in range(5000):
        assert not governor.block((8.0 if i % 200 == 0 else 0.4) * SPAN_S, SPAN_S)


def test_an_overload_is_relieved_within_a_tenth_of_a_second_and_no_further_than_needed() -> None:
    assert _run(OverloadGovernor(), 0.1, _cost(1.3, 1.3, 0.65)) == [Relief.NO_ITERATIONS, Relief.FEWER_FRAMES]
    assert _run(OverloadGovernor(), 0.1, _cost(1.3, 0.5, 0.3)) == [Relief.NO_ITERATIONS]


def test_steps_that_do_not_help_are_skipped() -> None:
    governor, steps = OverloadGovernor(), []
    for load in (1.5,) * 60 + (0.1,) * 6000:
        if governor.block(load * SPAN_S, SPAN_S, Relief.FEWER_FRAMES):
            steps.append(governor.relief)
    assert Relief.NO_ITERATIONS not in steps
    assert steps[0] == Relief.FEWER_FRAMES
    assert steps[-1] == Relief.NONE


def test_a_persistent_overload_ends_voices_repeatedly() -> None:
    steps = _run(OverloadGovernor(), 1.0, _cost(3.0, 3.0, 2.0, 1.5))
    assert steps[:3] == [Relief.NO_ITERATIONS, Relief.FEWER_FRAMES, Relief.FEWER_VOICES]
    assert steps[3:].count(Relief.FEWER_VOICES) > 10


def test_all_steps_are_undone_after_the_overload() -> None:
    governor = OverloadGovernor()
    _run(governor, 0.5, _cost(3.0, 3.0, 2.0, 0.6))
    assert governor.relief >= Relief.FEWER_FRAMES
    _run(governor, 10.0, _cost(0.1, 0.1, 0.1, 0.1))
    assert governor.relief == Relief.NONE


def test_recurring_overloads_make_attempts_to_undo_rarer() -> None:
    steps = _run(OverloadGovernor(), 60.0, _cost(1.2, 1.2, 0.3))
    back = [relief for relief in steps if relief < Relief.FEWER_FRAMES]
    assert len(back) < 14
    assert _run(OverloadGovernor(), 3.0, _cost(1.2, 1.2, 0.5)).count(Relief.NO_ITERATIONS) == 1  # no room: stays
