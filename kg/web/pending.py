"""Decisions of the review desk that are still being taken: one after another, in a thread, while the reviewer goes on.

A decision rewrites what it changes, which takes seconds on a large store. So the desk answers at once, leaves out what is
decided already, and says on the next page what was kept and what was not. What waits is also in a file of the store
folder: a server that ends takes it up again when it starts.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.errors import NewskgError
from kg.store import current_snapshot
from kg.web import desk

FILE = "review-waiting.json"
# More than a reviewer has decided before looking at the page again.
NEWS = 100


@dataclass(frozen=True, slots=True)
class Task:
    """A decision to be taken by `kg review`: the command, its options and arguments, who decided, and why."""

    command: str
    author: str
    note: str
    options: list[str]
    arguments: list[str]

    @property
    def words(self) -> str:
        """What a page calls it."""
        return " ".join([self.command, *self.arguments])

    @property
    def subject(self) -> str:
        """The thing that it is about; empty if it undoes another."""
        return self.arguments[0] if self.arguments and self.command != "undo" else ""


class Pending:
    """The decisions on one store that are being taken. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._waiting: deque[Task] = deque(self._read())
        self._news: deque[tuple[Task, str]] = deque(maxlen=NEWS)
        self._thread: threading.Thread | None = None
        self._taken = False  # true once the first of those that wait need not be taken again
        # What was doubtful when the first of those that wait was decided, and what was decided since.
        self._doubts: list[dict[str, Any]] | None = None
        self._decided: set[str] = set()
        with self._changed:
            self._go_on()

    def add(self, task: Task) -> None:
        """Takes a decision up. It is kept once it is no longer among those that wait."""
        with self._changed:
            self._waiting.append(task)
            self._write()
            self._go_on()

    @property
    def waiting(self) -> list[str]:
        """What is still being kept, in words."""
        with self._changed:
            return [task.words for task in self._waiting]

    def news(self, author: str) -> list[tuple[str, str]]:
        """What became of an author's decisions since this was last asked: in words, with the reason if one was refused."""
        with self._changed:
            found = [(task.words, error) for task, error in self._news if task.author == author]
            kept = [item for item in self._news if item[0].author != author]
            self._news.clear()
            self._news.extend(kept)
            return found

    def doubts(self, snapshot: str) -> list[dict[str, Any]]:
        """What is doubtful, without what is being decided: while that goes on, as it was before."""
        with self._changed:
            known, decided = self._doubts, set(self._decided) | {task.subject for task in self._waiting}
        if known is None:
            known = desk.doubts(self._folder, snapshot)
            with self._changed:
                if self._thread is not None and self._doubts is None:
                    self._doubts = known
        return [doubt for doubt in known if doubt["entity"] not in decided]

    def _go_on(self) -> None:
        if self._waiting and self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread, self._doubts = None, None
                    self._decided.clear()
                    return
                task = self._waiting[0]
            error = ""
            try:
                desk.decide(self._folder, task.command, task.author, task.note, task.options, task.arguments)
            except NewskgError as refused:
                error = str(refused)
            with self._changed:
                last, self._taken = len(self._waiting) == 1, True
                self._write()
                if not error:
                    self._decided.add(task.subject)
            if last:  # it counts as kept once the desk knows what is doubtful now
                self._look_ahead()
            with self._changed:
                self._waiting.popleft()
                self._taken = False
                self._news.append((task, error))

    def _look_ahead(self) -> None:
        """Looks for what is doubtful now, which takes a second or more, before anybody asks."""
        snapshot = current_snapshot(self._folder)
        if snapshot is not None:
            try:
                found = desk.doubts(self._folder, snapshot.id)
            except NewskgError:  # whoever asks gets the error
                return
            with self._changed:
                self._doubts = found
                self._decided.clear()

    def _read(self) -> list[Task]:
        try:
            return [Task(**item) for item in json.loads((self._folder / FILE).read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def _write(self) -> None:
        place, waiting = self._folder / FILE, list(self._waiting)[int(self._taken) :]
        if not waiting:
            place.unlink(missing_ok=True)
            return
        made = place.with_suffix(".new")
        made.write_text(json.dumps([asdict(task) for task in waiting], ensure_ascii=False), encoding="utf-8")
        made.replace(place)
