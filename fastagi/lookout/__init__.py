"""Seeing an attack come: what Asterisk tells of who knocks, and what a policy has follow of it.

    hearing → whose → watch (`signs.recogniser`) → consequences, telling

`hearing` is the link to one Asterisk, `habits` what a phone had before. Nothing here answers a
call, and no call waits for it: what follows lies in the store, where the gate finds it.
"""
