"""The rig: real Asterisk, SIPp phones and a SIPp trunk, all on the loopback of this machine."""
