"""The table of model families. A new family is one module and one line here (or one call of ``register_family``)."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from synth_app.support.errors import UserError
from synth_app.training.settings import FINE_TUNE_FIT, PCA_FIT, PCA_NAME, PCA_TITLE, FitSettings, TrainSettings

if TYPE_CHECKING:
    from synth_app.training.families.base import Family

StudyRole = Literal["baseline", "published", "variant", "own"]


@dataclass(frozen=True)
class FamilyEntry:
    """One line of the table.

    Attributes:
        name: as given to ``--family`` and stored in model cards.
        target: "package.module:ATTRIBUTE" of a ``Family``. It is imported on first use, because it imports torch.
        label: short name for tables and figures.
        role: in the grid of the reference study: its linear baseline, a published family, a variant of one (trained at
            a few latent sizes only), or an own family. None: not in the grid.
        title: name for people, the same as the family's own. summary: what sets it apart, in one sentence for the
            window. The window offers families that have both.
    """

    name: str
    target: str
    label: str
    role: StudyRole | None = None
    title: str = ""
    summary: str = ""


_PACKAGE = "synth_app.training.families"
_ENTRIES: dict[str, FamilyEntry] = {
    entry.name: entry
    for entry in (
        FamilyEntry(
            PCA_NAME, f"{_PACKAGE}.pca:PCA", "PCA", "baseline", PCA_TITLE,
            "Linear and exact. It is ready in seconds and needs no torch.",
        ),
        FamilyEntry(
            "ae", f"{_PACKAGE}.dense:AE", "AE", "published", "Shallow autoencoder",
            "The simplest network: one layer each way. It comes about as near as PCA.",
        ),
        FamilyEntry(
            "dae", f"{_PACKAGE}.dense:DAE", "DAE 128", "published", "Deep autoencoder",
            "One hidden layer each way. Its latent values stay between -1 and 1.",
        ),
        FamilyEntry("dae-256", f"{_PACKAGE}.dense:DAE_256", "DAE 256", "variant"),
        FamilyEntry("dae-256-128", f"{_PACKAGE}.dense:DAE_256_128", "DAE 256-128", "variant"),
        FamilyEntry("dae-layerwise", f"{_PACKAGE}.dense:DAE_LAYERWISE", "DAE layer-wise", "variant"),
        FamilyEntry(
            "lstm-ae", f"{_PACKAGE}.lstm_ae:LSTM_AE", "LSTM-AE", "published", "Recurrent autoencoder",
            "Remembers what sounded before, so the same point can sound different later in a note.",
        ),
        FamilyEntry(
            "vae", f"{_PACKAGE}.vae:VAE", "VAE", "published", "Variational autoencoder",
            "Keeps its latent vectors close together, so points between the notes sound, too.",
        ),
        FamilyEntry("residual-dae", f"{_PACKAGE}.residual:RESIDUAL_DAE", "ours: residual DAE", "own"),
        FamilyEntry(
            "residual-vae", f"{_PACKAGE}.residual:RESIDUAL_VAE", "ours: residual VAE", "own", "Residual VAE",
            "Begins as PCA and learns what PCA misses. It suits any recordings, also those without a pitch.",
        ),
        FamilyEntry(
            "keyed-vae", f"{_PACKAGE}.pitch_conditioned:KEYED_VAE", "ours: pitch-conditioned VAE", "own",
            "Pitch-conditioned VAE",
            "Knows the key of every note, so it needs fewer dimensions. Record each instrument at many keys.",
        ),
        # Not in the grid: its latent vectors leave the pitch out, so its errors do not compare with the others'.
        FamilyEntry(
            "pitched-vae", f"{_PACKAGE}.pitch_conditioned:PITCHED_VAE", "ours: pitch-invariant VAE", None,
            "Pitch-invariant VAE",
            "Keeps a timbre at every key. It learns from pairs of notes, so record each instrument at many keys.",
        ),
    )
}  # fmt: skip


def register_family(entry: FamilyEntry) -> None:
    """Add a family from outside this package. In other processes (Dask workers) call it there too.

    Raises:
        UserError: the name is taken by another family.
    """
    if _ENTRIES.setdefault(entry.name, entry) != entry:
        raise UserError(f"the model family {entry.name!r} is registered already; choose another name")


def unregister_family(name: str) -> None:
    """Remove a family that ``register_family`` added."""
    _ENTRIES.pop(name, None)


def family_entries(*roles: StudyRole) -> tuple[FamilyEntry, ...]:
    """Return the entries with one of these roles, or all entries, in the table's order."""
    return tuple(entry for entry in _ENTRIES.values() if not roles or entry.role in roles)


def offered_families() -> tuple[FamilyEntry, ...]:
    """Return the families that the window offers, in the table's order."""
    return tuple(entry for entry in _ENTRIES.values() if entry.title and entry.summary)


def family_entry(name: str) -> FamilyEntry:
    """Return the entry of that name. Raises UserError if there is none."""
    if name not in _ENTRIES:
        raise UserError(f"no model family {name!r}; there are: {', '.join(sorted(_ENTRIES))}")
    return _ENTRIES[name]


def family(name: str) -> "Family":
    """Import and return the family of that name.

    Raises:
        UserError: no such family.
    """
    module, _, attribute = family_entry(name).target.partition(":")
    found: Family = getattr(import_module(module), attribute)
    return found


def fit_of(settings: TrainSettings) -> FitSettings:
    """Return the settings of a job's optimization: its own, else the defaults. Raises as ``family``.

    Torch is imported only for a family's defaults, not for PCA and not for a training that begins with a model.
    """
    if settings.fit is not None:
        return settings.fit
    if settings.start is not None:
        return FINE_TUNE_FIT
    return PCA_FIT if settings.family == PCA_NAME else family(settings.family).fit(settings.spec)


def families() -> dict[str, "Family"]:
    """Import and return all families by name."""
    return {name: family(name) for name in _ENTRIES}
