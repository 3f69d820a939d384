"""The web: the page for people who sign in, and the API. Nothing here is in a call's way.

It is served by a process of its own beside the workers; `app` puts it together, `serving` has it
answer on a socket, and the daemon gives it what it needs of the world (`ports`).
"""
