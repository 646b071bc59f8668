"""`python -m benchmarks`: every benchmark of speed in turn, each a ratio to a named baseline in one run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    failed = []
    for file in sorted(FOLDER.glob("*_bench.py")):
        print(f"== {file.stem}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{file.stem}"], check=False).returncode:
            failed.append(file.stem)
    if failed:
        print("failed:", ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
