"""The signs of an attack: what was seen, what it amounts to, and for whom. Pure: no I/O, no clock.

`sighting` is one thing that was seen, `sign` what many amount to, `terms` from when on; the
recogniser holds the one against the other.
"""
