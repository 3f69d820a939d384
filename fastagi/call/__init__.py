"""The story of a call: identify → screen → challenge → admit | refuse → release.

`flow` tells it; each verb is a module of its own. The story awaits its ports and nothing else.
"""
