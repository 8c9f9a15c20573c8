"""Positions on the timbre map: UMAP of the notes' centres, stored in the model file or in the user's cache."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.content import ModelFile
from synth_app.support.resources import user_folder
from synth_app.support.tensor_files import read_arrays, save_arrays

Floats = NDArray[np.float32]
_NEIGHBOURS, _MIN_DIST, _SEED = 12, 0.25, 1
_POSITIONS = "positions"
_LEAST_NOTES = 8  # UMAP needs neighbours


def umap_positions(latents: NDArray[np.floating]) -> Floats:
    """Compute UMAP positions (McInnes, Healy & Melville 2018), reproducibly.

    It takes up to a minute, mostly for compiling. Do not call it in the window's process.

    Args:
        latents: latent vectors [n, latent], n >= 8.

    Returns:
        float32 [n, 2].

    Raises:
        ValueError: fewer than 8 latent vectors.
    """
    if len(latents) < _LEAST_NOTES:
        raise ValueError(f"{len(latents)} notes; a map needs at least {_LEAST_NOTES}")
    import umap  # heavy: scikit-learn and compiled code

    neighbours = min(_NEIGHBOURS, len(latents) - 1)
    model = umap.UMAP(n_neighbors=neighbours, min_dist=_MIN_DIST, random_state=_SEED, n_jobs=1)
    positions: Floats = np.asarray(model.fit_transform(_whitened(latents)), np.float32)
    return positions


def _whitened(latents: NDArray[np.floating]) -> NDArray[np.float64]:
    std = latents.std(axis=0)
    out: NDArray[np.float64] = (latents - latents.mean(axis=0)) / np.where(std > 0, std, 1.0)
    return out


def cached_positions(latents: NDArray[np.floating]) -> Floats | None:
    """Return the cached positions of exactly these latent vectors, float32 [n, 2]; None if there are none."""
    found = (read_arrays(_cache_path(latents)) or {}).get(_POSITIONS)
    fits = found is not None and found.dtype == np.float32 and found.shape == (len(latents), 2)
    return found.view(np.float32) if found is not None and fits and np.isfinite(found).all() else None


def stored_positions(file: ModelFile, latents: NDArray[np.floating]) -> Floats | None:
    """Return the positions that the model file holds, else the cached ones; None if there are neither."""
    return file.map_positions if file.map_positions is not None else cached_positions(latents)


def save_positions(latents: NDArray[np.floating], positions: Floats) -> None:
    """Write positions to the user's cache. Raises UserError if it cannot be written."""
    path = _cache_path(latents)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_arrays(path, {_POSITIONS: positions.astype(np.float32)})


def _cache_path(latents: NDArray[np.floating]) -> Path:
    recipe = f"umap {_NEIGHBOURS} {_MIN_DIST} {_SEED} {latents.shape}".encode()
    digest = hashlib.sha256(recipe + np.ascontiguousarray(latents, np.float32).tobytes()).hexdigest()[:24]
    return user_folder("cache") / "maps" / f"{digest}.safetensors"
