"""Calls of the past as Asterisk, or others, put them on record: read in order of time."""
