"""The book of attacks: what was seen, from where, and what was done, kept for the report."""
