"""Webhooks: other programs are told of sign-ins, their end, denials and lockouts.

    hook       who is told, of what, and the secret it is signed with
    signature  how whoever is told knows that it was us
    outbox     what is to be told, kept in the store until it was
    denials    denials, by following this machine's record of decisions
    post       one delivery by HTTP
    messenger  all of it, for one hook, for ever

Sign-ins and lockouts are found by `fastagi.events`. Denials are read out of the record that each
machine writes of its own calls, and so by that machine and no other.

Each event has an id that hangs on what happened only. It is put into the outbox, in the store,
before it counts as seen, and leaves it once it was taken in; whatever dies on the way, it is told
again, with the same id: at least once. What nobody takes in for a day is given up, and the log
says so.
"""
