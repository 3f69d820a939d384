"""Every way through the dialplan, from where calls begin to where they cost money.

A walk that stands for all calls at once: what is not known of a call is kept as everything it may
be (`values`, `language`), and each line is gone to with each such knowledge once (`find`).
"""
