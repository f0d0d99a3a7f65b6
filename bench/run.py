"""Prints MB/s and peak memory of `digue analyze` beside jq and DuckDB, taken in turn on one UAL file, medians of --runs."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NARROW = 'select(.Operation=="UserLoggedIn") | [.UserId, .ClientIP, .CreationTime] | @tsv'


def measure(command):
    """Wall seconds, CPU seconds and the largest process's peak (MB) of a command and its children; None when it fails."""
    with open(os.devnull, "wb") as nothing:
        start = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=nothing, stderr=subprocess.PIPE, cwd=HERE)
        error = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if status != 0:
        print(f"failed: {command[0]}: {error.decode(errors='replace')[:200]}", file=sys.stderr)
        return None
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def duckdb_ready():
    if (HERE / "node_modules/@duckdb/node-api").is_dir():
        return True
    return bool(shutil.which("npm")) and subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], cwd=HERE).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"digue-bench-{options.megabytes}.ndjson"
    if not file.exists():
        subprocess.run([sys.executable, HERE / "make_ual.py", file, "--megabytes", str(options.megabytes)], check=True)
    size = file.stat().st_size / 1e6
    peers = [("cat", ["cat", file]),
             ("digue analyze, 2 threads", [options.program, "analyze", "--json", "--quiet", "--threads", "2", file]),
             ("digue analyze, 1 thread", [options.program, "analyze", "--json", "--quiet", "--threads", "1", file])]
    if duckdb_ready():
        peers.append(("DuckDB, the narrow job, 2 threads", ["node", "duckdb.mjs", file, "2"]))
    else:
        print("skipped: DuckDB (npm could not install it)")
    if shutil.which("jq"):
        peers.append(("jq, one narrow query", ["jq", "-r", NARROW, file]))
    else:
        print("skipped: jq is not installed")
    results = {name: [] for name, _ in peers}
    for run in range(options.runs):
        for name, command in peers:
            if run > 0 and name.startswith("jq"):
                continue  # once is enough for what takes that long
            if (result := measure(command)) is not None:
                results[name].append(result)
    print(f"{size:.0f} MB of UAL NDJSON, {os.cpu_count()} cores, medians of {options.runs}")
    print(f"{'':36}{'wall s':>8}{'MB/s':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, runs in results.items():
        if runs:
            wall, cpu, peak = (statistics.median(values) for values in zip(*runs))
            print(f"{name:36}{wall:8.2f}{size / wall:8.0f}{cpu:8.2f}{peak:9.0f}")


if __name__ == "__main__":
    main()
