"""`python -m bridge`: the same as `roosterbridge`."""

from bridge.cli import main

main()
