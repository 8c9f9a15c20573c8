"""The sample player: what is heard beside the engine, its switch and ends, and that the sum stays within full scale."""

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.audio.process import sample_player
from synth_app.audio.process.sample_player import SamplePlayer
from synth_app.audio.protocol.messages import PlaySample, SampleState

LENGTH, FADE = 6000, 480


class Setup:
    """A player, and the states that it reports."""

    def __init__(self, folder: Path) -> None:
        self.reports: list[object] = []
        self.number = 0  # of the latest request
        self._arrived = threading.Semaphore(0)
        self.player = SamplePlayer(self._report)
        self.paths = tuple(str(folder / name) for name in ("first", "second"))
        np.full(LENGTH, 0.25, np.float32).tofile(self.paths[0])
        np.full(LENGTH, -0.5, np.float32).tofile(self.paths[1])

    def _report(self, report: object) -> None:
        self.reports.append(report)
        self._arrived.release()

    def play(self, which: int = 0, start_s: float = 0.0, paths: tuple[str, ...] = ()) -> None:
        self.request(which, start_s, paths)
        assert self._arrived.acquire(timeout=5.0)

    def request(self, which: int = 0, start_s: float = 0.0, paths: tuple[str, ...] = ()) -> None:
        """Play without waiting for the report."""
        self.number += 1
        self.player.play(PlaySample(self.number, paths or self.paths, which, start_s))

    def heard(self, frames: int, block: int = 64, level: float = 0.0) -> NDArray[np.float32]:
        """The left channel of blocks in which the engine plays ``level``."""
        out = np.full((frames, 2), level, np.float32)
        for start in range(0, frames, block):
            self.player.mix(out[start : start + block])
        assert np.array_equal(out[:, 0], out[:, 1])
        return out[:, 0]


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def test_the_chosen_sound_is_heard_to_its_end_and_told_once(setup: Setup) -> None:
    setup.play(which=1)
    heard = setup.heard(LENGTH + 1000)
    assert heard[FADE : LENGTH - FADE] == pytest.approx(-0.5)
    assert not heard[LENGTH:].any()
    assert np.abs(np.diff(heard)).max() < 0.5 / FADE * 1.2, "no click at either end"
    setup.player.check()
    setup.player.check()
    assert setup.reports == [SampleState(1, playing=True), SampleState(1, playing=False)]


def test_the_end_of_a_sound_that_another_one_replaces_is_not_told(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.play()
    setup.heard(1000)
    may_load, read = threading.Event(), sample_player._read

    def slow(path: Path) -> NDArray[np.float32]:
        assert may_load.wait(5.0)
        return read(path)

    monkeypatch.setattr(sample_player, "_read", slow)
    setup.request(which=1)
    setup.heard(2 * FADE)
    setup.player.check()  # the first one has faded out, and the second one is still loaded
    may_load.set()
    assert setup._arrived.acquire(timeout=5.0)
    assert setup.reports == [SampleState(1, playing=True), SampleState(2, playing=True)]
    setup.heard(LENGTH)
    setup.player.check()
    assert setup.reports[2:] == [SampleState(2, playing=False)]


def test_a_switch_fades_over_and_keeps_the_place(setup: Setup) -> None:
    np.linspace(0.0, 1.0, LENGTH, endpoint=False, dtype=np.float32).tofile(setup.paths[0])
    np.linspace(0.0, -1.0, LENGTH, endpoint=False, dtype=np.float32).tofile(setup.paths[1])
    setup.play()
    before = setup.heard(2048)
    setup.player.switch(1)
    after = setup.heard(2048)
    assert before[-1] == pytest.approx(2047 / LENGTH, abs=1e-3)
    assert after[-1] == pytest.approx(-4095 / LENGTH, abs=1e-3)
    assert np.abs(np.diff(after)).max() < 2.0 / FADE


@pytest.mark.parametrize("block", [64, 480, 4096, 16_384])
def test_any_block_size_plays_the_same_middle(setup: Setup, block: int) -> None:
    setup.play(start_s=1000 / 48_000)
    heard = setup.heard(16_384, block)
    assert heard[FADE : LENGTH - 1000 - FADE] == pytest.approx(0.25)
    assert not heard[LENGTH - 1000 :].any()


def test_the_sum_stays_within_full_scale(setup: Setup) -> None:
    setup.play()
    assert setup.heard(2000, level=0.9).max() == pytest.approx(1.0)


def test_stop_fades_out_and_another_sound_replaces_it(setup: Setup) -> None:
    setup.play()
    setup.heard(1024)
    setup.player.stop()
    faded = setup.heard(1024)
    assert faded[0] > 0.2
    assert not faded[FADE + 64 :].any()
    setup.play(which=1)
    assert setup.heard(1024)[-1] == pytest.approx(-0.5)


def test_another_sound_fades_over_without_a_click(setup: Setup) -> None:
    setup.play()
    before = setup.heard(1024)
    setup.play(which=1)
    after = setup.heard(2048)
    setup.play()
    last = setup.heard(2048)
    heard = np.concatenate([before, after, last])
    assert np.abs(np.diff(heard)).max() < 0.8 / FADE
    assert (before[-1], after[-1], last[-1]) == pytest.approx((0.25, -0.5, 0.25))


def test_quick_repeats_fade_over_too(setup: Setup) -> None:
    heard = []
    for which in (0, 1, 0):
        setup.play(which)
        heard.append(setup.heard(200))
    heard.append(setup.heard(1024))
    assert np.abs(np.diff(np.concatenate(heard))).max() < 2.5 * 0.5 / FADE
    assert heard[-1][-1] == pytest.approx(0.25)


def test_the_problem_of_a_request_that_was_replaced_is_not_told(setup: Setup) -> None:
    waits = threading.Event()

    def wait() -> None:
        waits.wait(5.0)

    player = setup.player = SamplePlayer(setup._report, wait)
    setup.request(paths=("/nowhere/at/all",))
    loader = next(each for each in threading.enumerate() if each.name == "sample-loader")
    player.stop()
    waits.set()
    loader.join(5.0)
    assert setup.reports == []


def test_silence_changes_no_bit(setup: Setup) -> None:
    assert setup.heard(512, level=0.123).tolist() == [np.float32(0.123)] * 512


@pytest.mark.parametrize("content", [b"", np.array([np.nan], np.float32).tobytes()])
def test_a_damaged_file_is_refused_in_words(setup: Setup, content: bytes) -> None:
    Path(setup.paths[0]).write_bytes(content)
    setup.play()
    (state,) = setup.reports
    assert isinstance(state, SampleState)
    assert "damaged" in state.problem
    assert state.number == setup.number
    setup.play(paths=("/nowhere/at/all",))
    assert not setup.heard(256).any()


def test_a_switch_while_the_sounds_are_loaded_is_not_lost(tmp_path: Path) -> None:
    setup, loaded = Setup(tmp_path), threading.Event()

    def wait() -> None:
        assert loaded.wait(5.0)

    setup.player = SamplePlayer(setup._report, wait)
    setup.request()
    setup.player.switch(1)
    loaded.set()
    assert setup._arrived.acquire(timeout=5.0)
    assert setup.heard(2 * FADE)[FADE:] == pytest.approx(-0.5)
