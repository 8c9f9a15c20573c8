"""Work of the window in processes of their own: checks, trainings, packs."""
