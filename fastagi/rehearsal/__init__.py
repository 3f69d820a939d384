"""A policy tried on calls in made-up time: what the gate would do, without Asterisk."""
