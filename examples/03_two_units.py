"""Run the two units of a registry apart: codes go to one, cases to the other, signed and sealed by the reporter.

Run it with `python examples/03_two_units.py`. Each party has a folder of its own, and only what is copied from one to
another here would leave it. Everything is in a temporary folder, and nothing is left behind. It needs the extra
`registry`: `python -m pip install ".[registry]"` in the folder of the library.
"""

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

POLICE = """\
record_id,number,given_names,family_names,birth_date,case_id,role
pol-1,20110713-9980,Åsa Maria,Lindqvist,2011-07-13,a,victim
pol-2,,Mohamed,Abdi Warsame,1989-03-04,b,victim
pol-3,,Åsa,Lindkvist,2011-07-13,c,victim
"""
MONTH = "2026-03"


class Party:
    """A party with a folder that nobody else reads."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir(mode=0o700)

    def run(self, command: str) -> str:
        """Run a command in the folder, and return what it prints."""
        print(f"{self.name + ':':18}{command}")
        words = [sys.executable, "-m", *shlex.split(command)]
        return subprocess.run(words, cwd=self.folder, check=True, capture_output=True, encoding="utf-8").stdout

    def send(self, name: str, other: "Party") -> None:
        """Send a file, by any channel: what is sent here is public, or for nobody but the other one."""
        shutil.copy(self.folder / name, other.folder / name)


def set_up(police: Party, codes: Party, cases: Party) -> None:
    """Create both units, invite the police, and enrol its key."""
    police.run("pseudonym keygen linkage.key --project example --epoch 1")
    codes.run("linkage init codes --unit linkage")
    cases.run("linkage init cases --unit statistics")
    (codes.folder / "linkage-unit.pub").write_text(codes.run("linkage key inspect codes.key --public"))
    codes.send("linkage-unit.pub", cases)
    cases.run("linkage invite cases police --unit statistics --public-key linkage-unit.pub --out half.json")
    cases.send("half.json", codes)
    codes.run("linkage invite codes police --unit linkage --countersign half.json --out invite.json")
    codes.send("invite.json", police)
    answer = json.loads(
        police.run("pseudonym enrol invite.json --body-key body.key --new-key --out answer.json --json")
    )
    # In real use the reporter reads this out on the telephone.
    fingerprint = answer["fingerprints"]["reporter"]
    for unit, registry in ((codes, "codes"), (cases, "cases")):
        police.send("answer.json", unit)
        unit.run(f'linkage enrol {registry} answer.json --fingerprint "{fingerprint}"')


def report(police: Party, codes: Party, cases: Party) -> None:
    """Seal the case file, and let each unit open its own part."""
    (police.folder / "cases.csv").write_text(POLICE, encoding="utf-8")
    police.run(
        f"pseudonym encode cases.csv --key linkage.key --reporter police --period {MONTH} --to invite.json "
        "--body-key body.key --out police.sealed"
    )
    for unit, registry in ((codes, "codes"), (cases, "cases")):
        police.send("police.sealed", unit)
        unit.run(f"linkage receive {registry} police.sealed")


def link(codes: Party, cases: Party) -> None:
    """Link at one unit, and count at the other."""
    cases.run("linkage notice make cases --out notice")
    cases.send("notice", codes)
    codes.run("linkage notice take codes notice")
    codes.run("linkage link codes")
    codes.run("linkage hand-over make codes --out hand-over")
    codes.send("hand-over", cases)
    cases.run("linkage hand-over take cases hand-over")
    print(cases.run("linkage export persons cases --out -"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        parties = [Party(party, Path(name)) for party in ("police", "linkage unit", "statistics unit")]
        set_up(*parties)
        report(*parties)
        link(*parties[1:])
