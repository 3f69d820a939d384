"""What policies in shadow would have done."""
