"""The rulebook as stories, written from its words alone: no story knows how the system decides.

All stories take place in the spring of 2031, which is played in the coming weeks (`tests.support.rulebook.instants`):
    March      Mon 3 … Mon 31, without a holiday
    April      Sat 5 - Mon 7 off (清明)
    Labour Day Thu 1 May - Mon 5 May off

A claim delivered on Mon 3 March 2031 has these ends: contact and return window Tue 4, reply Wed 5, co-units' parts
Thu 13, resolve Mon 17, extended Tue 8 April.
"""
