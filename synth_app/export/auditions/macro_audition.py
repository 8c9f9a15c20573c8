"""Renders a preset with each of its named macros turned up: what the macro changes, and what that does to the level."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synth_app.export.auditions.audition import Audition, audition_patch, change_db, with_gain
from synth_app.params import MACROS
from synth_app.patch.modulation_matrix import Connection, Modulation, mod_target
from synth_app.session.state.preset import Preset
from synth_app.session.state.saved_modulation import modulation_json, read_modulation
from synth_app.support.errors import UserError

AUDIBLE_CHANGE_DB = 1.25  # mean over the sound's mel bands; smaller changes are hard to hear
MAX_LEVEL_CHANGE_LU = 3.0
_MAX_ROUNDS, _TOLERANCE_LU = 3, 0.5
_MAX_AMOUNT_DB = mod_target("gain").reach


@dataclass(frozen=True)
class MacroAudition:
    """What a named macro does when it turns from 0 to 1.

    Attributes:
        name: of the macro, as the preset names it.
        change_db: see ``audition.change_db``.
        level_change_lu: change of the integrated loudness.
        peak_db: largest sample with the macro at 1, re full scale.
    """

    name: str
    change_db: float
    level_change_lu: float
    peak_db: float

    def problems(self) -> list[str]:
        """Return the reasons not to ship it, one line each."""
        found = []
        if self.change_db < AUDIBLE_CHANGE_DB:
            found.append(f"macro {self.name!r} changes only {self.change_db:.1f} dB")
        if not abs(self.level_change_lu) <= MAX_LEVEL_CHANGE_LU:
            found.append(f"macro {self.name!r} changes the loudness by {self.level_change_lu:+.1f} LU")
        return found


def macro_names(preset: Preset) -> dict[str, str]:
    """Return the names that a preset gives to its macros, by parameter."""
    given: Any = preset.extra.get("macro_names", ())
    return {macro: name for macro, name in zip(MACROS, given, strict=False) if name}


def audition_macros(rest: Audition) -> tuple[MacroAudition, ...]:
    """Render a preset once for each named macro, with this macro at 1 and the others as they are.

    Args:
        rest: the preset itself, from ``audition``.
    """
    return tuple(
        _compared(rest, _turned_up(rest, macro), name) for macro, name in macro_names(rest.entry.preset).items()
    )


def audition_macros_levelled(rest: Audition) -> tuple[Audition, tuple[MacroAudition, ...]]:
    """Find for each named macro what it must add to the gain, so that the loudness stays when it turns up.

    The gain belongs to the voices, before the effects. The preset gets one connection from each macro to it, in tenths
    of a decibel, or none where the loudness stays by itself.

    Returns:
        ``rest`` with the levelled preset (at rest it sounds the same), and what its macros do.

    Raises:
        UserError: the preset has modulation that this version cannot use and would lose.
    """
    found = []
    for macro, name in macro_names(rest.entry.preset).items():
        turned = _turned_up(rest, macro)
        for _ in range(_MAX_ROUNDS):
            error_lu = turned.loudness_lufs - rest.loudness_lufs
            if not np.isfinite(error_lu) or abs(error_lu) < _TOLERANCE_LU:
                break
            before = _level(rest.patch.modulation, macro)
            rest = _with_level(rest, macro, before - error_lu)
            after = _level(rest.patch.modulation, macro)
            turned = with_gain(turned, rest.entry, rest.patch.with_param(macro, 1.0), after - before)
        found.append(_compared(rest, turned, name))
    return rest, tuple(found)


def _turned_up(rest: Audition, macro: str) -> Audition:
    return audition_patch(rest.entry, rest.patch.with_param(macro, 1.0))


def _compared(rest: Audition, turned: Audition, name: str) -> MacroAudition:
    return MacroAudition(
        name=name,
        change_db=change_db(rest, turned),
        level_change_lu=turned.loudness_lufs - rest.loudness_lufs,
        peak_db=turned.peak_db,
    )


def _level(modulation: Modulation, macro: str) -> float:
    """Return what a macro adds to the gain, in dB."""
    return sum(each.amount for each in modulation.connections if _is_level(each) and each.source == macro)


def _with_level(rest: Audition, macro: str, amount_db: float) -> Audition:
    """Return the preset with another connection from the macro to the gain, at the end of all others."""
    preset, extra = rest.entry.preset, dict(rest.entry.preset.extra)
    left_out = read_modulation(extra.get("modulation", {}))[1]
    if left_out:
        raise UserError(f"{preset.name}: {left_out}; it is not levelled, so that they are not lost")
    modulation = rest.patch.modulation
    levels = {each: _level(modulation, each) for each in MACROS}
    levels[macro] = float(np.clip(round(amount_db, 1), -_MAX_AMOUNT_DB, _MAX_AMOUNT_DB))
    others = tuple(each for each in modulation.connections if not _is_level(each))
    kept = tuple(Connection(each, "gain", amount) for each, amount in levels.items() if amount)
    modulation = replace(modulation, connections=others + kept)
    extra["modulation"] = modulation_json(modulation)
    entry = replace(rest.entry, preset=preset.model_copy(update={"extra": extra}))
    return replace(rest, entry=entry, patch=replace(rest.patch, modulation=modulation))


def _is_level(connection: Connection) -> bool:
    return connection.source in MACROS and connection.target == "gain" and not connection.via
