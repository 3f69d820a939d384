"""What was found, for people and for programs: in words, as JSON, as SARIF, and drawn."""
