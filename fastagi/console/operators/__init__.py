"""The console: what operators see of the gate, and what they may do about it.

    accounts   who they are, and what each may
    entering   name, password and code, and the session that follows
    visits     one request: whose it is, whether they may, whether its form is ours
    board      what happens now, read once a second for all who watch
    watching   who watches, and whether they still may
    pages      the templates; the routes are in `login`, `live`, `acting`, `looking_up`, `judging`
               and `trail`

It is one part of the web, and like the rest of it in no call's way.
"""
