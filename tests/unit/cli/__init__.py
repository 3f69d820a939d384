"""Tests of `fastagi.cli`, a file a module."""
