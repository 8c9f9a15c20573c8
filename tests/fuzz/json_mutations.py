"""Mutations of JSON by structure: values, keys and nesting change, and rarely the text itself."""

import copy
import json
from random import Random
from typing import Any

from tests.fuzz.byte_mutations import mutate_bytes

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 127, 128, 255, 65_536, 2**31, 2**53, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0,
    1e-320, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), "", " ", "x" * 5000, "\x00", "../../outside",
    "/etc/passwd", "a\nb", "\u202e", "\U0001f3b9", "NaN", "1", "-", [], {}, [[]], [None], {"": None}, [0] * 3000,
)  # fmt: skip


_DEEP = {"@150@": 150, "@1,000@": 1_000, "@100,000@": 100_000}  # levels of lists, put in as text


def mutate_json(text: str, random: Random) -> bytes:
    """Return JSON with up to four mutations, or, in one of eight cases, text that need not be JSON."""
    value = json.loads(text)
    for _ in range(random.choice((1, 1, 2, 4))):
        value = _mutated(value, random)
    out = json.dumps(value)
    for name, levels in _DEEP.items():
        out = out.replace(f'"{name}"', "[" * levels + "]" * levels)
    if not random.randrange(8):
        return _mutated_text(out, random)
    return out.encode()


def _mutated(value: Any, random: Random) -> Any:
    """Return the value with one mutation at a random place."""
    root = [copy.deepcopy(value)]
    holder, key = random.choice(list(_places(root)))
    old = holder[key]
    match random.randrange(8):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice(("unknown", "", key + "x", "version", "__class__"))] = old
        case 2 if isinstance(holder, list) and holder is not root:
            del holder[key]
        case 3 if isinstance(old, list):
            holder[key] = old * random.choice((2, 50)) if random.random() < 0.7 else old[::-1]
        case 4 if isinstance(old, int | float) and not isinstance(old, bool):
            holder[key] = random.choice((-old, old + 1, old - 1, old * 1000, float(old), str(old), old / 3))
        case 5:
            other, at = random.choice(list(_places(root)))
            holder[key] = copy.deepcopy(other[at])
        case 6:
            holder[key] = random.choice(([[[old]]], *_DEEP))
        case _:
            holder[key] = copy.deepcopy(random.choice(ODD_VALUES))
    return root[0] if root else None


def _places(value: Any) -> Any:
    """Yield every (container, key) of a value."""
    waiting = [value]
    while waiting:
        container = waiting.pop()
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            yield container, key
            if isinstance(container[key], dict | list) and container[key]:
                waiting.append(container[key])


def _mutated_text(text: str, random: Random) -> bytes:
    match random.randrange(8):
        case 0:
            return b"\xef\xbb\xbf" + text.encode()
        case 1:
            return text.encode("utf-16")
        case 2:
            return b"[" * 200_000 + text.encode()
        case 3:
            return text.replace('"', '"\\ud800', 1).encode()
        case 4:
            return text.replace("{", '{"name": 1, ', 1).encode()  # perhaps the same key twice
        case 5:
            return text.replace("1", "1" * 5000).encode()
        case 6:
            return text.replace("a", "\xe9").encode("latin-1")
        case _:
            return mutate_bytes(text.encode(), random)
