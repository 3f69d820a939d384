"""What a dialled number is: digits in, E.164, country and category out.

`plan` reads what was dialled at a site; `classification` says what an outside number is; `pattern`
and `prefixes` are the two ways in which operators name many numbers at once. Nothing here reads a
file, a clock or a policy.
"""
