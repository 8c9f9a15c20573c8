"""Computes the UMAP map of a note bank in a process of its own, at low priority."""

import contextlib
import multiprocessing
import os
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.umap_positions import save_positions, umap_positions

_LOW_PRIORITY = 15


class MapJob:
    """One map in another process. Poll it from a timer; every method returns at once.

    Attributes:
        centers: float32 [notes, latent]: the latent vectors of the notes' centers.
        positions: float32 [notes, 2]: the positions of the notes; None until they are ready.
        error: why the map failed, "" otherwise.
    """

    def __init__(self, centers: NDArray[np.floating]) -> None:
        self.centers = np.asarray(centers, np.float32)
        context = multiprocessing.get_context("spawn")
        self._receiver, self._sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(self.centers, self._sender), daemon=True)
        self.positions: NDArray[np.float32] | None = None
        self.error = ""
        self._done = False

    def start(self) -> None:
        """Start the computation."""
        self._process.start()
        self._sender.close()

    def done(self) -> bool:
        """Return whether it has ended; ``positions`` or ``error`` is set then."""
        while not self._done and self._receiver.poll():
            try:
                message = self._receiver.recv()
            except EOFError:
                self._done = True
                if self.positions is None and not self.error:
                    self.error = "the map process ended unexpectedly; the PCA map stays"
            else:
                if isinstance(message, str):
                    self.error = message
                else:
                    self.positions = message
                self._done = True
        return self._done

    def cancel(self) -> None:
        """Stop the computation."""
        self._done = True
        if self._process.is_alive():
            self._process.terminate()


def _work(centers: NDArray[np.float32], sender: Connection) -> None:
    with contextlib.suppress(AttributeError, OSError):  # a system without priorities
        os.nice(_LOW_PRIORITY)
    try:
        positions = umap_positions(centers)
        with contextlib.suppress(OSError, ValueError):  # the next start computes it again
            save_positions(centers, positions)
        sender.send(positions)
    except ImportError:
        sender.send("the UMAP map needs the package umap-learn; the PCA map stays")
    except Exception as error:  # the window shows any error
        sender.send(f"the UMAP map could not be made ({error}); the PCA map stays")
    finally:
        sender.close()
