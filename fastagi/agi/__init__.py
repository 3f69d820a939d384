"""The FastAGI protocol without sockets: bytes in, events out; commands in, bytes out.

`environment` is what Asterisk says first, `command` what we may say, `reply` what it answers,
`connection` the order of it all, `limits` its ceilings. Sources: `res/res_agi.c` of Asterisk 16 to
22, and the transcripts in `tests/conformance`.
"""
