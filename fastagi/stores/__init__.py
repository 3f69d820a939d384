"""What outlives a call: leases, failures and lockouts, enrolments, what callers have proven.

store     what every store must promise, as Protocols
opening   a store by its URL
sqlite/   the embedded store: one file, one machine, any number of processes
"""
