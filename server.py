"""The server with default settings: the same as `kg serve --store store`."""

import sys

from kg.errors import NewskgError
from kg.web.serve import serve

if __name__ == "__main__":
    try:
        serve("store")
    except NewskgError as error:
        sys.exit(str(error))
