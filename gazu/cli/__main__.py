"""`python -m gazu.cli`."""

from . import main

main()
