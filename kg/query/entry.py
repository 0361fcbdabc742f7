"""What the worker processes have in common: the command line, containment, and errors as reports."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Callable

from kg import errors
from kg.query.containment import contain
from kg.query.frames import ERROR, READY, json_frame, write_all


def start(description: str) -> tuple[argparse.Namespace, int]:
    """Reads the command line, contains the process, says that it is ready: the arguments and the descriptor to write
    to."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--folder", default="")
    arguments = parser.parse_args()
    return arguments, begin(arguments.memory)


def begin(memory: int, prepare: Callable[[], None] | None = None, at_work: threading.Lock | None = None) -> int:
    """Contains the process, prepares it, and says that it is ready: the descriptor to write to. `at_work` is held while it
    answers."""
    output = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    filtered = contain(memory, at_work)
    if prepare is not None:
        prepare()
    write_all(output, json_frame(READY, {"filtered": filtered}))
    return output


def guard(action: Callable[[], None], report: Callable[[errors.NewskgError], None], noun: str, failed: str) -> None:
    """Does what a request asks for; whatever goes wrong is reported, as an error of `kg.errors`. `noun` and `failed`
    are for its words. `BrokenPipeError` passes: there is nobody to report to."""
    try:
        action()
    except BrokenPipeError:
        raise
    except errors.NewskgError as error:
        report(error)
    except MemoryError:
        report(errors.ResourceExceeded(f"the {noun} needed more memory than it may use: make it smaller"))
    except OSError as error:
        report(errors.QueryError(f"the {noun} failed{failed}: {error}"))
    except Exception as error:
        report(errors.WorkerDied(f"{type(error).__name__}: {error}"))


def reporter(output: int) -> Callable[[errors.NewskgError], None]:
    """Reports errors as frames, by the name of their class."""
    return lambda error: write_all(output, json_frame(ERROR, as_report(error)))


def as_report(error: errors.NewskgError) -> dict[str, str]:
    """An error as JSON can hold it."""
    return {"error": type(error).__name__, "message": str(error)}


def from_report(report: dict[str, str]) -> errors.NewskgError:
    """The error that was reported."""
    error = getattr(errors, report["error"], errors.QueryError)(report["message"])
    assert isinstance(error, errors.NewskgError)
    return error
