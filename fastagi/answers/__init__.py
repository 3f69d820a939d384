"""Questions about a policy, answered exactly: who can call where, what a change changes."""
