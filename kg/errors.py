"""One exception root. Every message names the file or parameter at fault and says what to do about it."""


class NewskgError(Exception):
    """Root of all errors meant for the person at the keyboard; `kg` prints them without a traceback and exits with 1."""


class InputError(NewskgError):
    """One input cannot be read (missing, binary, empty, wrong encoding, unknown format). The other inputs go on."""


class StoreError(NewskgError):
    """The store folder cannot be used: not a store, of another version, locked by another process, or of another base."""


class QueryError(NewskgError):
    """A query, an update or a parameter is malformed or not allowed."""


class UnknownName(NewskgError):
    """A saved query, article, graph or setting of that name does not exist."""


class FormatError(NewskgError):
    """The asked-for format does not exist or does not fit the kind of result."""


class DeadlineExceeded(NewskgError):
    """A query ran past its deadline; its worker was ended and replaced."""


class ResourceExceeded(NewskgError):
    """A query needed more memory than a worker may use."""


class Busy(NewskgError):
    """All query workers are taken and the queue is full; try again shortly."""


class NotAllowed(NewskgError):
    """The server's policy refuses what was asked: SERVICE or LOAD without permission, writing without a token."""


class Unsupported(QueryError):
    """A well-formed query that needs a function this engine does not have."""


class TooComplex(QueryError):
    """A query, update or document that is nested too deeply for the engine, or is too long a chain of operators: its worker has
    ended and was replaced."""


class WorkerDied(NewskgError):
    """A worker process ended without an answer; the request may be sent again."""


class OnlineError(NewskgError):
    """A service on the network gave no usable answer, or may not be asked."""
