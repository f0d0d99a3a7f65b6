"""Inserts of 200 bytes per second into SQLite, each its own commit (WAL, synchronous=FULL), during the seconds given."""
import os
import sqlite3
import sys
import tempfile
import time

seconds = float(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    database = sqlite3.connect(os.path.join(folder, "bare.sqlite"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE lines(number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        database.execute("INSERT INTO lines(text) VALUES(?)", ("x" * 200,))
        count += 1
    print(f"{count / seconds:.0f}")
