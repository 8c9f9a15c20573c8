"""A prefetched model is used once, and only while its file is unchanged."""

import os
from pathlib import Path

import pytest

from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.support.errors import UserError


class Loader:
    """Counts the prepared models."""

    def __init__(self) -> None:
        self.prepared: list[str] = []

    def __call__(self, path: str, quality: str) -> object:
        assert quality == "live"
        self.prepared.append(path)
        if path == "bad":
            raise UserError("bad")
        return (path, len(self.prepared))


def test_a_prefetched_model_is_used_once() -> None:
    loader = Loader()
    prefetch = ModelPrefetch(loader)
    prefetch.prefetch("a", "live")
    assert prefetch.load("a", "live") == ("a", 1)
    assert prefetch.load("a", "live") == ("a", 2)  # a prepared model plays in one engine only


def test_another_model_is_prepared_and_the_prefetched_one_dropped() -> None:
    loader = Loader()
    prefetch = ModelPrefetch(loader)
    prefetch.prefetch("a", "live")
    assert prefetch.load("b", "live") == ("b", 2)
    assert prefetch.load("a", "live") == ("a", 3)


def test_a_file_that_changed_is_prepared_again(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"1")
    prefetch = ModelPrefetch(Loader())
    prefetch.prefetch(str(path), "live")
    os.utime(path, ns=(1, 1))
    assert prefetch.load(str(path), "live") == (str(path), 2)


def test_a_refusal_is_raised_by_load() -> None:
    prefetch = ModelPrefetch(Loader())
    prefetch.prefetch("bad", "live")
    with pytest.raises(UserError):
        prefetch.load("bad", "live")


def test_the_same_model_is_not_prepared_twice() -> None:
    """Else a spare process would be without its model meanwhile."""
    loader = Loader()
    prefetch = ModelPrefetch(loader)
    prefetch.prefetch("a", "live")
    prefetch.prefetch("a", "live")
    assert prefetch.load("a", "live") == ("a", 1)
    prefetch.prefetch("b", "live")
    prefetch.prefetch("a", "live")
    assert loader.prepared == ["a", "b", "a"]
