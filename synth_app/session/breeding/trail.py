"""The trail of breeding: each generation with its parent and its variations, to go back along."""

from dataclasses import dataclass

from synth_app.patch import Patch
from synth_app.session.breeding.breed import Variation


@dataclass(frozen=True)
class Generation:
    """One generation.

    Attributes:
        parent: the patch that it was bred from.
        picked: position of the parent among the variations of the generation before; None for another sound, as the
            first one is.
        variations: empty until they are bred.
    """

    parent: Patch
    picked: int | None = None
    variations: tuple[Variation, ...] = ()


class Trail:
    """The generations from the first parent on. A pick from an earlier one takes the place of those after it."""

    def __init__(self) -> None:
        self.generations: list[Generation] = []
        self.at = 0

    @property
    def present(self) -> Generation | None:
        """The generation whose variations are heard; None before the first one."""
        return self.generations[self.at] if self.generations else None

    def begin(self, parent: Patch) -> None:
        """Start again from a sound."""
        self.generations, self.at = [Generation(parent.settings)], 0

    def add(self, parent: Patch) -> None:
        """Go on from a sound that is no variation, in the place of the generations after the present one."""
        del self.generations[self.at + 1 :]
        self.generations.append(Generation(parent.settings))
        self.at = len(self.generations) - 1

    def show(self, variations: tuple[Variation, ...]) -> None:
        """Set the variations of the present generation."""
        present = self.generations[self.at]
        self.generations[self.at] = Generation(present.parent, present.picked, variations)

    def pick(self, which: int) -> None:
        """Make a variation, counted from 0, the parent of the next generation."""
        chosen = self.generations[self.at].variations[which]
        del self.generations[self.at + 1 :]
        self.generations.append(Generation(chosen.patch.settings, which))
        self.at += 1

    def go(self, index: int) -> Patch:
        """Go to a generation, counted from 0, and return its parent. The later ones stay until a pick."""
        self.at = index
        return self.generations[index].parent

    def index_of(self, patch: Patch) -> int | None:
        """Return the generation whose parent a patch is, the latest one; None if it is none."""
        wanted = patch.settings
        parents = [i for i, generation in enumerate(self.generations) if generation.parent == wanted]
        return parents[-1] if parents else None

    def which(self, patch: Patch) -> int | None:
        """Return which variation of the present generation a patch is; None if it is none."""
        present, wanted = self.present, patch.settings
        if present is None:
            return None
        return next((i for i, each in enumerate(present.variations) if each.patch.settings == wanted), None)
