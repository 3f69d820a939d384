"""Is there any way to a trunk that does not pass the gate?

What Asterisk is configured to do, as a graph: from everybody who can start a call, through the
dialplan, to whatever costs money. Nothing here asks Asterisk or opens a socket; files and what AMI
answered are handed in.
"""
