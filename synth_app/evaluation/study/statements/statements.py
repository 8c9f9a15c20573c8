"""The reference study's six statements and our two aims, each judged on what was measured, split by split."""

from collections.abc import Callable

from synth_app.evaluation.study.statements import on_code, on_error
from synth_app.evaluation.study.statements.table import Table
from synth_app.evaluation.study.statements.verdict import Verdict

_JUDGES: dict[int, Callable[[Table, str], Verdict]] = {
    1: on_error.first,
    2: on_error.second,
    3: on_error.third,
    4: on_error.fourth,
    5: on_code.fifth,
    6: on_code.sixth,
    7: on_error.unseen_instruments,
    8: on_error.every_size,
}
_INSTRUMENT_ONLY = (7,)


def judge(table: Table) -> tuple[Verdict, ...]:
    """Verdicts on all statements, for every split with results."""
    return tuple(
        found(table, split)
        for number, found in _JUDGES.items()
        for split in table.splits()
        if number not in _INSTRUMENT_ONLY or split == "instrument"
    )
