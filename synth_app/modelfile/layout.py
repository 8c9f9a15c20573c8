"""The slow map of a bank: UMAP of the notes' centre codes, computed once and kept beside or in the model file."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from synth_app.support.files import atomic_path

Floats = NDArray[np.float32]
_NEIGHBOURS, _MIN_DIST, _SEED = 12, 0.25, 1
_LEAST_NOTES = 8  # below that there is no neighbourhood to speak of


def umap_places(codes: NDArray[np.floating]) -> Floats:
    """UMAP (McInnes, Healy & Melville 2018) of codes [n, latent], n >= 8: float32 [n, 2], the same every time.

    Takes a minute on a slow machine, most of it compiling; so never in the window's process.
    """
    if len(codes) < _LEAST_NOTES:
        raise ValueError(f"{len(codes)} notes; a map needs at least {_LEAST_NOTES}")
    import umap  # heavy: scikit-learn and compiled code

    neighbours = min(_NEIGHBOURS, len(codes) - 1)
    model = umap.UMAP(n_neighbors=neighbours, min_dist=_MIN_DIST, random_state=_SEED, n_jobs=1)
    places: Floats = np.asarray(model.fit_transform(_whitened(codes)), np.float32)
    return places


def _whitened(codes: NDArray[np.floating]) -> NDArray[np.float64]:
    std = codes.std(axis=0)
    out: NDArray[np.float64] = (codes - codes.mean(axis=0)) / np.where(std > 0, std, 1.0)
    return out


def cached_places(codes: NDArray[np.floating]) -> Floats | None:
    """Places computed before for exactly these codes; None if there are none, or none that can be read."""
    try:
        found = np.load(_cache_path(codes), allow_pickle=False)
    except (OSError, ValueError):
        return None
    fits = found.shape == (len(codes), 2) and np.isfinite(found).all()
    return found.astype(np.float32) if fits else None


def keep_places(codes: NDArray[np.floating], places: Floats) -> None:
    """Remember places for these codes in the user's cache. Raises UserError if that cannot be written."""
    path = _cache_path(codes)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.save(file, places, allow_pickle=False)


def _cache_path(codes: NDArray[np.floating]) -> Path:
    recipe = f"umap {_NEIGHBOURS} {_MIN_DIST} {_SEED} {codes.shape}".encode()
    digest = hashlib.sha256(recipe + np.ascontiguousarray(codes, np.float32).tobytes()).hexdigest()[:24]
    return user_cache_path("synth_app", appauthor=False) / "maps" / f"{digest}.npy"
