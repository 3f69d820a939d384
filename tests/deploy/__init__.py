"""What administrators take from `deploy/`, tried on the tools that read it."""
