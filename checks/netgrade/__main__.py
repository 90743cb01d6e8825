"""`python -m netgrade` is the command `netgrade`."""

import sys

from netgrade.command import main

if __name__ == "__main__":
    sys.exit(main())
