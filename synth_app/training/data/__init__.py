"""Training data: cached frames, splits, batches, augmentation and PCA."""
