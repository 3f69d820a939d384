"""What others report: numbers that thieves called, addresses that they called from.

A service like SentryPeer is asked beside the calls, never by one: a call is judged by what is
known at that moment, and what it asks for is there for the next. So nothing here can slow a call
down, and nothing that the service says, or fails to say, is waited for.

    desk → waiting → service (by `pacing`) → findings → shared
"""
