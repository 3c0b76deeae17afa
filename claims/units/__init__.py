"""Units' accounts: lights, interviews, accountability (R33-R37)."""
