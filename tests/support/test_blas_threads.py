"""The limit of BLAS threads: overlapping limits hold until the last one ends."""

from threadpoolctl import threadpool_info, threadpool_limits

from synth_app.support.blas_threads import BlasThreadLimit


def _threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_overlapping_limits_hold_until_the_last_ends() -> None:
    session = list(BlasThreadLimit._limits), BlasThreadLimit._active
    BlasThreadLimit._limits[:], BlasThreadLimit._active = [], 0  # the limit of the test session
    try:
        with threadpool_limits(2, user_api="blas"):
            first = BlasThreadLimit()
            second = BlasThreadLimit()
            assert _threads() == {1}
            first.close()
            first.close()
            assert _threads() == {1}, "the second limit is in force"
            second.close()
            assert _threads() == {2}
    finally:
        BlasThreadLimit._limits[:], BlasThreadLimit._active = session
