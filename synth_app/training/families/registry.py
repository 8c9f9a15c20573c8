"""The table of model families. A new family is one module and one line here (or one call of ``register_family``)."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from synth_app.support.errors import UserError
from synth_app.training.settings import FINE_TUNE_FIT, PCA_FIT, PCA_NAME, FitSettings, TrainSettings

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
    """

    name: str
    target: str
    label: str
    role: StudyRole | None = None


_PACKAGE = "synth_app.training.families"
_ENTRIES: dict[str, FamilyEntry] = {
    entry.name: entry
    for entry in (
        FamilyEntry(PCA_NAME, f"{_PACKAGE}.pca:PCA", "PCA", "baseline"),
        FamilyEntry("ae", f"{_PACKAGE}.dense:AE", "AE", "published"),
        FamilyEntry("dae", f"{_PACKAGE}.dense:DAE", "DAE 128", "published"),
        FamilyEntry("dae-256", f"{_PACKAGE}.dense:DAE_256", "DAE 256", "variant"),
        FamilyEntry("dae-256-128", f"{_PACKAGE}.dense:DAE_256_128", "DAE 256-128", "variant"),
        FamilyEntry("dae-layerwise", f"{_PACKAGE}.dense:DAE_LAYERWISE", "DAE layer-wise", "variant"),
        FamilyEntry("lstm-ae", f"{_PACKAGE}.lstm_ae:LSTM_AE", "LSTM-AE", "published"),
        FamilyEntry("vae", f"{_PACKAGE}.vae:VAE", "VAE", "published"),
        FamilyEntry("residual-dae", f"{_PACKAGE}.residual:RESIDUAL_DAE", "ours: residual DAE", "own"),
        FamilyEntry("residual-vae", f"{_PACKAGE}.residual:RESIDUAL_VAE", "ours: residual VAE", "own"),
        FamilyEntry("keyed-vae", f"{_PACKAGE}.pitch_conditioned:KEYED_VAE", "ours: pitch-conditioned VAE", "own"),
        # Not in the grid: its latent vectors leave the pitch out, so its errors do not compare with the others'.
        FamilyEntry("pitched-vae", f"{_PACKAGE}.pitch_conditioned:PITCHED_VAE", "ours: pitch-invariant VAE"),
    )
}


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


def family(name: str) -> "Family":
    """Import and return the family of that name.

    Raises:
        UserError: no such family.
    """
    if name not in _ENTRIES:
        raise UserError(f"no model family {name!r}; there are: {', '.join(sorted(_ENTRIES))}")
    module, _, attribute = _ENTRIES[name].target.partition(":")
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
