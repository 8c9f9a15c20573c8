"""Tests of the reference study's six statements and of our two aims, split by split."""

from collections.abc import Callable

from synth_app.evaluation.study.statements import on_error, on_latent
from synth_app.evaluation.study.statements.table import Table
from synth_app.evaluation.study.statements.verdict import Verdict

_TESTS: dict[int, Callable[[Table, str], Verdict]] = {
    1: on_error.ae_against_pca,
    2: on_error.clearly_better_than_pca,
    3: on_error.vae_between_dae_and_pca,
    4: on_error.pca_at_100_dimensions,
    5: on_latent.perceptual_scores,
    6: on_latent.latent_correlation,
    7: on_error.unseen_instruments,
    8: on_error.every_rival,
}
_INSTRUMENT_ONLY = (7,)


def find_verdicts(table: Table) -> tuple[Verdict, ...]:
    """Return the verdicts on all statements, for every split with results."""
    return tuple(
        test(table, split)
        for number, test in _TESTS.items()
        for split in table.splits()
        if number not in _INSTRUMENT_ONLY or split == "instrument"
    )
