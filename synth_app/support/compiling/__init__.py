"""Compilation by numba: of this program's kernels in processes, for which processor, and of librosa."""
