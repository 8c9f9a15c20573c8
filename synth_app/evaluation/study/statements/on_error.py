"""Tests of the statements on reconstruction error: statements 1 to 4 of the study and our two aims."""

from synth_app.evaluation.study.statements.reasons import bounded_latents, reasons
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.evaluation.study.statements.verdict import (
    ABOUT,
    CLEARLY,
    INSTRUMENT_AIM,
    MAIN_SIZES,
    NOT_REPLICATED,
    PARTLY_REPLICATED,
    PUBLISHED,
    REPLICATED,
    Row,
    Verdict,
    by_size,
    listed,
    missing,
    ratios_of,
    rows_of,
    so_far,
    verdict,
)
from synth_app.training.grid import BASELINE, SIZES, own_families


def ae_against_pca(table: Table, split: str) -> Verdict:
    """Test statement 1: PCA has a lower error than the shallow AE."""
    ratios = ratios_of(table, "ae", BASELINE, split)
    if not ratios:
        return missing(1, split, "AE and PCA at one size")
    sizes = list(ratios)
    pca = [s for s, c in ratios.items() if c.over(1.0)]
    ae = [s for s, c in ratios.items() if c.under(1.0)]
    reading = f"PCA is better at {listed(pca) or 'no size'}"
    reading += f", the AE at {listed(ae)}" if ae else ""
    spread = [c.value for c in ratios.values()]
    reading += f"; AE / PCA runs from {min(spread):.3f} to {max(spread):.3f}." + so_far(sizes, "ae")
    why = reasons(table, "ae", ae[-1], split) if ae else ()
    return verdict(1, split, by_size(pca, ae, sizes), reading, why=why, rows=rows_of(ratios, "ae", BASELINE))


def clearly_better_than_pca(table: Table, split: str) -> Verdict:
    """Test statement 2: only DAE and LSTM-AE are clearly better than PCA."""
    ratios = {family: ratios_of(table, family, BASELINE, split) for family in PUBLISHED}
    at = {f: {s: c for s, c in found.items() if s in MAIN_SIZES} for f, found in ratios.items()}
    absent = [title(f) for f, found in at.items() if not found]
    if absent:
        return missing(2, split, f"{', '.join(absent)} at 12 or 16")
    clear = {f: any(c.under(CLEARLY) for c in found.values()) for f, found in at.items()}
    expected = {"ae": False, "dae": True, "lstm-ae": True, "vae": False}
    partly = PARTLY_REPLICATED if clear["dae"] or clear["lstm-ae"] else NOT_REPLICATED
    state = REPLICATED if clear == expected else partly
    best = {f: min(ratios[f].items(), key=lambda item: item[1].value) for f in PUBLISHED}
    parts = [f"{title(f)} {c.value:.3f} x PCA at best (at {s})" for f, (s, c) in best.items()]
    reading = "; ".join(parts) + f". Clearly better (interval under {CLEARLY}) at 12 or 16: "
    reading += (", ".join(title(f) for f in PUBLISHED if clear[f]) or "none") + "."
    why = tuple(reason for f in PUBLISHED if clear[f] != expected[f] for reason in reasons(table, f, max(at[f]), split))
    rows = tuple(row for f in PUBLISHED for row in rows_of(at[f], f, BASELINE))
    return verdict(2, split, state, reading, why=why, rows=rows)


def vae_between_dae_and_pca(table: Table, split: str) -> Verdict:
    """Test statement 3: the VAE lies between DAE and PCA."""
    ratio_to_pca, to_dae = ratios_of(table, "vae", BASELINE, split), ratios_of(table, "vae", "dae", split)
    sizes = [size for size in ratio_to_pca if size in to_dae]
    if not sizes:
        return missing(3, split, "VAE, DAE and PCA at one size")
    between = [s for s in sizes if ratio_to_pca[s].under(1.0) and to_dae[s].over(1.0)]
    ahead = [s for s in sizes if to_dae[s].under(1.0)]
    behind = [s for s in sizes if ratio_to_pca[s].over(1.0)]
    parts = [f"Between them at {listed(between) or 'no size'}"]
    parts += [f"better than the DAE at {listed(ahead)}"] if ahead else []
    parts += [f"worse than PCA at {listed(behind)}"] if behind else []
    reading = "; ".join(parts) + "." + so_far(sizes, "vae")
    why = (*bounded_latents(table, split), *reasons(table, "dae", ahead[-1], split)) if ahead else ()
    why += reasons(table, "vae", behind[-1], split) if behind else ()
    some = {s: ratio_to_pca[s] for s in sizes}
    rows = rows_of(some, "vae", BASELINE) + rows_of({s: to_dae[s] for s in sizes}, "vae", "dae")
    return verdict(3, split, by_size(between, ahead + behind, sizes), reading, why=why, rows=rows)


def pca_at_100_dimensions(table: Table, split: str) -> Verdict:
    """Test statement 4: no published family is better than PCA at 100 dimensions."""
    size = max(SIZES)
    found = {f: table.ratio_to_pca(f, size, split) for f in table.grid_families(split) if f != BASELINE}
    measured = {f: c for f, c in found.items() if c is not None}
    own = own_families()
    published = {f: c for f, c in measured.items() if f not in own}
    if not published:
        return missing(4, split, "PCA and a published family at 100")
    better = [f for f, c in published.items() if c.under(ABOUT)]
    state = NOT_REPLICATED if better else REPLICATED
    best = min(published, key=lambda f: published[f].value)
    reading = f"The best published family is {title(best)}, {published[best]} x PCA"
    reading += f"; better by over {100 * (1 - ABOUT):.0f} %: {', '.join(map(title, better))}" if better else ""
    reading += "".join(f"; {title(f)} {c} x PCA" for f, c in measured.items() if f in own) + "."
    absent = [title(f) for f in PUBLISHED if f not in published]
    if absent:
        reading += f" Not measured yet: {', '.join(absent)}."
    rows = tuple(Row(f"{title(f)} / PCA at {size}", c) for f, c in measured.items())
    return verdict(4, split, state, reading, rows=rows)


def unseen_instruments(table: Table, split: str) -> Verdict:
    """Test our aim for unseen instruments."""
    found = {f: c for f in own_families() if (c := table.ratio_to_pca(f, 16, split)) is not None}
    if not found:
        return missing(7, split, "ours and PCA at 16")
    best = min(found, key=lambda f: found[f].value)
    state = REPLICATED if found[best].value <= INSTRUMENT_AIM else NOT_REPLICATED
    why = reasons(table, best, 16, split) if state == NOT_REPLICATED else ()
    rows = tuple(Row(f"{title(f)} / PCA at 16", c) for f, c in found.items())
    return verdict(7, split, state, f"{title(best)}: {found[best]} x PCA.", why=why, rows=rows)


def every_size(table: Table, split: str) -> Verdict:
    """Test our aim for every latent size."""
    own = own_families()
    rivals = [f for f in table.grid_families(split) if f not in own]
    rows, won, lost, sizes = [], list[int](), list[int](), list[int]()
    for size in SIZES:
        ours, rival = table.best(own, size, split), table.best(rivals, size, split)
        found = table.compare(ours, rival, size, split) if ours and rival else None
        if not ours or not rival or found is None:
            continue
        sizes.append(size)
        rows.append(Row(f"{title(ours)} / {title(rival)}, the best of the other families, at {size}", found))
        (won if found.under(1.0) else lost if found.over(1.0) else []).append(size)
    if not sizes:
        return missing(8, split, "ours and another family at one size")
    reading = f"Better than the best of the other families at {listed(won) or 'no size'}"
    reading += f"; worse at {listed(lost)}" if lost else ""
    reading += "." + so_far(sizes, own[0])
    loser = table.best(own, lost[-1], split) if lost else None
    why = reasons(table, loser, lost[-1], split) if loser else ()
    return verdict(8, split, by_size(won, lost, sizes), reading, why=why, rows=tuple(rows))
