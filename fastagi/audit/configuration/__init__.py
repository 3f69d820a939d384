"""What Asterisk's other files say: who can call, what is a trunk, and what stands open beside.

`read_files` reads them; all else is pure and asks nothing but what was read: `read_entries`,
`read_devices`, `read_reach`, and `check_configuration` for what is wrong.
"""
