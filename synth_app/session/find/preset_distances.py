"""How far presets are from a sound, by the learned metric."""

from synth_app.decoder import Model
from synth_app.patch import Patch
from synth_app.session.find.candidates import patch_shape
from synth_app.session.find.search import SoundFinder


class PresetDistances:
    """Measures the presets of a finder. An instance belongs to one thread.

    Args:
        finder: of the model.
        model: that plays the sounds.
    """

    def __init__(self, finder: SoundFinder, model: Model) -> None:
        self._finder, self._model = finder, model

    def of(self, patch: Patch) -> dict[str, float]:
        """Return the distance of each preset from a patch of the model, by the preset's key.

        Effects and modulation do not count. Most pairs of instruments are 4 to 8 apart.
        """
        distances = self._finder.distances(patch_shape(self._model, patch))
        pairs = zip(self._finder.candidates, distances.tolist(), strict=True)
        return {candidate.key: distance for candidate, distance in pairs if candidate.kind == "preset"}
