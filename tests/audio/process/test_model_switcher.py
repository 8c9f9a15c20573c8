"""Loading of models: the newest wish wins, notes do not wait, a refusal changes nothing."""

import threading
from collections.abc import Callable

from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.audio.process.model_switcher import ModelSwitcher
from synth_app.audio.process.player import Inbox, Install
from synth_app.audio.protocol.messages import ModelLoaded, ModelRefused
from synth_app.patch import NoteOff, NoteOn, Panic, Patch, SetPatch
from tests.audio import fake_engine
from tests.audio.conftest import wait_until


class Setup:
    """A stage whose loads are let through one by one."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.reports: list[object] = []
        self.asked: list[str] = []
        self._gate = threading.Semaphore(0)
        shelf = ModelPrefetch(self._prepare)
        self.stage = ModelSwitcher(self.inbox, shelf.take, self.reports.append, prepare_ahead=shelf.put)

    def _prepare(self, path: str, quality: str) -> fake_engine.Rig:
        self.asked.append(path if quality == "live" else f"{path} {quality}")
        self._gate.acquire()
        return fake_engine.prepare_instrument(path)

    def finish_load(self) -> None:
        self._gate.release()

    def want(self, path: str, level: float = 1.0) -> SetPatch:
        message = SetPatch(Patch(path).with_param("sustain", level))
        self.stage.handle(message)
        return message

    def taken(self) -> list[object]:
        items: list[object] = []
        while (item := self.inbox.take()) is not None:
            items.append(item)
        return items

    def until(self, condition: Callable[["Setup"], bool]) -> None:
        wait_until(lambda: condition(self))

    def loaded(self, path: str) -> "Setup":
        """Load a model and empty the inbox."""
        self.want(path)
        self.finish_load()
        self.until(lambda s: ModelLoaded(path) in s.reports)
        self.reports.clear()
        self.asked.clear()
        self.taken()
        return self


def test_the_newest_sound_of_a_loading_model_is_the_one_installed() -> None:
    s = Setup()
    s.want("ok-a", 0.1)
    newest = s.want("ok-a", 0.2)
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-a")])
    assert s.taken() == [Install(fake_engine.Rig("ok-a"), newest.patch)]
    later = s.want("ok-a", 0.3)
    assert s.taken() == [later]
    assert s.asked == ["ok-a"]


def test_a_model_wished_for_later_replaces_the_one_being_loaded() -> None:
    s = Setup().loaded("ok-a")
    s.want("ok-b")
    s.until(lambda s: s.asked == ["ok-b"])
    s.want("ok-c")
    wish = s.want("ok-d")
    s.finish_load()
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-d")])
    assert s.asked == ["ok-b", "ok-d"]
    assert s.taken() == [Install(fake_engine.Rig("ok-d"), wish.patch)]


def test_going_back_while_another_model_loads_stays_with_the_old_one() -> None:
    s = Setup().loaded("ok-a")
    s.want("ok-b")
    s.until(lambda s: s.asked == ["ok-b"])
    back = s.want("ok-a", 0.7)
    s.finish_load()
    s.until(lambda s: not s.stage._loading)
    assert s.taken() == [back]
    assert s.reports == []


def test_notes_do_not_wait_for_a_model() -> None:
    s = Setup().loaded("ok-a")
    s.want("ok-b")
    s.stage.handle(NoteOn(60))
    assert s.taken() == [NoteOn(60)]
    s.finish_load()


def test_keys_held_before_there_is_a_model_sound_when_it_comes() -> None:
    s = Setup()
    s.stage.handle(NoteOn(50))
    s.stage.handle(Panic())
    for message in (NoteOn(60), NoteOn(64), NoteOff(60)):
        s.stage.handle(message)
    assert s.taken() == []
    s.want("ok-a")
    s.finish_load()
    s.until(lambda s: len(s.inbox) == 2)
    assert s.taken() == [Install(fake_engine.Rig("ok-a"), Patch("ok-a").with_param("sustain", 1.0)), NoteOn(64)]


def test_a_refused_model_is_told_once_and_tried_again_after_another_wish() -> None:
    s = Setup().loaded("ok-a")
    for _ in range(3):
        s.finish_load()
    s.want("bad", 0.1)
    s.until(lambda s: s.reports == [ModelRefused("bad", "bad is not a model; choose another file")])
    s.until(lambda s: not s.stage._loading)
    s.want("bad", 0.2)
    assert not s.stage._loading
    s.want("ok-a")
    s.want("bad")
    s.until(lambda s: len(s.reports) == 2)
    assert s.asked == ["bad", "bad"]


def test_a_defect_while_loading_is_a_refusal_and_loading_goes_on() -> None:
    s = Setup().loaded("ok-a")
    s.finish_load()
    s.want("broken")
    s.until(lambda s: len(s.reports) == 1)
    report = s.reports[0]
    assert isinstance(report, ModelRefused)
    assert "ZeroDivisionError" in report.problem
    s.until(lambda s: not s.stage._loading)
    s.loaded("ok-b")


def test_an_expected_model_is_loaded_once_and_told_when_its_sound_comes() -> None:
    setup = Setup()
    setup.stage.expect("a", "live")
    wait_until(lambda: setup.asked == ["a"])
    setup.stage.handle(NoteOn(60))
    patch = setup.want("a").patch  # while it loads
    assert not setup.reports
    setup.finish_load()
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    install, note = setup.taken()
    assert isinstance(install, Install)
    assert install.patch == patch
    assert note == NoteOn(60)
    assert setup.asked == ["a"]


def test_an_expected_model_waits_unheard_for_its_sound() -> None:
    setup = Setup()
    setup.stage.expect("a", "live")
    setup.finish_load()
    wait_until(lambda: not setup.stage._loading)
    assert not setup.taken()
    setup.want("a")
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    assert setup.asked == ["a"]


def test_a_model_expected_in_vain_does_not_stop_another() -> None:
    setup = Setup()
    setup.stage.expect("bad", "live")
    setup.finish_load()
    setup.finish_load()
    setup.want("b")
    wait_until(lambda: setup.reports == [ModelLoaded("b")])
    assert setup.asked == ["bad", "b"]


def test_what_plays_is_not_disturbed_by_expectations() -> None:
    setup = Setup()
    setup.want("a")
    setup.finish_load()
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    setup.stage.expect("b", "live")
    assert not setup.stage._loading
    assert setup.asked == ["a"]
