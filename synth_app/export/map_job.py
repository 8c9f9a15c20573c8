"""Computes the UMAP map of a note bank in a process of its own, at low priority."""

import contextlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_app.export.process_job import ProcessJob
from synth_app.modelfile.umap_positions import save_positions, umap_positions
from synth_app.support.priority import lower_process


class MapJob(ProcessJob):
    """One map in another process. ``positions`` or ``error`` is set when it is done.

    Attributes:
        centers: float32 [notes, latent]: the latent vectors of the notes' centers.
        positions: float32 [notes, 2]: the positions of the notes; None until they are ready.
        error: why the map failed, "" otherwise.
    """

    def __init__(self, centers: NDArray[np.floating]) -> None:
        self.centers = np.asarray(centers, np.float32)
        super().__init__(_make_map, self.centers)
        self.positions: NDArray[np.float32] | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        if isinstance(message, np.ndarray):
            self.positions = message
        else:
            self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        self.error = "the map process ended unexpectedly; the PCA map stays"


def _make_map(centers: NDArray[np.float32], send: Callable[[NDArray[np.float32] | str], None]) -> None:
    lower_process()
    try:
        positions = umap_positions(centers)
        with contextlib.suppress(OSError, ValueError):  # the next start computes it again
            save_positions(centers, positions)
        send(positions)
    except ImportError:
        send('the UMAP map needs the package umap-learn (pip install "synth-app[train]"); the PCA map stays')
    except Exception as error:  # the window shows any error
        send(f"the UMAP map could not be computed ({error}); the PCA map stays")
