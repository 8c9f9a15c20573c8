"""Modulation as JSON that people can read. It holds only what differs from the defaults."""

from typing import TypeVar

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json

from synth_app.patch.modulation_matrix import Connection, Lfo, ModEnvelope, Modulation
from synth_app.support.errors import UserError

_STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)
# Lists, because pydantic accepts a configuration for a list of dataclasses, but not for a dataclass.
_LFOS = TypeAdapter(list[Lfo], config=_STRICT)
_ENVELOPES = TypeAdapter(list[ModEnvelope], config=_STRICT)
_CONNECTIONS = TypeAdapter(list[Connection], config=_STRICT)
T = TypeVar("T")


def modulation_json(modulation: Modulation) -> dict[str, JsonValue]:
    """Convert modulation to plain data.

    Returns:
        ``lfos`` and ``envelopes`` by number, from "1" on, and ``connections`` in order; of each the fields that differ
        from the defaults.
    """
    out: dict[str, JsonValue] = {}
    for name, changed in (
        ("lfos", _changed(_LFOS, modulation.lfos)),
        ("envelopes", _changed(_ENVELOPES, modulation.envelopes)),
    ):
        if any(changed):
            out[name] = {str(i + 1): fields for i, fields in enumerate(changed) if fields}
    if modulation.connections:
        out["connections"] = _changed(_CONNECTIONS, modulation.connections)
    return out


def read_modulation(saved: JsonValue, latent_size: int | None = None) -> tuple[Modulation, str]:
    """Read modulation, as far as this version and this model support it.

    Args:
        saved: from ``modulation_json``, perhaps written by another version or by hand.
        latent_size: connections to dimensions beyond it are left out; None keeps them all.

    Returns:
        the modulation, and a few words about the parts that were left out, "" if there are none.
    """
    data = saved if isinstance(saved, dict) else {}
    unusable = int(not isinstance(saved, dict))
    lfos, unusable_lfos = _numbered(_LFOS, Modulation().lfos, data.get("lfos"))
    envelopes, unusable_envelopes = _numbered(_ENVELOPES, Modulation().envelopes, data.get("envelopes"))
    listed = data.get("connections")
    read = [_read(_CONNECTIONS, values) for values in (listed if isinstance(listed, list) else [])]
    connections = tuple(each for each in read if each is not None)
    unusable += unusable_lfos + unusable_envelopes + read.count(None)
    try:
        whole = Modulation(lfos, envelopes, connections)
    except UserError:  # more connections than the limit
        whole, unusable = Modulation(lfos, envelopes), unusable + len(connections)
    usable = whole if latent_size is None else whole.within(latent_size)
    return usable, _remark(unusable, len(whole.connections) - len(usable.connections))


def _changed(adapter: TypeAdapter[list[T]], parts: tuple[T, ...]) -> list[JsonValue]:
    changed: list[JsonValue] = adapter.dump_python(list(parts), mode="json", exclude_defaults=True)
    return changed


def _numbered(adapter: TypeAdapter[list[T]], defaults: tuple[T, ...], saved: JsonValue) -> tuple[tuple[T, ...], int]:
    """Replace the defaults by the parts in ``saved``, by number from "1" on; count those that cannot be used."""
    parts, unusable = list(defaults), 0
    for number, values in (saved if isinstance(saved, dict) else {}).items():
        part = _read(adapter, values)
        if part is None or number not in {str(i + 1) for i in range(len(parts))}:
            unusable += 1
        else:
            parts[int(number) - 1] = part
    return tuple(parts), unusable


def _read(adapter: TypeAdapter[list[T]], values: JsonValue) -> T | None:
    """Return the part; None if a field is missing, unknown, of another type or out of range."""
    try:
        return adapter.validate_json(to_json([values]))[0]
    except ValidationError:
        return None


def _remark(unusable: int, beyond: int) -> str:
    parts = []
    if unusable:
        parts.append(f"{unusable} part{'s' * (unusable > 1)} of its modulation, which this version cannot use")
    if beyond:
        parts.append(f"{beyond} connection{'s' * (beyond > 1)} to dimensions that this model lacks")
    return f"left out: {' and '.join(parts)}" if parts else ""
