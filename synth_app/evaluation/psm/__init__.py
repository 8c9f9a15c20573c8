"""PEMO-Q's perceptual similarity of two sounds, PSM and PSMt, by a model of the ear that is public.

Huber & Kollmeier, "PEMO-Q - a new method for objective audio quality assessment using a model of auditory
perception", IEEE TASLP 14(6), 2006; the model of the ear is that of Dau, Pueschel & Kohlrausch, JASA 99, 1996, and
Dau, Kollmeier & Kohlrausch, JASA 102, 1997.
"""

from synth_app.evaluation.psm.adaptation import adapt
from synth_app.evaluation.psm.ear import MODULATIONS, internal_representation
from synth_app.evaluation.psm.similarity import Listener, Similarity, measure_similarity

__all__ = ["MODULATIONS", "Listener", "Similarity", "adapt", "internal_representation", "measure_similarity"]
