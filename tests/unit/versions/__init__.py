"""Tests of the versions that are kept."""
