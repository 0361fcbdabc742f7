"""The server with default settings: the same as `kg serve`, with the store `store` unless another is named."""

import sys

from kg.cli import main

if __name__ == "__main__":
    main(["serve", "--store", "store", *sys.argv[1:]], prog_name="server.py")
