"""Stand-ins that follow a script: a caller's channel, and Asterisk's side of a connection."""
