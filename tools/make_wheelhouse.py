"""Make a folder from which the package is installed without network: `make wheelhouse`.

The folder holds our wheel, the wheels of all that it needs, and one requirements file for each side: for a reporter
and for the registry. Every package is taken by the digest in the lock files, so neither a package index nor whoever
carries the folder can exchange one unseen. Only wheels are taken: no code of a package runs while it is fetched or
installed.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from packaging.requirements import Requirement

__all__ = [
    "PLATFORMS",
    "PROJECT",
    "ROLES",
    "Pin",
    "Target",
    "describe",
    "fetch",
    "main",
    "make_wheelhouse",
    "own_target",
    "parse_target",
    "pip",
    "read_lock",
    "refuse_other_folder",
    "requirements_of",
    "sha256",
]

ROOT: Final = Path(__file__).resolve().parent.parent

PROJECT: Final = "pseudonym-linkage"

ROLES: Final = {"reporter": "", "registry": "[registry]"}
"""Each side, with the extra that it installs. Its lock is `requirements-ROLE.lock`; the registry's has all of both."""

PLATFORMS: Final = {
    # Tags of Debian 12, Ubuntu 20.04, RHEL 8 and all that came after them.
    "linux": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "windows": ("win_amd64",),
}
"""The tags of the wheels that fit a system, all for x86-64."""

MARKERS: Final = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}
"""What a system answers to the conditions of a requirement, such as `sys_platform == "win32"`."""

SUMS: Final = "SHA256SUMS"

README: Final = """\
{project} {version}, with every package that it needs, for {targets} (x86-64)

Run the commands in this folder. They are for Linux; at the end is what differs on Windows.

1. Check that no file is damaged or exchanged. The first line compares every file with its digest in {sums};
   the second shows the digest of {sums} itself:

       sha256sum --check {sums}
       sha256sum {sums}

   Whoever made the folder has noted that digest. Ask for it by another way than the folder came, such as by telephone.

2. Install in a new environment; no network is needed. At a reporter:

       python3 -m venv environment
       environment/bin/python -m pip install --no-index --find-links . --require-hashes -r reporter.txt

   At the registry:

       python3 -m venv environment
       environment/bin/python -m pip install --no-index --find-links . --require-hashes -r registry.txt

3. Check what was installed. `environment/bin/pseudonym --version` says {version}.

On Windows, write `py` for `python3` and `environment\\Scripts` for `environment/bin`. In PowerShell,
`Get-FileHash FILE` shows the digest of a file; compare it with the line of that file in {sums}.
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock file: a requirement of one exact version, and the digests of the files that may fulfil it."""

    requirement: Requirement
    digests: tuple[str, ...]

    @property
    def options(self) -> list[str]:
        """The digests as pip reads them in a requirements file."""
        return [f"--hash={digest}" for digest in self.digests]


@dataclass(frozen=True, slots=True)
class Target:
    """A system and a version of CPython, such as `windows` and `3.12`."""

    system: str
    python: str

    def needs(self, pin: Pin) -> bool:
        """Return whether the conditions of a pin hold here."""
        marker = pin.requirement.marker
        python = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return marker is None or marker.evaluate({**MARKERS[self.system], **python, **cpython})


def parse_target(text: str) -> Target:
    """Return the target of a text such as `windows-3.12`.

    Raises:
        typer.BadParameter: The system is unknown, or no version follows it.
    """
    system, _, python = text.partition("-")
    if system not in PLATFORMS or not python.replace(".", "", 1).isdigit():
        raise typer.BadParameter(f"{text!r} is none of {', '.join(f'{name}-3.X' for name in PLATFORMS)}")
    return Target(system, python)


def read_lock(path: Path) -> list[Pin]:
    """Read the entries of a lock file, in its order."""
    pins = []
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        words, *digests = line.split(" --hash=")
        if words.strip() and not words.lstrip().startswith("#"):
            pins.append(Pin(Requirement(words.strip()), tuple(digest.strip() for digest in digests)))
    return pins


def pip(*words: str | Path) -> None:
    """Run pip of this environment, silently: what it prints names the package index.

    Raises:
        typer.Exit: pip failed; what it said is on standard error.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", *map(str, words)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise typer.Exit(1)


def requirements_of(lock: Path, target: Target) -> str:
    """Return the requirements of a lock file that hold for a target, as pip reads them, without their conditions.

    pip would judge the conditions by the machine that it runs on.
    """
    pins = [pin for pin in read_lock(lock) if target.needs(pin)]
    return "".join(f"{pin.requirement.name}{pin.requirement.specifier} {' '.join(pin.options)}\n" for pin in pins)


def fetch(lock: Path, target: Target, folder: Path) -> None:
    """Fetch the wheels of a lock file that a target needs."""
    with tempfile.TemporaryDirectory() as scratch:
        chosen = Path(scratch) / "requirements.txt"
        chosen.write_text(requirements_of(lock, target), encoding="utf-8")
        tags = [word for tag in PLATFORMS[target.system] for word in ("--platform", tag)]
        words = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation", "cp", *tags]
        pip("download", *words, "--python-version", target.python, "--dest", folder, "--requirement", chosen)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(folder: Path, wheel: Path, targets: list[Target]) -> None:
    """Write the requirements of each role, the instructions, and the digests of all files."""
    version = wheel.name.split("-")[1]
    for role, extra in ROLES.items():
        lock = (ROOT / f"requirements-{role}.lock").read_text(encoding="utf-8")
        own = f"{PROJECT}{extra}=={version} \\\n    --hash=sha256:{sha256(wheel)}\n"
        (folder / f"{role}.txt").write_text(lock + own, encoding="utf-8", newline="\n")
    named = ", ".join(f"Python {target.python} on {target.system.capitalize()}" for target in targets)
    text = README.format(project=PROJECT, version=version, targets=named, sums=SUMS)
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir()))
    (folder / SUMS).write_text(sums, encoding="utf-8", newline="\n")


def refuse_other_folder(folder: Path) -> None:
    """Refuse to replace anything but a wheelhouse or an empty folder: all that is in it would be deleted.

    Raises:
        typer.BadParameter: Something else is there.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise typer.BadParameter(f"{folder} is not a folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMS).is_file():
        raise typer.BadParameter(f"{folder} is neither empty nor a wheelhouse, which would have {SUMS}; it is kept")


def make_wheelhouse(folder: Path, targets: list[Target]) -> None:
    """Replace `folder` by a new wheelhouse, once all of it is there.

    Args:
        folder: The folder to make.
        targets: The systems and Pythons to fetch wheels for.

    Raises:
        typer.BadParameter: `folder` holds something else than a wheelhouse.
        typer.Exit: A package could not be fetched or does not have its locked digest. `folder` is as it was.
    """
    refuse_other_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        part = Path(scratch) / "wheelhouse"
        part.mkdir()
        # With the build backend of the development lock, since pip would fetch one without a digest.
        pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", part, ROOT)
        wheel = next(part.glob("*.whl"))
        for target in targets:
            fetch(ROOT / "requirements-registry.lock", target, part)
        describe(part, wheel, targets)
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)


def own_target() -> str:
    """Return the target that this machine and its Python are.

    Raises:
        typer.BadParameter: The machine is not x86-64, and wheels are fetched for no other.
    """
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        named = ", ".join(f"{system}-3.12" for system in PLATFORMS)
        raise typer.BadParameter(
            f"this machine is {platform.machine() or 'unknown'}, and there are wheels for x86-64 only; "
            f"name the system and Python of those who will install, such as {named}"
        )
    return f"{platform.system().lower()}-{sys.version_info.major}.{sys.version_info.minor}"


def main(
    targets: Annotated[list[str] | None, typer.Argument(help="Such as windows-3.12; none for this machine.")] = None,
    folder: Annotated[Path, typer.Option(help="The folder to make.")] = ROOT / "dist" / "wheelhouse",
) -> None:
    """Make a folder from which a reporter or the registry installs the package without network."""
    make_wheelhouse(folder, [parse_target(text) for text in targets or [own_target()]])
    typer.echo(f"{folder}: {len(list(folder.glob('*.whl')))} wheels")
    typer.echo(f"SHA-256 of {SUMS}: {sha256(folder / SUMS)}")


if __name__ == "__main__":
    typer.run(main)
