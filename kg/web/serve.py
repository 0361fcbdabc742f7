"""Starting and stopping the server."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from kg.errors import InputError, StoreError
from kg.query.leases import Leases
from kg.query.pool import Evaluator, Limits, Pool
from kg.query.writer import Writer
from kg.settings import value
from kg.store import MARKER, Store, current_snapshot
from kg.web.security import CORS, HEADERS, read_token

# Threads beyond the workers and the queue, for requests that need no worker (static files, refusals).
SPARE_THREADS = 8


def serve(
    store: str | Path, host: str | None = None, port: int | None = None, server: str = "", **settings: Any
) -> None:
    """Serves a store folder until it is interrupted; makes an empty store if there is none.

    `settings` are those of `kg.settings` (`base`, `default_graph`, `workers`, `timeout`, `memory`, `max_rows`,
    `max_body`, `queue`,
    `proxies`, `token_file`, `service`); what is not given comes from the environment or the defaults. Raises
    `StoreError` if the folder cannot be served, `InputError` if the address cannot be listened on or a setting is wrong.
    With the address of a `server`, queries are answered by it, and the folder stands for it.
    """
    host, port = value("host", host), value("port", port)
    given = {
        name: value(name, settings.get(name))
        for name in (
            "base",
            "default_graph",
            "workers",
            "timeout",
            "memory",
            "max_rows",
            "max_body",
            "queue",
            "proxies",
            "token_file",
            "service",
        )
    }
    if given["default_graph"] not in ("union", "strict"):
        raise InputError(f"default graph {given['default_graph']!r} does not exist: use union or strict")
    folder = Path(store)
    listener = listen(host, port)
    try:
        base = prepare(folder, settings.get("base"), given["base"])
        token = read_token(given["token_file"], os.environ.get("NEWSKG_TOKEN", ""))
        limits = Limits(
            given["workers"], given["timeout"], given["memory"], given["max_rows"], given["queue"], given["service"]
        )
        configure_log()
        # Worker processes first: nothing is forked once there are threads.
        union = given["default_graph"] == "union"
        pool: Evaluator
        if server:
            from kg.remote.client import Remote  # only here: it takes longer to load than the rest together
            from kg.remote.pool import RemotePool

            pool = RemotePool(folder, base, Remote(server, value("store_kind", settings.get("store_kind"))), limits)
            token, leases = "", None  # who may write, writes to the server itself
        else:
            pool = own = Pool(folder, limits, direct_settings(folder, base, union, limits))
            leases = own.leases
        writer = Writer(folder, limits) if token else None
        try:
            # Loading the pages takes as long as the workers take to start; so it is done meanwhile.
            from kg.query.saved import load_queries
            from kg.web.app import create_app
            from kg.web.site import Site

            site = Site(folder, base, pool, load_queries(), writer, token, union)
            app = create_app(site, given["max_body"])
            if leases is not None:
                own.wait_ready()
            run(app, listener, leases, limits, given["max_body"], given["proxies"])
        finally:
            pool.close()
            if writer is not None:
                writer.close()
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. `InputError` if the address cannot be had; port 0 is any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = "is in use" if isinstance(error, OSError) and error.errno == 98 else f"cannot be used ({error})"
        raise InputError(f"port {port} on {host} {reason}: choose another with --port") from None
    return listener


def prepare(folder: Path, base: str | None, default_base: str) -> str:
    """Makes sure that there is a store with something published; returns its base."""
    if (folder / MARKER).exists():
        snapshot = current_snapshot(folder)
        if snapshot is not None:
            if base is not None and base != snapshot.base:
                raise StoreError(
                    f"{folder} has the base {snapshot.base}, not {base}: leave --base out, or use a new folder"
                )
            return snapshot.base
    with Store.open(folder, base=base if (folder / MARKER).exists() else base or default_base, create=True) as made:
        return made.publish("empty").base


def direct_settings(folder: Path, base: str, union: bool, limits: Limits) -> dict[str, Any]:
    """What workers need to answer plain queries by themselves (see `kg.query.direct`)."""
    return {
        "folder": str(folder),
        "base": base + "sparql",
        "union": union,
        "max_rows": limits.max_rows,
        "headers": [*HEADERS.items(), *CORS.items()],
        "log": os.dup(sys.stderr.fileno()),
    }


def configure_log() -> None:
    """Sends the query log to stderr, one line for each query."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logger = logging.getLogger("newskg")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def run(
    app: Any, listener: socket.socket, leases: Leases | None, limits: Limits, max_body: int, proxies: int = 0
) -> None:
    """Answers requests until SIGINT or SIGTERM."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    from kg.web.lending import create_server

    threads = limits.workers + limits.queue + SPARE_THREADS
    server = create_server(app, listener, leases, threads, max_body, limits.timeout, proxies)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"newskg serves http://{shown}:{port}/ (stop with Ctrl-C)", file=sys.stderr, flush=True)
    server.run()
