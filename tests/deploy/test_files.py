"""The files of `.deploy/`, read by the programs they are for; those for containers, which none runs here, as text."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network

import pytest
import yaml

from data import settings
from pages.web import lines
from tests.app import ROOT
from tests.deploy.proxies import certificate
from tests.deploy.server import DEPLOY, lines_of, settings_in

FILES = {file.name: file.read_text(encoding="utf-8") for file in DEPLOY.iterdir() if file.name != ".env"}
OPERATING = (ROOT / ".readme/operating.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(FILES["compose.yaml"])
REPLICAS = [name for name, service in COMPOSE["services"].items() if service["image"] == "checkin" and name != "backup"]
EXAMPLE = settings_in(FILES["checkin.env.example"])
CONTAINER = re.findall(r"^([A-Z]+) ((?:.*\\\n)*.*)$", FILES["Containerfile"], re.MULTILINE)
UNITS = sorted(name for name in FILES if name.endswith((".service", ".timer")))


def told(command, **environment):
    """Return how a program ends and what it says on stderr."""
    where = {"PATH": "/usr/bin:/usr/sbin"}
    done = subprocess.run(command, env=where | environment, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stderr


@pytest.fixture
def caddyfile(tmp_path):
    """Give the Caddyfile of a server, as the book says to make it."""
    line = re.search(r"^\. /etc/checkin.env && sed .*", OPERATING, re.MULTILINE)[0]
    made = tmp_path / "Caddyfile"
    here = line.replace("/etc/checkin.env", str(DEPLOY / "checkin.env.example")).replace(
        "/etc/caddy/Caddyfile", str(made)
    )
    subprocess.run(["sh", "-c", here], cwd=ROOT, check=True)
    return made


def test_caddy_reads_its_file_without_a_warning(caddyfile, tmp_path):
    words = ["--config", caddyfile, "--adapter", "caddyfile"]

    status, said = told(["caddy", "validate", *words], HOME=str(tmp_path))

    assert (status, re.findall('"level":"(?:warn|error)".*', said)) == (0, [])
    assert f"\n{EXAMPLE['CHECKIN_PUBLIC_URL']} {{\n" in caddyfile.read_text(encoding="utf-8")


def test_haproxy_reads_its_file_without_a_warning(tmp_path):
    here = {"CERTIFICATE": str(certificate(tmp_path))}

    assert told(["haproxy", "-c", "-q", "-f", DEPLOY / "haproxy.cfg"], **here) == (0, "")


def test_systemd_reads_the_units_without_a_warning(tmp_path):
    for name in UNITS:
        there = FILES[name].replace("/opt/checkin/.venv", sys.prefix)  # where the programs are
        (tmp_path / name).write_text(there, encoding="utf-8")

    assert told(["systemd-analyze", "verify", *sorted(tmp_path.iterdir())]) == (0, "")


def test_the_services_are_restricted_alike_and_exposed_little(tmp_path):
    begins = "StateDirectory="
    restricted = {FILES[unit].partition(begins)[2].partition("\n[Install]")[0] for unit in UNITS if "service" in unit}

    assert len(restricted) == 1
    for unit in ("checkin.service", "checkin-backup.service"):
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", DEPLOY / unit]
        assert told(command) == (0, "")


@pytest.mark.parametrize("name", FILES)
def test_every_setting_that_is_named_is_one(name):
    assert set(re.findall(r"\bCHECKIN_[A-Z_]+", FILES[name])) <= {*settings.NAMES}


def test_every_file_is_led_to():
    assert [name for name in FILES if name not in OPERATING] == []


def own(values):
    """Return settings by name; what compose fills in is filled in."""
    given = {"POSTGRES_PASSWORD": "p", "CHECKIN_SECRET_KEY": "k" * settings.rules.SHORTEST_KEY}
    return {
        name.removeprefix(settings.PREFIX).lower(): re.sub(r"\$\{(\w+):\?.+?\}", lambda found: given[found[1]], value)
        for name, value in values.items()
        if name in settings.NAMES
    }


def test_the_example_starts_once_the_phone_is_the_clinics_alone_and_in_compose(configure):
    configure(**own(EXAMPLE))
    with pytest.raises(settings.InvalidSettings, match="CHECKIN_CLINIC_PHONE is still the placeholder"):
        settings.current()

    configure(clinic_phone="+34 912 345 678")
    assert settings.current().database_url == EXAMPLE["CHECKIN_DATABASE_URL"]

    configure(**own(COMPOSE["services"]["one"]["environment"]))
    assert settings.current().uses_postgresql


def test_compose_runs_two_replicas_that_only_caddy_reaches_from_outside():
    services = COMPOSE["services"]

    assert REPLICAS == ["one", "two"]
    assert services["caddy"]["environment"]["UPSTREAMS"] == " ".join(f"{name}:8501" for name in REPLICAS)
    assert [name for name in services if "ports" in services[name]] == ["caddy"]
    address = services["caddy"]["networks"]["default"]["ipv4_address"]
    assert services["one"]["environment"]["FORWARDED_ALLOW_IPS"] == f"{address},::ffff:{address}"
    assert [name for name in services if not services[name].get("read_only")] == []
    assert [name for name in services if services[name]["cap_drop"] != ["ALL"]] == []
    volumes = {part.partition(":")[0] for service in services.values() for part in service.get("volumes", [])}
    assert {volume for volume in volumes if volume[0] not in "./"} == COMPOSE["volumes"].keys()
    assert all((DEPLOY / volume).exists() for volume in volumes if volume.startswith("./"))


def test_no_container_is_given_the_address_of_caddys():
    (pool,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    address = ip_address(COMPOSE["services"]["caddy"]["networks"]["default"]["ipv4_address"])

    assert address in ip_network(pool["subnet"])
    assert address not in ip_network(pool["ip_range"])
    assert ip_network(pool["ip_range"]).subnet_of(ip_network(pool["subnet"]))


def test_whoever_is_waited_for_in_compose_has_a_check_there():
    services = COMPOSE["services"]
    awaited = {name for service in services.values() for name in service.get("depends_on", {})}

    assert awaited == {"database", *REPLICAS}
    assert [name for name in awaited if "healthcheck" not in services[name]] == []
    assert "HEALTHCHECK" not in dict(CONTAINER)


def test_a_backup_never_holds_the_database_while_it_waits_for_an_idle_disk():
    unit = dict(lines_of("checkin-backup.service"))

    assert (unit["IOSchedulingClass"], unit["IOSchedulingPriority"]) == ("best-effort", "7")
    assert "checkin.service" in unit["After"].split()


def test_everybody_waits_longer_than_the_server_does_at_a_stop():
    unit = dict(lines_of("checkin.service"))
    waits = [unit["TimeoutStopSec"], *(COMPOSE["services"][name]["stop_grace_period"] for name in REPLICAS)]

    assert [wait for wait in waits if int(wait.removesuffix("s")) < 2 * lines.STOP_SECONDS] == []


def test_the_image_holds_what_runs_and_no_data():
    copied = {word for what, words in CONTAINER if what == "COPY" for word in words.split()[:-1]}
    _, *context = re.findall(r"^[^#\n].*", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    allowed = {line.removeprefix("!") for line in context if line.startswith("!")}

    assert (
        copied == allowed == {".requirements/lock.txt", ".streamlit/config.toml", "data", "pages", "streamlit_app.py"}
    )
    assert context[len(allowed) :] == ["data/local", "**/__pycache__"]


def test_the_container_is_nobodys_and_keeps_database_and_key_in_its_volume():
    words = dict(CONTAINER)
    environment = settings_in(words["ENV"].replace("\\\n", ""))

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", words["USER"])
    assert environment["CHECKIN_DATABASE_URL"] == f"sqlite:///{words['VOLUME']}/checkins.db"
    assert environment["HOME"] == words["VOLUME"]
    assert "--require-hashes" in FILES["Containerfile"]
    assert words["STOPSIGNAL"] == "SIGTERM"


def test_pg_dump_is_as_new_as_the_server_it_copies():
    server = re.search(r"postgres:(\d+)", COMPOSE["services"]["database"]["image"])[1]

    assert re.search(r"postgresql-client-(\d+)", FILES["Containerfile"])[1] == server
