"""Statistical tests of the reference study's statements."""
