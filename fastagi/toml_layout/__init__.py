"""The one layout of our TOML files: nothing that is said in them changes, no comment is lost.

`layout.laid_out` is the way in. Pure, and knows no policy: the order of tables and keys is given.
"""
