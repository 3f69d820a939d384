"""What real Asterisk says, what attackers say, and what is made of either."""
