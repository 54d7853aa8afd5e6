"""The broker's jars: copied once by Maven into the cache that all instances share.

`deploy/kafka/pom.xml` names them; the folder's name is the digest of that file, so that a changed
version is fetched and an interrupted copy is never taken for a whole one.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from granary.settings import read_settings
from indicators.errors import GranaryError

POM: Final = Path(__file__).resolve().parents[2] / "deploy" / "kafka" / "pom.xml"

#: A first fetch took 15 s on a common line; a slow one may take minutes.
_FETCH_TIMEOUT_S: Final = 900


class ToolMissingError(GranaryError):
    """Java or Maven is not on the PATH."""

    code = "tool_missing"
    next_step = "Install it: apt-get install openjdk-17-jre-headless maven"


class JarsError(GranaryError):
    """Maven did not bring the broker's jars."""

    code = "kafka_jars"
    next_step = "Run `make setup` again when the network is back, or set GRANARY_KAFKA to a broker."


def require_tool(name: str) -> str:
    """Path of a program.

    Raises:
        ToolMissingError: it is not there.
    """
    found = shutil.which(name)
    if found is None:
        raise ToolMissingError(f"`{name}` is not on the PATH; the Kafka broker needs it.")
    return found


def kafka_jars(cache: Path) -> Path:
    """Folder of the jars, fetched now if it is not there yet; a repeat is instant.

    Raises:
        ToolMissingError: Maven is not installed.
        JarsError: Maven failed; its last lines are in the message.
    """
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder = cache / "kafka" / digest
    if folder.is_dir():
        return folder
    maven = require_tool("mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as scratch:
        jars = Path(scratch) / "jars"
        command = [maven, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"]
        command += [f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_FETCH_TIMEOUT_S,
            check=False,
        )
        if result.returncode != 0 or not any(jars.glob("kafka_2.13-*.jar")):
            lines = (result.stdout + result.stderr).strip().splitlines()[-5:]
            raise JarsError("Maven did not bring the broker's jars: " + " / ".join(lines))
        try:
            os.rename(jars, folder)
        except OSError:
            # Another instance fetched the same jars meanwhile; theirs are as good.
            if not folder.is_dir():
                raise
    return folder


def main() -> int:
    """`python -m granary.local.jars`: what `make setup` runs."""
    try:
        print(kafka_jars(read_settings().cache))
    except GranaryError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
