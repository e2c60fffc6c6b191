"""``python -m partman_core`` is ``partman``."""

from __future__ import annotations

from partman_core.cli import main

if __name__ == "__main__":
    main()
