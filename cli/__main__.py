"""`python -m cli`: the command `zaoying`."""

from cli.main import main

if __name__ == "__main__":
    main()
