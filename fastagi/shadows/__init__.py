"""What all that is under shadow would have done, summed up; and how it is promoted."""
