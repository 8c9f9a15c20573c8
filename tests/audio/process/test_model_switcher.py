"""Loading of models: the newest request wins, notes do not wait, a refusal changes nothing."""

import threading
from collections.abc import Callable

import pytest

from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.audio.process.model_switcher import ModelSwitcher
from synth_app.audio.process.player import Inbox, Install
from synth_app.audio.protocol.messages import ModelLoaded, ModelRefused
from synth_app.patch import NoteOff, NoteOn, Panic, Patch, SetPatch, SoundOff
from tests.audio import fake_engine
from tests.audio.conftest import wait_until


class Setup:
    """A switcher whose loads finish one by one, by ``finish_load``."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.reports: list[object] = []
        self.prepared: list[str] = []
        self._gate = threading.Semaphore(0)
        prefetch = ModelPrefetch(self._prepare)
        self.switcher = ModelSwitcher(self.inbox, prefetch.load, self.reports.append, prefetch=prefetch.prefetch)

    def _prepare(self, path: str, quality: str) -> fake_engine.FakeInstrument:
        self.prepared.append(path if quality == "live" else f"{path} {quality}")
        self._gate.acquire()
        return fake_engine.prepare_instrument(path)

    def finish_load(self) -> None:
        self._gate.release()

    def request(self, path: str, level: float = 1.0) -> SetPatch:
        message = SetPatch(Patch(path).with_param("sustain", level))
        self.switcher.handle(message)
        return message

    def taken(self) -> list[object]:
        items: list[object] = []
        while (item := self.inbox.get()) is not None:
            items.append(item)
        return items

    def until(self, condition: Callable[["Setup"], bool]) -> None:
        wait_until(lambda: condition(self))

    def loaded(self, path: str) -> "Setup":
        """Load a model and empty the inbox."""
        self.request(path)
        self.finish_load()
        self.until(lambda s: ModelLoaded(path) in s.reports)
        self.reports.clear()
        self.prepared.clear()
        self.taken()
        return self


def test_the_newest_patch_of_a_loading_model_is_installed() -> None:
    s = Setup()
    s.request("ok-a", 0.1)
    newest = s.request("ok-a", 0.2)
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-a")])
    assert s.taken() == [Install(fake_engine.FakeInstrument("ok-a"), newest.patch)]
    later = s.request("ok-a", 0.3)
    assert s.taken() == [later]
    assert s.prepared == ["ok-a"]


def test_a_model_requested_later_replaces_the_one_being_loaded() -> None:
    s = Setup().loaded("ok-a")
    s.request("ok-b")
    s.until(lambda s: s.prepared == ["ok-b"])
    s.request("ok-c")
    requested = s.request("ok-d")
    s.finish_load()
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-d")])
    assert s.prepared == ["ok-b", "ok-d"]
    assert s.taken() == [Install(fake_engine.FakeInstrument("ok-d"), requested.patch)]


def test_returning_to_the_old_model_while_another_loads_keeps_the_old_one() -> None:
    s = Setup().loaded("ok-a")
    s.request("ok-b")
    s.until(lambda s: s.prepared == ["ok-b"])
    back = s.request("ok-a", 0.7)
    s.finish_load()
    s.until(lambda s: not s.switcher._loading)
    assert s.taken() == [back]
    assert s.reports == []


def test_notes_do_not_wait_for_a_model() -> None:
    s = Setup().loaded("ok-a")
    s.request("ok-b")
    s.switcher.handle(NoteOn(60))
    assert s.taken() == [NoteOn(60)]
    s.finish_load()


def test_keys_held_before_the_first_model_sound_when_it_is_loaded() -> None:
    s = Setup()
    s.switcher.handle(NoteOn(50))
    s.switcher.handle(Panic())
    s.switcher.handle(NoteOn(52, 100, 3))
    s.switcher.handle(SoundOff(3))
    for message in (NoteOn(60), NoteOn(64), NoteOff(60), SoundOff(3)):
        s.switcher.handle(message)
    assert s.taken() == []
    s.request("ok-a")
    s.finish_load()
    s.until(lambda s: len(s.inbox) == 2)
    assert s.taken() == [
        Install(fake_engine.FakeInstrument("ok-a"), Patch("ok-a").with_param("sustain", 1.0)),
        NoteOn(64),
    ]


def test_a_refused_model_is_reported_once_and_tried_again_after_another_request() -> None:
    s = Setup().loaded("ok-a")
    for _ in range(3):
        s.finish_load()
    s.request("bad", 0.1)
    s.until(lambda s: s.reports == [ModelRefused("bad", "bad is not a model; choose another file")])
    s.until(lambda s: not s.switcher._loading)
    s.request("bad", 0.2)
    assert not s.switcher._loading
    s.request("ok-a")
    s.request("bad")
    s.until(lambda s: len(s.reports) == 2)
    assert s.prepared == ["bad", "bad"]


def test_an_unexpected_error_refuses_the_model_and_loading_continues() -> None:
    s = Setup().loaded("ok-a")
    s.finish_load()
    s.request("broken")
    s.until(lambda s: len(s.reports) == 1)
    report = s.reports[0]
    assert isinstance(report, ModelRefused)
    assert "ZeroDivisionError" in report.problem
    s.until(lambda s: not s.switcher._loading)
    s.loaded("ok-b")


def test_an_expected_model_is_loaded_once_and_reported_with_its_patch() -> None:
    setup = Setup()
    setup.switcher.expect("a", "live")
    wait_until(lambda: setup.prepared == ["a"])
    setup.switcher.handle(NoteOn(60))
    patch = setup.request("a").patch  # arrives while the model loads
    assert not setup.reports
    setup.finish_load()
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    install, note = setup.taken()
    assert isinstance(install, Install)
    assert install.patch == patch
    assert note == NoteOn(60)
    assert setup.prepared == ["a"]


def test_an_expected_model_is_not_installed_before_its_patch() -> None:
    setup = Setup()
    setup.switcher.expect("a", "live")
    setup.finish_load()
    wait_until(lambda: not setup.switcher._loading)
    assert not setup.taken()
    setup.request("a")
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    assert setup.prepared == ["a"]


def test_a_model_that_was_expected_but_refused_does_not_block_another() -> None:
    setup = Setup()
    setup.switcher.expect("bad", "live")
    setup.finish_load()
    setup.finish_load()
    setup.request("b")
    wait_until(lambda: setup.reports == [ModelLoaded("b")])
    assert setup.prepared == ["bad", "b"]


def test_an_expectation_is_ignored_while_a_model_plays() -> None:
    setup = Setup()
    setup.request("a")
    setup.finish_load()
    wait_until(lambda: setup.reports == [ModelLoaded("a")])
    setup.switcher.expect("b", "live")
    assert not setup.switcher._loading
    assert setup.prepared == ["a"]


def test_notes_are_packed_outside_the_rendering_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the loader for a new model, and by the thread that got the patch for the present one, before it is queued."""
    found: list[tuple[float, str]] = []

    def prepared(self: fake_engine.FakeInstrument, message: SetPatch) -> SetPatch:
        assert self.path == message.patch.model
        found.append((message.patch.value("sustain"), threading.current_thread().name))
        return SetPatch(message.patch.with_param("morph", 0.25))

    monkeypatch.setattr(fake_engine.FakeInstrument, "prepared", prepared)
    s = Setup()
    s.request("ok-a", 0.1)
    s.request("ok-a", 0.2)
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-a")])
    assert found == [(0.2, "model-loader")]
    s.taken()
    later = s.request("ok-a", 0.3)
    s.switcher.handle(NoteOn(60))
    assert found[1:] == [(0.3, threading.current_thread().name)]
    assert s.taken() == [SetPatch(later.patch.with_param("morph", 0.25)), NoteOn(60)], "in their order"
    s.request("ok-b", 0.4)
    assert len(found) == 2, "its model is not there yet"
    s.finish_load()
    s.until(lambda s: ModelLoaded("ok-b") in s.reports)
    assert found[2:] == [(0.4, "model-loader")]


def test_a_patch_that_comes_while_another_is_packed_is_packed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    s, found = Setup(), list[float]()

    def prepared(self: fake_engine.FakeInstrument, message: SetPatch) -> SetPatch:
        found.append(message.patch.value("sustain"))
        if len(found) == 1:
            s.request(self.path, 0.6)
        return message

    monkeypatch.setattr(fake_engine.FakeInstrument, "prepared", prepared)
    s.request("ok-a", 0.5)
    s.finish_load()
    s.until(lambda s: s.reports == [ModelLoaded("ok-a")])
    assert found == [0.5, 0.6]
    newest = Patch("ok-a").with_param("sustain", 0.6)
    assert s.taken() == [Install(fake_engine.FakeInstrument("ok-a"), newest)]


def test_a_patch_that_comes_at_the_very_moment_of_an_installation_is_packed_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s, main = Setup().loaded("ok-a"), threading.get_ident()

    class Lock:
        """At the second look of this thread, the loader installs the model first."""

        def __init__(self, lock: threading.Lock) -> None:
            self.lock, self.looks = lock, 0

        def __enter__(self) -> None:
            if threading.get_ident() == main:
                self.looks += 1
                if self.looks == 2:
                    s.finish_load()
                    s.until(lambda s: ModelLoaded("ok-b") in s.reports)
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    def prepared(self: fake_engine.FakeInstrument, message: SetPatch) -> SetPatch:
        assert self.path == message.patch.model
        return SetPatch(message.patch.with_param("morph", 0.25))

    monkeypatch.setattr(fake_engine.FakeInstrument, "prepared", prepared)
    first = s.request("ok-b", 0.5)
    monkeypatch.setattr(s.switcher, "_lock", Lock(s.switcher._lock))
    later = s.request("ok-b", 0.6)
    assert s.taken() == [
        Install(fake_engine.FakeInstrument("ok-b"), first.patch),
        SetPatch(later.patch.with_param("morph", 0.25)),
    ]
