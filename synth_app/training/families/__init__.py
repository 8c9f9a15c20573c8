"""Model families that can be trained, looked up by name. Importing this package does not import torch."""

from synth_app.training.families.registry import FamilyEntry, families, family, family_entries, register_family

__all__ = ["FamilyEntry", "families", "family", "family_entries", "register_family"]
