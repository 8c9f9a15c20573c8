"""The map of a bank, computed in a process of its own at low priority, so that neither window nor sound notices."""

import contextlib
import multiprocessing
import os
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.umap_positions import save_positions, umap_positions

_LOW_PRIORITY = 15


class MapJob:
    """One map under way. Poll it from a timer; all methods return at once."""

    def __init__(self, codes: NDArray[np.floating]) -> None:
        """``codes`` [notes, latent]: the notes' centres."""
        self.codes = np.asarray(codes, np.float32)
        context = multiprocessing.get_context("spawn")
        self._receiver, self._sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(self.codes, self._sender), daemon=True)
        self.places: NDArray[np.float32] | None = None
        self.error = ""
        self._done = False

    def start(self) -> None:
        """Begin."""
        self._process.start()
        self._sender.close()

    def done(self) -> bool:
        """Whether it has ended; ``places`` or ``error`` is set then."""
        while not self._done and self._receiver.poll():
            try:
                news = self._receiver.recv()
            except EOFError:
                self._done = True
                if self.places is None and not self.error:
                    self.error = "the map's process ended unexpectedly; the PCA map stays"
            else:
                if isinstance(news, str):
                    self.error = news
                else:
                    self.places = news
                self._done = True
        return self._done

    def cancel(self) -> None:
        """Stop."""
        self._done = True
        if self._process.is_alive():
            self._process.terminate()


def _work(codes: NDArray[np.float32], sender: Connection) -> None:
    with contextlib.suppress(AttributeError, OSError):  # a system without priorities
        os.nice(_LOW_PRIORITY)
    try:
        places = umap_positions(codes)
        with contextlib.suppress(OSError, ValueError):  # a full disk costs the next start a minute, no more
            save_positions(codes, places)
        sender.send(places)
    except ImportError:
        sender.send("the UMAP map needs the package umap-learn; the PCA map stays")
    except Exception as error:  # whatever it is belongs into the window's line, not into a lost process
        sender.send(f"the UMAP map could not be made ({error}); the PCA map stays")
    finally:
        sender.close()
