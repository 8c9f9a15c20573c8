"""Verdicts and statistics on synthetic results with known truth."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import bootstrap, wilcoxon

from synth_app.evaluation.metrics.frame_rules import RuleErrors
from synth_app.evaluation.study.measurements.grid_spec import parse_grid
from synth_app.evaluation.study.statements.statements import find_verdicts
from synth_app.evaluation.study.statements.statistics import Claim, compare_means, compare_rmse, holm, units_of
from synth_app.evaluation.study.statements.table import Table
from synth_app.evaluation.study.statements.verdict import (
    MISSING,
    NOT_REPLICATED,
    REPLICATED,
    UNDECIDED,
    Verdict,
)
from synth_app.support.errors import UserError
from synth_app.training.grid import Cell, grid_cells
from tests.evaluation.study.study_results import NOTES, SIZES, make_result, make_study

AS_PUBLISHED: dict[str, float | Mapping[int, float]] = {
    "pca": 1.0,
    "ae": 1.04,
    "dae": dict(zip(SIZES, (0.85, 0.82, 0.80, 0.80, 0.88, 0.97, 1.05), strict=True)),
    "lstm-ae": dict(zip(SIZES, (0.80, 0.78, 0.76, 0.76, 0.86, 0.95, 1.03), strict=True)),
    "vae": dict(zip(SIZES, (0.98, 0.98, 0.98, 0.98, 0.98, 1.1, 1.15), strict=True)),
    "keyed-vae": 0.66,
    "residual-vae": 0.75,
}


def verdict(cells: list, number: int, split: str = "note") -> Verdict:  # type: ignore[type-arg]
    return next(v for v in find_verdicts(Table(cells)) if v.number == number and v.split == split)


def test_published_results_are_replicated() -> None:
    cells = [*make_study(AS_PUBLISHED), make_result("vae-beta-1e-04", 16, ratio=1.0, correlation=0.10, beta=1e-4)]
    states = {v.number: v.state for v in find_verdicts(Table(cells))}
    assert states == {
        1: REPLICATED,
        2: REPLICATED,
        3: NOT_REPLICATED,
        4: REPLICATED,
        5: REPLICATED,
        6: REPLICATED,
        8: REPLICATED,
    }
    third = verdict(cells, 3)
    assert "worse than PCA at 64, 100" in third.reading


def test_the_first_statement_follows_the_interval() -> None:
    def state(**ratios: float) -> str:
        return verdict(make_study({"pca": 1.0, **ratios}), 1).state

    assert state(ae=1.05) == REPLICATED
    assert state(ae=0.95) == NOT_REPLICATED
    mixed = {size: 0.9 if size == 100 else 1.1 for size in SIZES}
    found = verdict(make_study({"pca": 1.0, "ae": mixed}), 1)
    assert found.state == NOT_REPLICATED
    assert "the AE at 100" in found.reading
    assert any("AE at 100 was best at epoch 10 of 16" in reason for reason in found.why)
    assert verdict([make_result("pca", 16), make_result("ae", 16, ratio=1.01)], 1).state == UNDECIDED


def test_the_vae_with_beta_0_shows_whether_tanh_is_the_reason() -> None:
    cells = make_study({"pca": 1.0, "dae": 0.9, "vae": 0.83})
    for ratio, said in ((0.82, "the tanh limits the DAE"), (0.91, "Not the bounded latents")):
        free = make_result("vae-beta-0", 16, ratio=ratio, spread=0.01)
        found = verdict([*cells, free], 3)
        assert found.state == NOT_REPLICATED
        assert "better than the DAE at 4, 8, 12, 16, 32, 64, 100" in found.reading
        assert said in found.why[0]
    assert verdict([*cells, free], 8).state == MISSING  # another beta is no family of the grid


def test_reasons_are_given_for_our_family() -> None:
    found = verdict([make_result(f, 16, ratio=r) for f, r in (("pca", 1.0), ("vae", 0.8), ("keyed-vae", 0.9))], 8)
    assert found.state == NOT_REPLICATED
    assert found.word == "not reached"
    assert any("ours: pitch-conditioned VAE at 16" in reason for reason in found.why)


def test_reasons_name_budget_latents_and_data() -> None:
    def why(**special: float) -> str:
        cells = make_study({**AS_PUBLISHED, "dae": 1.1})
        cells = [c for c in cells if (c.family, c.latent_size) != ("dae", 16)]
        cells.append(make_result("dae", 16, ratio=1.1, **special))  # type: ignore[arg-type]
        return " ".join(verdict(cells, 2).why)

    assert "Bounded latents: 4 % of the latent values of DAE 128 at 16" in why()
    assert "Not the budget" in why(best_epoch=10)
    assert "was best at epoch 16 of 16 allowed, so longer" in why(best_epoch=16)
    assert "Not the data" in why(gap=1.02)
    assert "More instruments would help" in why(gap=1.3)


@pytest.mark.parametrize(("ratio", "state"), [(0.93, NOT_REPLICATED), (0.98, UNDECIDED), (1.05, REPLICATED)])
def test_about_the_best_leaves_two_percent(ratio: float, state: str) -> None:
    rivals = {"ae": 1.1, "dae": ratio, "lstm-ae": 1.1, "vae": 1.1, "residual-vae": 0.6}
    cells = [make_result(f, 100, ratio=r, spread=0.01) for f, r in {"pca": 1.0, **rivals}.items()]
    found = verdict(cells, 4)
    assert found.state == state
    assert "residual VAE 0.6" in found.reading  # reported, but no published family


def test_missing_cells_are_reported() -> None:
    cells = [make_result("pca", 16), make_result("keyed-vae", 16, ratio=0.6, split="note")]
    states = {v.number: v.state for v in find_verdicts(Table(cells))}
    assert states == {1: MISSING, 2: MISSING, 3: MISSING, 4: MISSING, 5: MISSING, 6: MISSING, 8: UNDECIDED}
    missing = Table(cells).missing()
    assert "PCA, note split: 4, 8, 12, 32, 64, 100" in missing
    assert "DAE 256, instrument split: 4, 16, 100" in missing
    assert "4, 8, 12, 32, 64, 100 are not measured yet" in verdict(cells, 8).reading


def test_the_aim_is_for_unseen_instruments() -> None:
    for ratio, state in ((0.68, REPLICATED), (0.70, UNDECIDED), (0.74, NOT_REPLICATED)):
        others = (("pca", 1.0), ("residual-vae", 0.5), ("keyed-vae", ratio))  # a better one of ours does not count
        cells = [make_result(f, 16, "instrument", ratio=r, spread=0.01) for f, r in others]
        assert verdict(cells, 7, "instrument").state == state
    assert verdict(cells, 7, "instrument").word == "not reached"


def test_perceptual_scores_that_do_not_follow_rmse() -> None:
    cells = make_study({k: v for k, v in AS_PUBLISHED.items() if k != "lstm-ae"})
    found = verdict(cells, 5)
    assert found.state == UNDECIDED  # they follow, but there is no LSTM-AE
    assert "The LSTM-AE is not measured at 4, 8, 12" in found.reading
    assert found.rows[0].found.value < -0.95


def test_perceptual_scores_are_compared_within_one_size() -> None:
    """Over all sizes PSM falls as RMSE rises, because both follow the size; within a size these cells' PSM rises."""
    families = ("pca", "ae", "dae", "vae", "keyed-vae", "residual-vae")
    cells = [
        make_result(f, size, ratio=1.0 + 0.02 * i, psm=0.5 + 0.05 * place + 0.002 * i, spread=0.001)
        for place, size in enumerate(SIZES)
        for i, f in enumerate(families)
    ]
    found = verdict(cells, 5)
    assert len(found.rows) == len(SIZES)
    assert all(row.found.value == pytest.approx(1.0) for row in found.rows)
    assert found.state != REPLICATED


def test_correlations_are_compared_note_by_note() -> None:
    cells = [make_result(f, 16, correlation=r) for f, r in (("pca", 0.35), ("vae", 0.2), ("lstm-ae", 0.4))]
    found = verdict(cells, 6)
    assert found.state == NOT_REPLICATED  # the whole interval of the difference from PCA is under 0.1
    assert [round(row.found.value, 6) for row in found.rows] == [0.05, 0.2]
    cells[2] = make_result("lstm-ae", 16, correlation=0.6)
    assert verdict(cells, 6).state == UNDECIDED  # one beta only
    cells.append(make_result("vae-beta-1e-04", 16, correlation=0.3, beta=1e-4))
    assert "lowers that of the VAE in 0 of 1 steps" in verdict(cells, 6).reading
    assert verdict(cells, 6).state == NOT_REPLICATED
    cells[-1] = make_result("vae-beta-1e-04", 16, correlation=0.1, beta=1e-4)
    assert verdict(cells, 6).state == REPLICATED


def test_ratio_interval_and_test_are_those_of_the_notes() -> None:
    rng = np.random.default_rng(0)
    frames = tuple(int(n) for n in rng.integers(20, 120, 200))
    a, b = rng.lognormal(2.0, 0.3, 200), rng.lognormal(2.05, 0.3, 200)
    x, y = (RuleErrors("active", tuple(v**2), frames) for v in (a, b))
    found = compare_rmse(x, y, [str(i) for i in range(200)])
    assert found.value == pytest.approx(x.rmse().pooled_db / y.rmse().pooled_db)
    assert found.p == pytest.approx(wilcoxon(a, b).pvalue)
    assert found.low < found.value < found.high
    shares = np.array(frames)
    plain = [np.sqrt((a[i] ** 2 @ shares[i]) / (b[i] ** 2 @ shares[i])) for i in rng.integers(0, 200, (4000, 200))]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(plain, (0.025, 0.975))), abs=0.01)


def test_intervals_cover_the_truth_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        shared = rng.normal(0, 1, 60)
        found = compare_means(
            shared + rng.normal(0.5, 0.3, 60), shared + rng.normal(0, 0.3, 60), [str(i) for i in range(60)]
        )
        covered += found.low <= 0.5 <= found.high
    assert covered >= 51  # 95 % of 60 is 57; under 51 would be a chance of 1 in 1000


def test_the_units_are_instruments() -> None:
    units = units_of(NOTES)
    assert len(set(units)) == len(NOTES) / 3
    assert units[0] == "bass_acoustic_000"
    rng = np.random.default_rng(2)  # notes of an instrument err alike: their number must not narrow the interval
    per = rng.normal(0, 1, 24).repeat(3)
    by_note, by_instrument = (compare_means(per, np.zeros(72), each) for each in (NOTES, units))
    assert by_instrument.high - by_instrument.low > 1.5 * (by_note.high - by_note.low)
    assert by_instrument.units == 24


def test_intervals_over_instruments_cover_the_truth_where_those_over_notes_do_not() -> None:
    rng = np.random.default_rng(3)
    units = [str(i) for i in range(30) for _ in range(8)]
    covered = {"instruments": 0, "notes": 0}
    for _ in range(60):
        errors = rng.normal(0.0, 1.0, 30).repeat(8) + rng.normal(0.0, 0.5, 240)
        for name, of in (("instruments", units), ("notes", [str(i) for i in range(240)])):
            found = compare_means(errors, np.zeros(240), of)
            covered[name] += found.low <= 0.0 <= found.high
    assert covered["instruments"] >= 51
    assert covered["notes"] < 45


def test_the_interval_is_bca() -> None:
    """Against scipy's own BCa of one sample, for skewed values, where percentile intervals differ."""
    values = np.random.default_rng(4).lognormal(0.0, 1.0, 25)
    found = compare_means(values, np.zeros(25), [str(i) for i in range(25)])
    rng = np.random.default_rng(1)
    exact, plain = (
        bootstrap((values,), np.mean, method=method, n_resamples=20_000, rng=rng).confidence_interval
        for method in ("BCa", "percentile")
    )
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), rel=0.03)
    assert abs(found.high - plain.high) > 0.03 * found.high


def _normal(mean: float) -> Claim:
    values = np.random.default_rng(5).normal(0.0, 1.0, 400)
    values = (values - values.mean()) / values.std() * 20.0  # the standard error of the mean is 1
    return Claim(compare_means(values + mean, np.zeros(400), [str(i) for i in range(400)]), 0.0, below=False)


def test_holm_widens_the_intervals_where_any_claim_may_hold() -> None:
    assert holm([_normal(2.1)]) == [0]  # 1.96 standard errors at 95 %
    assert holm([_normal(2.1), _normal(0.1)]) == []  # 2.24 are needed for the first of two
    assert holm([_normal(0.1), _normal(2.5)]) == [1]
    assert holm([_normal(2.1), _normal(2.5)]) == [0, 1]  # the second holds; then one is left, at 95 %
    assert holm([_normal(2.3), *[_normal(0.1)] * 6]) == []  # 2.69 are needed for the first of seven
    assert holm([_normal(3.0), *[_normal(0.1)] * 6]) == [0]


def test_several_seeds_are_pooled_with_their_spread() -> None:
    one = [make_result("pca", 16), make_result("vae", 16, ratio=0.90, spread=0.01)]
    two = [replace(r, seed=1) for r in (make_result("pca", 16), make_result("vae", 16, ratio=0.94, spread=0.01))]
    found = Table([*one, *two]).ratio_to_pca("vae", 16, "note")
    single = Table(one).ratio_to_pca("vae", 16, "note")
    assert found is not None
    assert single is not None
    assert single.spread is None
    assert found.by_seed[0] == pytest.approx(single.value)
    assert found.spread == pytest.approx(np.std(found.by_seed, ddof=1))
    assert found.value == pytest.approx(np.sqrt(np.mean(np.square(found.by_seed))), rel=1e-6)
    assert "between 2 seeds" in str(found)
    assert found.units == single.units  # a seed is no new instrument


def test_equal_models_give_no_interval() -> None:
    same = RuleErrors("active", (1.0, 4.0) * 5, (10,) * 10)
    found = compare_rmse(same, same, [str(i) for i in range(10)])
    assert found.value == 1.0
    assert not found.decided
    assert not found.under(2.0)
    assert not found.over(0.5)


def test_grid_specifications() -> None:
    assert parse_grid("study") == grid_cells()
    assert parse_grid("pca,dae:4,16:note") == (
        Cell("pca", 4, "note"), Cell("dae", 4, "note"), Cell("pca", 16, "note"), Cell("dae", 16, "note"),
    )  # fmt: skip
    assert {c.latent_size for c in parse_grid("pca")} == set(SIZES)
    assert {c.split for c in parse_grid("pca:8")} == {"note", "instrument"}
    assert {c.seed for c in parse_grid("pca:8:note:0,1,2")} == {0, 1, 2}
    assert len(parse_grid("pca:8:note pca:8:note;vae:8:note")) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("tuba", "no family 'tuba'"),
        ("pca:x", "not numbers"),
        ("pca:0", "minimum is 1"),
        ("pca:4:fold", "no split 'fold'"),
        ("", "no cells"),
        ("pca:4:note:0:1", "5 fields"),
    ],
)
def test_invalid_grids_are_refused(wrong: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse_grid(wrong)
