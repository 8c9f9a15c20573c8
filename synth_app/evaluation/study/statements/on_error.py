"""Tests of the statements on reconstruction error: statements 1 to 4 of the study and our two aims."""

from synth_app.evaluation.study.statements.reasons import bounded_latents, reasons
from synth_app.evaluation.study.statements.statistics import Claim, Comparison, holm
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.evaluation.study.statements.verdict import (
    ABOUT,
    CLEARLY,
    INSTRUMENT_AIM,
    MAIN_SIZES,
    NOT_REPLICATED,
    OURS,
    PUBLISHED,
    REPLICATED,
    UNDECIDED,
    Row,
    Verdict,
    every_size,
    listed,
    missing,
    ratios_of,
    rows_of,
    so_far,
    state_of,
    verdict,
)
from synth_app.training.grid import BASELINE, SIZES, own_families


def ae_against_pca(table: Table, split: str) -> Verdict:
    """Test statement 1: PCA has a lower error than the shallow AE at every size."""
    ratios = ratios_of(table, "ae", BASELINE, split)
    if not ratios:
        return missing(1, split, "AE and PCA at one size")
    sizes = list(ratios)
    claims = [Claim(c, 1.0, below=False) for c in ratios.values()]
    pca = [s for s, claim in zip(sizes, claims, strict=True) if claim.supported()]
    ae = [sizes[i] for i in holm([claim.opposite for claim in claims])]
    reading = f"PCA is better at {listed(pca) or 'no size'}"
    reading += f", the AE at {listed(ae)}" if ae else ""
    spread = [c.value for c in ratios.values()]
    reading += f"; AE / PCA runs from {min(spread):.3f} to {max(spread):.3f}." + so_far(sizes, "ae")
    why = reasons(table, "ae", ae[-1], split) if ae else ()
    state = state_of(claims, complete=every_size(sizes))
    return verdict(1, split, state, reading, why=why, rows=rows_of(ratios, "ae", BASELINE))


def clearly_better_than_pca(table: Table, split: str) -> Verdict:
    """Test statement 2: only DAE and LSTM-AE are clearly better than PCA, at 12 or at 16."""
    ratios = {family: ratios_of(table, family, BASELINE, split) for family in PUBLISHED}
    at = {f: {s: c for s, c in found.items() if s in MAIN_SIZES} for f, found in ratios.items()}
    absent = [title(f) for f, found in at.items() if not found]
    if absent:
        return missing(2, split, f"{', '.join(absent)} at 12 or 16")
    clear = {f: _clearly_better(list(found.values())) for f, found in at.items()}
    expected = {"ae": False, "dae": True, "lstm-ae": True, "vae": False}
    otherwise = [f for f in PUBLISHED if clear[f] is not None and clear[f] != expected[f]]
    state = NOT_REPLICATED if otherwise else REPLICATED if clear == expected else UNDECIDED
    parts = [f"{title(f)} " + ", ".join(f"{c} x PCA at {s}" for s, c in at[f].items()) for f in PUBLISHED]
    reading = "; ".join(parts) + f". Clearly better (interval under {CLEARLY}) at 12 or 16: "
    reading += ", ".join(title(f) for f in PUBLISHED if clear[f]) or "none"
    undecided = [title(f) for f in PUBLISHED if clear[f] is None]
    reading += f"; undecided: {', '.join(undecided)}." if undecided else "."
    why = tuple(reason for f in otherwise for reason in reasons(table, f, max(at[f]), split))
    rows = tuple(row for f in PUBLISHED for row in rows_of(at[f], f, BASELINE))
    return verdict(2, split, state, reading, why=why, rows=rows)


def _clearly_better(found: list[Comparison]) -> bool | None:
    """Return whether a family is clearly better than PCA at any of some sizes; None if the intervals leave it open."""
    claims = [Claim(c, CLEARLY, below=True) for c in found]
    if holm(claims):
        return True
    return False if all(claim.opposite.supported() for claim in claims) else None


def vae_between_dae_and_pca(table: Table, split: str) -> Verdict:
    """Test statement 3: the VAE lies between DAE and PCA."""
    ratio_to_pca, to_dae = ratios_of(table, "vae", BASELINE, split), ratios_of(table, "vae", "dae", split)
    sizes = [size for size in ratio_to_pca if size in to_dae]
    if not sizes:
        return missing(3, split, "VAE, DAE and PCA at one size")
    under_pca = [Claim(ratio_to_pca[s], 1.0, below=True) for s in sizes]
    over_dae = [Claim(to_dae[s], 1.0, below=False) for s in sizes]
    contradicted = holm([claim.opposite for claim in (*under_pca, *over_dae)])
    behind = [sizes[i] for i in contradicted if i < len(sizes)]
    ahead = [sizes[i - len(sizes)] for i in contradicted if i >= len(sizes)]
    between = [s for s, a, b in zip(sizes, under_pca, over_dae, strict=True) if a.supported() and b.supported()]
    parts = [f"Between them at {listed(between) or 'no size'}"]
    parts += [f"better than the DAE at {listed(ahead)}"] if ahead else []
    parts += [f"worse than PCA at {listed(behind)}"] if behind else []
    reading = "; ".join(parts) + "." + so_far(sizes, "vae")
    why = (*bounded_latents(table, split), *reasons(table, "dae", ahead[-1], split)) if ahead else ()
    why += reasons(table, "vae", behind[-1], split) if behind else ()
    rows = rows_of({s: ratio_to_pca[s] for s in sizes}, "vae", BASELINE)
    rows += rows_of({s: to_dae[s] for s in sizes}, "vae", "dae")
    state = state_of([*under_pca, *over_dae], complete=every_size(sizes))
    return verdict(3, split, state, reading, why=why, rows=rows)


def pca_at_100_dimensions(table: Table, split: str) -> Verdict:
    """Test statement 4: no published family is better than PCA at 100 dimensions."""
    size = max(SIZES)
    found = {f: table.ratio_to_pca(f, size, split) for f in table.grid_families(split) if f != BASELINE}
    measured = {f: c for f, c in found.items() if c is not None}
    own = own_families()
    published = {f: c for f, c in measured.items() if f not in own}
    if not published:
        return missing(4, split, "PCA and a published family at 100")
    claims = [Claim(c, ABOUT, below=False) for c in published.values()]
    better = [list(published)[i] for i in holm([claim.opposite for claim in claims])]
    reading = "; ".join(f"{title(f)} {c} x PCA" for f, c in measured.items())
    reading += f"; better by over {100 * (1 - ABOUT):.0f} %: {', '.join(map(title, better)) or 'none'}."
    absent = [f for f in PUBLISHED if f not in published]
    if absent:
        reading += f" Not measured yet: {', '.join(map(title, absent))}."
    rows = tuple(Row(f"{title(f)} / PCA at {size}", c) for f, c in measured.items())
    return verdict(4, split, state_of(claims, complete=not absent), reading, rows=rows)


def unseen_instruments(table: Table, split: str) -> Verdict:
    """Test our aim for unseen instruments."""
    found = {f: c for f in own_families() if (c := table.ratio_to_pca(f, 16, split)) is not None}
    if OURS not in found:
        return missing(7, split, f"{title(OURS)} and PCA at 16")
    state = state_of([Claim(found[OURS], INSTRUMENT_AIM, below=True)])
    why = () if state == REPLICATED else reasons(table, OURS, 16, split)
    reading = "; ".join(f"{title(f)} {c} x PCA" for f, c in sorted(found.items(), key=lambda each: each[0] != OURS))
    rows = tuple(Row(f"{title(f)} / PCA at 16", c) for f, c in found.items())
    return verdict(7, split, state, f"{reading}.", why=why, rows=rows)


def every_rival(table: Table, split: str) -> Verdict:
    """Test our aim for every latent size: against every other family, not against the best of them."""
    rivals = [f for f in table.grid_families(split) if f not in own_families()]
    found = {(size, f): c for size in SIZES for f in rivals if (c := table.compare(OURS, f, size, split)) is not None}
    if not found:
        return missing(8, split, f"{title(OURS)} and another family at one size")
    claims = [Claim(c, 1.0, below=True) for c in found.values()]
    lost = [list(found)[i] for i in holm([claim.opposite for claim in claims])]
    sizes = sorted({size for size, _ in found})
    won = [s for s in sizes if all(claim.supported() for claim, at in zip(claims, found, strict=True) if at[0] == s)]
    reading = f"Better than every other family at {listed(won) or 'no size'}"
    reading += "".join(f"; worse than {title(f)} at {size}" for size, f in lost) + "." + so_far(sizes, OURS)
    why = reasons(table, OURS, lost[-1][0], split) if lost else ()
    rows = tuple(Row(f"{title(OURS)} / {title(f)} at {size}", c) for (size, f), c in found.items())
    complete = every_size(sizes) and set(PUBLISHED) <= set(rivals)
    return verdict(8, split, state_of(claims, complete=complete), reading, why=why, rows=rows)
