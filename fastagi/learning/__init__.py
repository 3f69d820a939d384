"""A first policy and its cases, proposed from the calls of the past."""
