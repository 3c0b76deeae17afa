"""Assertions of the rulebook that the system does not keep yet. One that it keeps must leave this list."""

from typing import Final

NOT_YET: Final = frozenset(
    {
        "office-hours-3",  # R29: on virtual time, notices leave by the wall clock
        "channel-number-3",  # R10: a channel's number in full width is the same number
        "channel-number-4",
        "redispatched-4",  # R54: a unit that the claim has left does not see it any more
        "redispatched-5",
        "redispatched-16",
        "roles-20",  # R54: after closing, the lead does not see the phone
    }
)
