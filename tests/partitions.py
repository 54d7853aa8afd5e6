"""Partitions of the shared broker's log, one for each module that needs its own.

Files of tests run in any order and on two cores, so none may count on coming before another.
"""

from typing import Final

REAL_LOG: Final = 15
KEYS: Final = 14
REGISTER: Final = 13
SEALING: Final = 12
#: Nobody writes here.
EMPTY: Final = 11
