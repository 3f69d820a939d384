"""What things cost on this machine: `make bench`, or `python -m benchmarks.NAME` for one of them.

Machines are noisy and shared: compare figures of one run only, and as ratios.
"""
