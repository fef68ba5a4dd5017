"""Every loop of `linkage.linking` that numba compiles."""
