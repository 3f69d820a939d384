"""dialguard: the outbound-call gate for Asterisk."""

__version__ = "0.1.0"
