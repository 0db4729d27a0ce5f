"""Units, image and compose file are read against the program: nothing in them that is not there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertcast.config import Main
from alertcast.web import metrics
from tests.docs.pages import ROOT, blocks, tables
from tests.docs.test_commands_exist import understood
from tests.docs.test_configuration_reference import keys_documented

FOLDER = ROOT / "docs/deployment"
PAGE = ROOT / "docs/deployment.md"
FILES = sorted(one for one in FOLDER.iterdir() if one.is_file())
UNITS = sorted(FOLDER.glob("*.service"))
PORT = Main.model_fields["web"].default.port
DRAIN = Main.model_fields["engine"].default.drain
HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectControlGroups": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "alertcast",
}


def settings(unit: Path) -> dict[str, list[str]]:
    """Return every setting of a unit with its values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def compose() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Return (instruction, arguments) of the Containerfile, lines joined."""
    text = re.sub(r"\\\n\s*", "", (FOLDER / "Containerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Return each `alertcast ...` of units, image and compose file: where, and its words."""
    for unit in UNITS:
        for key, values in settings(unit).items():
            for value in values if key.startswith("Exec") else []:
                words = shlex.split(value)
                if words[0].endswith("/alertcast"):
                    yield f"{unit.name} {key}", words[1:]
    for name, service in compose()["services"].items():
        if service.get("image") == "alertcast":
            yield f"compose.yaml {name}", service["command"]
    for word, rest in instructions():
        if word == "CMD":
            yield "Containerfile", yaml.safe_load(rest)


def test_there_are_commands_of_every_kind() -> None:
    used = {word for _, words in commands() for word in words}
    assert {"serve", "worker", "backup", "check", "upgrade", "--no-worker", "--host"} <= used


@pytest.mark.parametrize(("where", "words"), list(commands()), ids=lambda value: str(value))
def test_every_command_exists_with_its_options(where: str, words: list[str]) -> None:
    understood(words, where)


@pytest.mark.parametrize("file", [PAGE, *FILES], ids=lambda file: file.name)
def test_every_variable_is_documented(file: Path) -> None:
    named = set(re.findall(r"\bALERTCAST_[A-Z_]+", file.read_text("utf-8")))
    ours = {"ALERTCAST_POSTGRES_PASSWORD"}  # of the compose file itself, for PostgreSQL
    known = keys_documented()["Environment variables and secrets"]
    assert named - ours <= known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit: Path) -> None:
    found = settings(unit)
    for key, value in HARDENED.items():
        assert found.get(key) == [value], key
    assert found["SystemCallFilter"][0] == "@system-service"
    assert found["StateDirectory"] == ["alertcast"]


@pytest.mark.parametrize("name", ["alertcast", "alertcast-worker"])
def test_a_unit_starts_again_for_ever_and_stops_in_its_own_time(name: str) -> None:
    found = settings(FOLDER / f"{name}.service")
    assert (found["Restart"], found["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert timedelta(seconds=int(found["TimeoutStopSec"][0])) > DRAIN + timedelta(seconds=5)
    assert "KillMode" not in found
    assert "KillSignal" not in found  # SIGTERM, which the program takes as a request to finish


def test_the_backup_may_write_where_it_writes() -> None:
    found = settings(FOLDER / "alertcast-backup.service")
    folder = found["ReadWritePaths"][0]
    assert found["ExecStart"][0].endswith(f" backup {folder}")
    assert f" {folder} -name alertcast-*.backup " in found["ExecStartPost"][0]
    assert "OnCalendar" in settings(FOLDER / "alertcast-backup.timer")


def test_the_page_names_every_file() -> None:
    text = PAGE.read_text("utf-8")
    assert [file.name for file in FILES if f"deployment/{file.name}" not in text] == []


def test_ports_agree() -> None:
    exposed = [rest for word, rest in instructions() if word == "EXPOSE"]
    (published,) = compose()["services"]["serve"]["ports"]
    address, outside, inside = published.split(":")
    assert exposed == [inside] == [str(PORT)]
    assert (address, outside) == ("127.0.0.1", str(PORT))
    probe = " ".join(compose()["services"]["serve"]["healthcheck"]["test"])
    assert f"http://127.0.0.1:{PORT}/healthz" in probe
    assert f"proxy_pass http://127.0.0.1:{PORT};" in PAGE.read_text("utf-8")


def test_the_image_holds_the_program_and_nothing_of_an_office() -> None:
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    for source in copied:
        assert (ROOT / source).exists(), source
    assert "." not in copied
    assert "grids" not in copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]}
    assert needed | set(project["project"]["license-files"]) | {"pyproject.toml"} == set(copied)


def test_the_image_runs_as_nobody_special_with_what_several_machines_need() -> None:
    given = dict(instructions())
    assert given["USER"] == "10001"
    assert given["ENTRYPOINT"] == '["alertcast"]'
    assert given["STOPSIGNAL"] == "SIGTERM"
    assert any("/src[postgresql]" in rest for word, rest in instructions() if word == "RUN")
    version = re.findall(r"python:(\d+)\.(\d+)-", (FOLDER / "Containerfile").read_text("utf-8"))
    assert {tuple(map(int, one)) for one in version} == {(3, 13)}
    assert set(yaml.safe_load(given["VOLUME"])) == {given["WORKDIR"]}


def test_compose_runs_a_page_senders_and_a_database_that_was_upgraded() -> None:
    services = compose()["services"]
    assert set(services) == {"db", "upgrade", "serve", "worker"}
    for name in ("serve", "worker"):
        one = services[name]
        assert one["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        assert timedelta(seconds=int(one["stop_grace_period"].rstrip("s"))) > DRAIN
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        context = (FOLDER / one["build"]["context"]).resolve()
        assert (context / one["build"]["dockerfile"]) == FOLDER / "Containerfile"
        targets = [volume.split(":")[1] for volume in one["volumes"]]
        given = dict(instructions())
        assert targets == [str(Path(given["ENV"].rpartition("=")[2]).parent), given["WORKDIR"]]
    database = services["db"]["environment"]
    url = next(text for text in fragments() if "postgresql" in text)
    assert f"//{database['POSTGRES_USER']}@db/{database['POSTGRES_DB']}" in url


def fragments() -> list[str]:
    return [block.text for block in blocks(PAGE) if block.mark == "alertcast.toml"]


@pytest.mark.parametrize("text", fragments())
def test_what_is_to_be_written_into_the_configuration_is_accepted(text: str) -> None:
    office = {"name": "甲", "short_name": "甲", "check_number": "1"}
    main = Main.model_validate({"office": office} | tomllib.loads(text))
    assert main.web.port == PORT


def test_every_metric_to_be_woken_by_exists() -> None:
    told = Path(metrics.__file__).read_text("utf-8")
    names = [row[0].strip("`") for row in tables(PAGE)["Watching it"] if "alertcast_" in row[0]]
    assert len(names) > 5
    for name in names:
        assert f'"{name.removeprefix("alertcast_")}"' in told, name
