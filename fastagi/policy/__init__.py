"""The policy: what a phone may dial, what it must prove first, and how many calls it may hold.

`loading` makes a `model.Policy` out of a file, `checking` says what in it is odd, `decision`
judges a call by it, `explain` says why, `cases` tries it. The only files read here are policies,
their lists and their cases; there is no clock, no socket and no log.
"""
