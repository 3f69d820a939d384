"""What a policy would have done to the calls of the past, and what is to be learnt from that."""
