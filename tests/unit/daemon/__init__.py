"""Tests of `fastagi.daemon`, a file a module."""
