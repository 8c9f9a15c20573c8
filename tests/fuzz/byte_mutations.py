"""Mutations of binary files: bytes, sizes, and parts that move, repeat or are missing."""

import struct
from random import Random

_SIZES = (0, 1, 2, 7, 8, 127, 255, 256, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF7, 0xFFFFFFFE, 0xFFFFFFFF)
_HEADER = 128  # bytes that hold most sizes, types and counts


def mutate_bytes(data: bytes, random: Random) -> bytes:
    """Return the bytes with one to four mutations, most of them near the start."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        if out:
            _mutate_once(out, random)
    return bytes(out)


def _mutate_once(out: bytearray, random: Random) -> None:
    at = random.randrange(min(len(out), _HEADER) if random.random() < 0.7 else len(out))
    match random.randrange(8):
        case 0:
            out[at] ^= 1 << random.randrange(8)
        case 1:
            out[at] = random.choice((0, 1, 0x7F, 0x80, 0xF0, 0xF7, 0xFF))
        case 2:
            out[at : at + 4] = struct.pack(random.choice("<>") + "I", random.choice(_SIZES))
        case 3:
            out[at : at + 2] = struct.pack(random.choice("<>") + "H", random.choice(_SIZES) & 0xFFFF)
        case 4:
            del out[at : len(out) if random.random() < 0.5 else at + random.randrange(1, 64)]
        case 5:
            out[at:at] = out[at : at + random.randrange(1, 64)] * random.choice((1, 1, 40))
        case 6:
            out[at:at] = random.randbytes(random.randrange(1, 32))
        case _:
            to = random.randrange(len(out))
            part = out[at : at + 8]
            out[to : to + len(part)] = part
