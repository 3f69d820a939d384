"""The gate in FreePBX: which lines go into which of its files, and which come out again.

Pure: contents of files in, edits out. FreePBX writes its dialplan anew at every "Apply Config",
but for the files named `…_custom.conf`; those are the only ones that are edited, and there only
what stands between two marks. The routine `dialguard.conf` comes along, as it is shipped.
"""
