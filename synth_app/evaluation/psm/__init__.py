"""PSM and PSMt of PEMO-Q: perceptual similarity of two sounds by a published auditory model.

Huber & Kollmeier, "PEMO-Q - a new method for objective audio quality assessment using a model of auditory perception",
IEEE TASLP 14(6), 2006. The auditory model is that of Dau, Pueschel & Kohlrausch, JASA 99, 1996, and Dau, Kollmeier &
Kohlrausch, JASA 102, 1997.
"""

from synth_app.evaluation.psm.adaptation import adapt
from synth_app.evaluation.psm.auditory_model import MODULATIONS, internal_representation
from synth_app.evaluation.psm.similarity import Similarity, SimilarityMeter, measure_similarity

__all__ = ["MODULATIONS", "Similarity", "SimilarityMeter", "adapt", "internal_representation", "measure_similarity"]
