"""Alerts: an administrator is woken, by mail, Telegram, Slack or whatever else apprise speaks.

    kind       the kinds there are, and what each asks to be done
    alert      one of them, in plain words that nobody else can put markup into
    heard      which words of the service's log are alerts
    notices    those words, out of every process of the service into the one that tells
    found      lockouts and sign-ins, found in the store
    lasting    troubles that begin and end: told once they last
    addresses  where somebody has signed in from before
    target     who is told, of what, how often
    ledger     what is to be told, and what was: bounded, each once, the rest counted
    pace       who may be told now, so that no flood drowns what is new
    sending    one message by apprise, in a process of its own that is ended in time
    telling    one target: what waits for it is told, at its pace
    desk       all of it, for ever

Nothing here is in a call's way. Lockouts and sign-ins are found by `fastagi.events`, by looking at
the store, by one gate of those that share it. All else is heard from the service's own log: each
process hands the words that matter over through a pipe that never blocks.

What is to be told is kept in the store, so that it outlives a crash and whichever gate has the
turn tells it; while the store is away, in this process, which tells it by itself.
"""
