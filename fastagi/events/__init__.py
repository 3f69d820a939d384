"""What happened, found by looking at the store; for all who tell of it.

    event     what happened, and how it is put for other programs
    changes   sign-ins and lockouts, by looking at what is there now and what was
    turn      which of several machines looks and tells
    backoff   how long to wait for who does not take in what is told

Nothing here is in a call's way: no call and no sign-in writes an event. Sign-ins and lockouts end
by themselves, in the store, at a moment that no code runs at; so what is told is what a look at
the store shows, once a second, and one machine looks.
"""
