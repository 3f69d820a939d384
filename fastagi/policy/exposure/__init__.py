"""The most that a thief can spend under a policy: computed beforehand, from policy and rates.

    spans → destinations → ways → slices → rows → choices → program → most

Which hours may hold for how long; which numbers stand for all that cost and count alike; which of
them a thief may call, by `decide` itself; the span in slices; limits as inequalities; what he has
to choose; the linear program; the answer.
"""
