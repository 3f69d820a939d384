"""FastAGI on sockets: the door Asterisk knocks on, and one session for each who comes in.

`listener` accepts and counts, `capacity` and `door` say who may come in, `session` talks,
`question` is what the story is asked. What to answer is not decided here: that is `fastagi.call`.
"""
