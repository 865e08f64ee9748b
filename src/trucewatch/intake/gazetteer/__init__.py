"""Places by name: folding of spellings, GeoNames and hand-written lists, honest ambiguity."""
