"""The lookout: hears what Asterisk and the gate tell of attackers, and does what a policy says.

It is a process of its own: a flood of events costs no call anything.
"""
