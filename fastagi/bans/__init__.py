"""Addresses that Asterisk hears nothing of for a while: in the store, and in the packet filter.

Of all servers that share a store each bans what one has seen. The allow list always wins.
"""
