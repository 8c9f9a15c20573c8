"""Stages are removed in the end, and what a killed program left is removed by a later one."""

import os
import time
from pathlib import Path

import pytest

from synth_app.support.stages import stage_folder

DAY_S = 24 * 3600.0


def left_behind(folder: Path, age_s: float) -> Path:
    """A stage as a killed program leaves it."""
    with stage_folder(folder, ".sound-") as stage:
        (stage / "part.wav").write_bytes(b"x")
        kept = stage.rename(folder / f".left-{age_s:g}{stage.suffix}")
    os.utime(kept, (time.time() - age_s,) * 2)
    return kept


def test_a_stage_is_removed_unless_it_was_renamed(tmp_path: Path) -> None:
    with stage_folder(tmp_path, ".x-") as stage:
        assert stage.parent == tmp_path
        assert stage.name.startswith(".x-")
    with pytest.raises(IsADirectoryError), stage_folder(tmp_path, ".x-") as stage:
        stage.write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []
    with stage_folder(tmp_path, ".x-") as stage:
        stage.rename(tmp_path / "whole")
    assert [each.name for each in tmp_path.iterdir()] == ["whole"]


def test_what_was_left_a_day_ago_is_removed_and_nothing_else(tmp_path: Path) -> None:
    old, young = left_behind(tmp_path, 2 * DAY_S), left_behind(tmp_path, 0.5 * DAY_S)
    other = tmp_path / ".other-part"
    other.mkdir()
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / f".link{old.suffix}"
    link.symlink_to(target)
    for each in (other, target):
        os.utime(each, (0.0, 0.0))
    with stage_folder(tmp_path, ".x-"):
        assert not old.exists()
    assert all(each.exists() for each in (young, other, target, link))
