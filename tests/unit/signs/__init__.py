"""Tests of the signs of an attack."""
