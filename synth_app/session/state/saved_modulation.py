"""A sound's modulation as JSON that people can read: only what differs from an untouched one."""

from dataclasses import asdict, fields
from typing import Any

from pydantic import JsonValue

from synth_app.patch.modulation_matrix import ENVELOPES, LFOS, Connection, Lfo, ModEnvelope, Modulation
from synth_app.support.errors import UserError

_SLOTS = {"lfos": LFOS, "envelopes": ENVELOPES}


def modulation_json(modulation: Modulation) -> dict[str, JsonValue]:
    """As plain data: LFOs and envelopes by number, connections in order, every field only where it is not usual."""
    out: dict[str, JsonValue] = {}
    for name in _SLOTS:
        changed: dict[str, JsonValue] = {
            str(i + 1): _changed(each) for i, each in enumerate(getattr(modulation, name)) if _changed(each)
        }
        if changed:
            out[name] = changed
    if modulation.connections:
        out["connections"] = [_changed(each) for each in modulation.connections]
    return out


def modulation_of(saved: JsonValue, latent_size: int | None = None) -> tuple[Modulation, str]:
    """The modulation that such data describe, as far as this version and this model have it.

    Args:
        saved: from ``modulation_json``, perhaps of another version, or edited by hand.
        latent_size: connections to dimensions beyond it are left out; None keeps them all.

    Returns:
        The modulation, and in a few words what was left out, "" for nothing.
    """
    data = saved if isinstance(saved, dict) else {}
    strange = int(not isinstance(saved, dict))
    made: dict[str, Any] = {}
    for name, kind in (("lfos", Lfo), ("envelopes", ModEnvelope)):
        each = list(getattr(Modulation(), name))
        given = data.get(name, {})
        for number, values in (given if isinstance(given, dict) else {}).items():
            built = _built(kind, values)
            if built is None or number not in {str(i + 1) for i in range(len(each))}:
                strange += 1
            else:
                each[int(number) - 1] = built
        made[name] = tuple(each)
    given = data.get("connections", [])
    built_all = [_built(Connection, values) for values in (given if isinstance(given, list) else [])]
    strange += built_all.count(None)
    kept = tuple(each for each in built_all if each is not None)
    try:
        whole = Modulation(**made, connections=kept)
    except UserError:  # more connections than there is room for
        whole, strange = Modulation(**made), strange + len(kept)
    fitting = whole if latent_size is None else whole.within(latent_size)
    return fitting, _remark(strange, len(whole.connections) - len(fitting.connections))


def _remark(strange: int, beyond: int) -> str:
    parts = []
    if strange:
        parts.append(f"{strange} part{'s' * (strange > 1)} of its modulation belong{'s' * (strange == 1)} to another "
                     "version and are left out")  # fmt: skip
    if beyond:
        parts.append(f"{beyond} connection{'s' * (beyond > 1)} to dimensions that this model lacks")
    return " and ".join(parts)


def _changed(part: Lfo | ModEnvelope | Connection) -> dict[str, JsonValue]:
    usual = {field.name: field.default for field in fields(part)}
    return {name: value for name, value in asdict(part).items() if value != usual[name]}


def _built(kind: type[Any], values: JsonValue) -> Any:
    """The part that was meant; None where a field is unknown, of another type or out of range."""
    if not isinstance(values, dict):
        return None
    known = {field.name: field for field in fields(kind)}
    if not values.keys() <= known.keys():
        return None
    clean: dict[str, JsonValue] = {}
    for name, value in values.items():
        wanted = known[name].type  # float, bool, or a kind of string
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number if wanted is float else isinstance(value, bool if wanted is bool else str)):
            return None
        clean[name] = float(value) if isinstance(value, int | float) and wanted is float else value
    try:
        return kind(**clean)
    except (UserError, TypeError):
        return None
