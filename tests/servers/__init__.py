"""Real Redis and Valkey servers for the tests, on loopback ports and in folders of their own.

`node` is one server process, `certificates` and `alone` the stand-alone ones, `cluster` and
`sentinel` the sets; `farm` starts those that many tests share, once a session.
"""
