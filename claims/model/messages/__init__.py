"""Messages to claims and to units' accounts: the bodies of actions, and their envelopes."""
