"""The service as processes: a supervisor, its workers, and the wiring of every room in them.

This is the composition root: the only room that knows everybody.
"""
