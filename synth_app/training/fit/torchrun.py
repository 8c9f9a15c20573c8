"""Whether this process is one of several that train one net, as torchrun's environment says; no torch needed."""

import os


def world_size() -> int:
    """How many processes train together; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Number of this one among them, from 0."""
    return int(os.environ.get("RANK", "0")) if world_size() > 1 else 0


def leads() -> bool:
    """Whether this is the process that writes files and talks to people."""
    return rank() == 0
