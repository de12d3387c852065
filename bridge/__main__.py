"""`python -m bridge`: the same as `roosterbridge`."""

from bridge.cli.main import main

main()
