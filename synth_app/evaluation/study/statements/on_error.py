"""Judges of what the study and we say of reconstruction error: statements 1 to 4 and our two aims."""

from synth_app.evaluation.study.statements.reasons import bounded_code, reasons
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.evaluation.study.statements.verdict import (
    ABOUT,
    CLEARLY,
    FAILS,
    HOLDS,
    IN_PART,
    INSTRUMENT_AIM,
    PUBLISHED,
    WELL_SIZES,
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
from synth_app.training.grid import LINEAR, OURS, SIZES


def first(table: Table, split: str) -> Verdict:
    ratios = ratios_of(table, "ae", LINEAR, split)
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
    return verdict(1, split, by_size(pca, ae, sizes), reading, why=why, rows=rows_of(ratios, "ae", LINEAR))


def second(table: Table, split: str) -> Verdict:
    ratios = {family: ratios_of(table, family, LINEAR, split) for family in PUBLISHED}
    at = {f: {s: c for s, c in found.items() if s in WELL_SIZES} for f, found in ratios.items()}
    absent = [title(f) for f, found in at.items() if not found]
    if absent:
        return missing(2, split, f"{', '.join(absent)} at 12 or 16")
    clear = {f: any(c.under(CLEARLY) for c in found.values()) for f, found in at.items()}
    wanted = {"ae": False, "dae": True, "lstm-ae": True, "vae": False}
    right = [f for f in PUBLISHED if clear[f] == wanted[f]]
    state = HOLDS if len(right) == len(wanted) else IN_PART if clear["dae"] or clear["lstm-ae"] else FAILS
    best = {f: min(ratios[f].items(), key=lambda item: item[1].value) for f in PUBLISHED}
    told = [f"{title(f)} {c.value:.3f} x PCA at best (at {s})" for f, (s, c) in best.items()]
    reading = "; ".join(told) + f". Clearly better (interval under {CLEARLY}) at 12 or 16: "
    reading += (", ".join(title(f) for f in PUBLISHED if clear[f]) or "none") + "."
    why = tuple(reason for f in PUBLISHED if clear[f] != wanted[f] for reason in reasons(table, f, max(at[f]), split))
    rows = tuple(row for f in PUBLISHED for row in rows_of(at[f], f, LINEAR))
    return verdict(2, split, state, reading, why=why, rows=rows)


def third(table: Table, split: str) -> Verdict:
    to_pca, to_dae = ratios_of(table, "vae", LINEAR, split), ratios_of(table, "vae", "dae", split)
    sizes = [size for size in to_pca if size in to_dae]
    if not sizes:
        return missing(3, split, "VAE, DAE and PCA at one size")
    between = [s for s in sizes if to_pca[s].under(1.0) and to_dae[s].over(1.0)]
    ahead = [s for s in sizes if to_dae[s].under(1.0)]
    behind = [s for s in sizes if to_pca[s].over(1.0)]
    told = [f"Between them at {listed(between) or 'no size'}"]
    told += [f"better than the DAE at {listed(ahead)}"] if ahead else []
    told += [f"worse than PCA at {listed(behind)}"] if behind else []
    reading = "; ".join(told) + "." + so_far(sizes, "vae")
    why = (*bounded_code(table, split), *reasons(table, "dae", ahead[-1], split)) if ahead else ()
    why += reasons(table, "vae", behind[-1], split) if behind else ()
    some = {s: to_pca[s] for s in sizes}
    rows = rows_of(some, "vae", LINEAR) + rows_of({s: to_dae[s] for s in sizes}, "vae", "dae")
    return verdict(3, split, by_size(between, ahead + behind, sizes), reading, why=why, rows=rows)


def fourth(table: Table, split: str) -> Verdict:
    size = max(SIZES)
    found = {f: table.to_pca(f, size, split) for f in table.grid_families(split) if f != LINEAR}
    there = {f: c for f, c in found.items() if c is not None}
    published = {f: c for f, c in there.items() if f not in OURS}
    if not published:
        return missing(4, split, "PCA and a published family at 100")
    better = [f for f, c in published.items() if c.under(ABOUT)]
    state = FAILS if better else HOLDS
    best = min(published, key=lambda f: published[f].value)
    reading = f"Of the published families {title(best)} comes nearest, {published[best]} x PCA"
    reading += f"; better by over {100 * (1 - ABOUT):.0f} %: {', '.join(map(title, better))}" if better else ""
    ours = {f: c for f, c in there.items() if f in OURS}
    reading += "".join(f"; {title(f)} {c} x PCA" for f, c in ours.items()) + "."
    absent = [title(f) for f in PUBLISHED if f not in published]
    if absent:
        reading += f" Not measured yet: {', '.join(absent)}."
    rows = tuple(Row(f"{title(f)} / PCA at {size}", c) for f, c in there.items())
    return verdict(4, split, state, reading, rows=rows)


def unseen_instruments(table: Table, split: str) -> Verdict:
    found = {f: c for f in OURS if (c := table.to_pca(f, 16, split)) is not None}
    if not found:
        return missing(7, split, "ours and PCA at 16")
    best = min(found, key=lambda f: found[f].value)
    state = HOLDS if found[best].value <= INSTRUMENT_AIM else FAILS
    why = reasons(table, best, 16, split) if state == FAILS else ()
    rows = tuple(Row(f"{title(f)} / PCA at 16", c) for f, c in found.items())
    return verdict(7, split, state, f"{title(best)}: {found[best]} x PCA.", why=why, rows=rows)


def every_size(table: Table, split: str) -> Verdict:
    rivals = [f for f in table.grid_families(split) if f not in OURS]
    rows, won, lost, sizes = [], list[int](), list[int](), list[int]()
    for size in SIZES:
        ours, rival = table.best(OURS, size, split), table.best(rivals, size, split)
        found = table.compare(ours, rival, size, split) if ours and rival else None
        if not ours or not rival or found is None:
            continue
        sizes.append(size)
        rows.append(Row(f"{title(ours)} / {title(rival)}, the best of the others, at {size}", found))
        (won if found.under(1.0) else lost if found.over(1.0) else []).append(size)
    if not sizes:
        return missing(8, split, "ours and another family at one size")
    reading = f"Better than the best of the others at {listed(won) or 'no size'}"
    reading += f"; worse at {listed(lost)}" if lost else ""
    reading += "." + so_far(sizes, OURS[0])
    loser = table.best(OURS, lost[-1], split) if lost else None
    why = reasons(table, loser, lost[-1], split) if loser else ()
    return verdict(8, split, by_size(won, lost, sizes), reading, why=why, rows=tuple(rows))
