"""The one door to the database."""

from __future__ import annotations

from pathlib import Path

from pipeline.store.backup import Backup
from pipeline.store.checking import Checking
from pipeline.store.comments import Remarks
from pipeline.store.corrections import Corrections
from pipeline.store.database import Database
from pipeline.store.episodes import Episodes
from pipeline.store.history import History
from pipeline.store.machine import Machine
from pipeline.store.migrate import open_prepared
from pipeline.store.overview import Overview
from pipeline.store.people import People
from pipeline.store.pins import Lines
from pipeline.store.receipts import Receipts
from pipeline.store.regrouping import Regrouping
from pipeline.store.search import Searching
from pipeline.store.video_texts import VideoTexts


class Store(
    Machine, History, Regrouping, Remarks, Searching, Lines, Episodes, People, Overview, Corrections, Receipts,
    VideoTexts, Checking, Backup, Database,
):  # fmt: skip
    """An open database. Build it with `Store.open`; close it after use, or use it in a `with` block.

    One serves all threads of a program. Every method is one transaction, on the disk when it returns.
    """

    @staticmethod
    def open(url_or_path: str | Path) -> Store:
        """Open a database, making it if it is not there, and upgrading it if an older Zimu made it.

        Raises:
            EpisodeError: it is damaged, can't be reached or can't be written.
            UsageError: a newer Zimu made it, or its URL is wrong.
        """
        return open_prepared(Store, url_or_path)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
