"""What Asterisk's manager interface tells of calls: leases without a call, calls without a lease.

The gate does without it. `link` is the connection, `channels` what is up, `reconcile` and `bypass`
decide, `ending` finds what is to be hung up, and `watch` does it all for one Asterisk.
"""
