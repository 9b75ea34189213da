"""The driver of the side-by-side benchmarks; the standard library only."""
