"""A model prepared ahead is used once, and only while its file is the same."""

import os
from pathlib import Path

import pytest

from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.support.errors import UserError


class Loader:
    """Counts what it prepares."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, path: str, quality: str) -> object:
        assert quality == "live"
        self.asked.append(path)
        if path == "bad":
            raise UserError("bad")
        return (path, len(self.asked))


def test_what_was_put_is_taken_once() -> None:
    loader = Loader()
    shelf = ModelPrefetch(loader)
    shelf.put("a", "live")
    assert shelf.take("a", "live") == ("a", 1)
    assert shelf.take("a", "live") == ("a", 2)  # a prepared model plays in one engine only


def test_another_model_is_prepared_and_the_held_one_dropped() -> None:
    loader = Loader()
    shelf = ModelPrefetch(loader)
    shelf.put("a", "live")
    assert shelf.take("b", "live") == ("b", 2)
    assert shelf.take("a", "live") == ("a", 3)


def test_a_file_that_changed_is_prepared_again(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"1")
    shelf = ModelPrefetch(Loader())
    shelf.put(str(path), "live")
    os.utime(path, ns=(1, 1))
    assert shelf.take(str(path), "live") == (str(path), 2)


def test_a_refusal_comes_when_it_is_taken() -> None:
    shelf = ModelPrefetch(Loader())
    shelf.put("bad", "live")
    with pytest.raises(UserError):
        shelf.take("bad", "live")
