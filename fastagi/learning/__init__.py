"""A first policy, and its cases, proposed from calls that were made.

`site` finds how numbers are dialled, `suspects` what looks like an attack and is not learnt from,
`habits` what is left: who calls what, when, how much. `writing` and `cases` make files of it, and
`trial` holds the calls against them. Nothing here reads files.
"""
