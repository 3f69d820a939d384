"""What callers hear: a prompt or a refusal's reason, as sound files of Asterisk's own set."""
