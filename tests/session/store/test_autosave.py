"""Autosave writes the newest session in a thread, reports a failure once, and loses nothing at the end."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from synth_app.session import SavedSession, load_session, save_session
from synth_app.session.store.autosave import Autosaver


def session(morph: float) -> SavedSession:
    return SavedSession(params={"morph": morph})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def saver(tmp_path: Path, said: list[str]) -> Iterator[Autosaver]:
    made = Autosaver(tmp_path / "config" / "session.json", said.append)
    yield made
    made.close()


def test_a_submitted_session_is_written_in_another_thread(
    saver: Autosaver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, gate = [], threading.Event()

    def slow(path: Path, saved: SavedSession) -> None:
        threads.append((threading.current_thread().name, saved.params["morph"]))
        assert gate.wait(5)
        save_session(path, saved)

    monkeypatch.setattr("synth_app.session.store.autosave.save_session", slow)
    for i in range(50):  # returns although the disk hangs
        saver.submit(session(i / 100))
    assert not saver.flush(0.02), "the disk still hangs"
    gate.set()
    assert saver.flush()
    assert {name for name, _ in threads} == {"autosave"}
    assert len(threads) <= 2, "what was overtaken is never written"
    assert load_session(tmp_path / "config" / "session.json")[0] == session(0.49)


def test_an_equal_session_is_not_written_again(saver: Autosaver, tmp_path: Path) -> None:
    path = tmp_path / "config" / "session.json"
    saver.submit(session(0.1))
    saver.flush()
    first = path.stat().st_mtime_ns
    saver.submit(session(0.1))
    saver.flush()
    assert path.stat().st_mtime_ns == first


def test_closing_writes_what_is_pending(tmp_path: Path, said: list[str]) -> None:
    saver = Autosaver(tmp_path / "session.json", said.append)
    saver.submit(session(0.7))
    saver.close()
    assert load_session(tmp_path / "session.json")[0] == session(0.7)
    assert not any(thread.name == "autosave" for thread in threading.enumerate())


def test_a_failure_is_reported_once_until_a_write_succeeds(saver: Autosaver, tmp_path: Path, said: list[str]) -> None:
    block = tmp_path / "config"
    block.write_text("")  # a file where the folder should be
    for morph in (0.1, 0.2):
        saver.submit(session(morph))
        saver.flush()
    assert len(said) == 1
    assert "settings are not kept" in said[0]
    block.unlink()
    saver.submit(session(0.3))
    saver.flush()
    assert load_session(block / "session.json")[0] == session(0.3)
    (block / "session.json").unlink()
    block.rmdir()
    block.write_text("")
    saver.submit(session(0.4))
    saver.flush()
    assert len(said) == 2


def test_an_unforeseen_error_is_told_and_the_next_session_is_saved(
    saver: Autosaver, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, saved: SavedSession) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("synth_app.session.store.autosave.save_session", broken)
    for morph in (0.1, 0.2):
        saver.submit(session(morph))
        assert saver.flush()
    assert len(said) == 1, "told once"
    assert "ZeroDivisionError('a defect')" in said[0]
    monkeypatch.setattr("synth_app.session.store.autosave.save_session", save_session)
    saver.submit(session(0.3))
    assert saver.flush()
    assert load_session(tmp_path / "config" / "session.json")[0] == session(0.3)


def test_a_listener_that_is_gone_does_not_end_the_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(text: str) -> None:
        raise RuntimeError("Internal C++ object already deleted")

    saver = Autosaver(tmp_path / "no" / "session.json", gone)
    (tmp_path / "no").write_text("a file, not a folder")
    saver.submit(session(0.1))
    assert saver.flush()
    (tmp_path / "no").unlink()
    saver.submit(session(0.2))
    assert saver.flush()
    saver.close()
    assert load_session(tmp_path / "no" / "session.json")[0] == session(0.2)


def test_a_session_that_failed_is_saved_as_soon_as_the_disk_allows_it(tmp_path: Path, said: list[str]) -> None:
    saver = Autosaver(tmp_path / "config" / "session.json", said.append, retry_s=0.02)
    (tmp_path / "config").write_text("")
    saver.submit(session(0.1))
    assert saver.flush()
    (tmp_path / "config").unlink()
    saver.submit(session(0.1))  # unchanged: nothing new to write
    deadline = time.monotonic() + 5.0
    while not (tmp_path / "config" / "session.json").is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert load_session(tmp_path / "config" / "session.json")[0] == session(0.1)
    saver.close()
    assert len(said) == 1


def test_closing_tries_a_failed_session_again(tmp_path: Path, said: list[str]) -> None:
    saver = Autosaver(tmp_path / "config" / "session.json", said.append, retry_s=60.0)
    (tmp_path / "config").write_text("")
    saver.submit(session(0.6))
    assert saver.flush()
    (tmp_path / "config").unlink()
    saver.close()
    assert load_session(tmp_path / "config" / "session.json")[0] == session(0.6)
