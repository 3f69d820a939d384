"""Tests of `fastagi.answers`."""
