"""Fuzzers: each `fuzz_*.py` has a `one_input(data)` that may raise nothing."""
