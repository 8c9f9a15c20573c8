"""This process's rank under torchrun, read from the environment; no torch needed."""

import os


def world_size() -> int:
    """Return the number of processes that train together; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Return the number of this process among them, from 0."""
    return int(os.environ.get("RANK", "0")) if world_size() > 1 else 0


def is_leader() -> bool:
    """Return whether this process writes files and prints messages."""
    return rank() == 0
