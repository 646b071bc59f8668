"""Convert a Whisper checkpoint (by default the shipped mini one) to CTranslate2 for the fast engine, offline."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audit.errors import AuditError
from audit.sample import MODEL
from audit.speech.conversion import PRECISIONS, convert


def main() -> int:
    """Parse the options, convert, say where the directory is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="an empty or new directory")
    parser.add_argument(
        "--checkpoint", type=Path, default=MODEL, help="a .pt file in openai-whisper's format"
    )
    parser.add_argument("--precision", choices=PRECISIONS, default="float16", help="of the stored weights")
    options = parser.parse_args()
    try:
        convert(options.checkpoint, options.directory, options.precision)
    except AuditError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(options.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
