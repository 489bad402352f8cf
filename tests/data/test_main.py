import re
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import update

from data import VERSION, clock
from data import __main__ as console
from data.reports import check_ins, registration, retention
from data.staff import audit, hashing, passphrase
from data.storage import chain, database, in_use, integrity, preparation, schema
from tests.app import PASSPHRASE
from tests.conftest import USUAL, forget
from tests.counted import audited, count_check_ins


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `python -m data` with words; gives exit code, output and errors."""

    def command(*words):
        monkeypatch.setattr("sys.argv", ["data", *words])
        code = console.main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_demo_fills_an_empty_database_and_refuses_another(prepared, run):
    assert run("demo", "--check-ins", "30", "--seed", "2")[0] == 0
    assert count_check_ins() == 30

    code, _, errors = run("demo")

    assert (code, errors) == (
        1,
        "Error: the database has check-ins or infusions; add made-up ones only to an empty one\n",
    )


def test_verify_tells_a_difference_by_its_exit_code(prepared, run):
    run("demo", "--check-ins", "30")
    assert run("verify") == (0, "The counters match the check-ins and infusions.\n", "")

    with database.writing() as connection:
        connection.execute(update(schema.tallies).values(n=schema.tallies.c.n + 1))

    code, _, errors = run("verify")
    assert code == 1
    assert "in the tally" in errors


def test_verify_names_a_damaged_file_that_the_start_did_not_check(embedded, run, monkeypatch):
    preparation.prepare()
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["sleep"])
    database.fold_log()
    forget()
    pages = embedded.read_bytes()
    embedded.write_bytes(pages[:-4096] + b"\xa5" * 4096)
    monkeypatch.setattr(integrity, "CHECKED_BYTES", 1)

    code, _, errors = run("verify")

    assert code == 1
    assert errors.startswith(f"Error: {embedded} is damaged (")


def test_verify_says_from_when_on_it_compares(prepared, run, configure, set_clock):
    set_clock(USUAL)
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["sleep"], recorded=USUAL - timedelta(days=400))
    configure(retention_days=365)
    retention.delete_portion()

    code, said, _ = run("verify")
    assert code == 0
    assert said.splitlines() == [
        "The counters match the check-ins and infusions.",
        "Compared from the week of 2025-11-24 on: earlier check-ins were deleted (CHECKIN_RETENTION_DAYS).",
    ]


def send_three(configure, set_clock):
    configure(timezone="Europe/Madrid")
    set_clock(USUAL + timedelta(hours=1))
    for window in ("0-4 h", "0-4 h", ">7 d"):
        check_ins.record(key=check_ins.new_key(), window=window, ticked=["sleep"], recorded=USUAL)


SPAN = ["discard", "--origin", "open", "--from", "2026-11-25T13:00", "--to", "2026-11-25T13:01"]  # Madrid's noon in UTC
NAMED = "3 check-ins by the open link recorded from 2026-11-25 13:00 to 2026-11-25 13:01 (Europe/Madrid)"


def test_discard_says_how_many_each_window_has_and_changes_nothing_in_a_dry_run(prepared, configure, run, set_clock):
    send_three(configure, set_clock)

    assert run(*SPAN, "--dry-run") == (0, f"Found {NAMED}.\n  0-4 h: 2\n  >7 d: 1\n", "")
    assert count_check_ins() == 3


def test_discard_asks_before_it_deletes(prepared, configure, run, monkeypatch, set_clock):
    send_three(configure, set_clock)
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    refused = run(*SPAN)

    assert refused[0] == 1
    assert f"Delete the answers of {NAMED}? This cannot be undone" in refused[1]
    assert count_check_ins() == 3

    done = run(*SPAN, "--yes")
    assert done[1].endswith("Deleted the answers of 3 check-ins; they no longer count.\n")
    assert count_check_ins() == 0
    assert audited() == [("operator", f"discarded {NAMED}")]


def test_erase_takes_the_number_of_the_list_of_infusions_and_a_window(prepared, run, configure):
    configure(timezone="UTC")
    infusion, code = registration.register(passphrase.sign_in(PASSPHRASE, "address"))
    check_ins.record(key=check_ins.new_key(), code=code, ticked=["sleep"])
    asked = ["erase", "--infusion", str(infusion.id), "--window"]

    ended = f"Infusion No. {infusion.id} ended {clock.shown(infusion.ended):%Y-%m-%d %H:%M} (UTC).\n"
    said = f"{ended}Found 0 check-ins of infusion No. {infusion.id}, >7 d.\n"
    assert run(*asked, "over7d", "--yes") == (0, said, "")
    assert count_check_ins() == 1
    assert run(*asked, "0-4h", "--yes")[0] == 0
    assert count_check_ins() == 0
    assert audited()[-1] == ("operator", f"erased 1 check-in of infusion No. {infusion.id}, 0-4 h")


def test_erase_of_an_infusion_that_is_not_there_is_refused(prepared, run):
    assert run("erase", "--infusion", "7", "--window", "0-4h") == (1, "", "Error: there is no infusion No. 7\n")


def test_whoever_is_removed_may_know_the_passphrase_and_the_operator_is_told(prepared, run):
    assert run("staff", "add", "Ana Ruiz")[0] == 0

    said = run("staff", "remove", "ana  ruiz")[1].splitlines()
    assert said[0] == "ana  ruiz is removed and signed out everywhere."
    assert said[1].startswith("A passphrase is in force, which they may know")


def test_export_writes_files_once(prepared, run, tmp_path):
    run("demo", "--check-ins", "30")
    out = tmp_path / "out"

    code, said, _ = run("export", "--format", "csv", "--out", str(out))
    again = run("export", "--format", "csv", "--out", str(out))

    assert (code, said.splitlines()[-1]) == (0, f"30 check-ins are in {out}.")
    assert len((out / "check-ins.csv").read_text(encoding="utf-8").splitlines()) == 31
    refused = f"Error: {out / 'dictionary.csv'} already exists and is not replaced: choose another folder\n"
    assert again == (1, "", refused)


def test_the_audit_log_is_verified_and_its_end_told_to_be_noted(prepared, run):
    with database.writing() as connection:
        audit.note(connection, "Ana", "saw figures")
    with database.reading() as connection:
        number, mac = chain.end(connection)

    assert run("audit", "verify") == (0, f"The audit log is as it was written. It ends with row 1, {mac}\n", "")
    assert run("audit", "verify", "--end", str(number), mac)[0] == 0

    code, _, errors = run("audit", "verify", "--end", "2", "0" * 64)
    assert code == 1
    assert errors == "Error: the audit log is not as it was written: rows after number 1 are missing.\n"


def test_a_new_chain_of_the_audit_log_is_named_so_that_one_nobody_expects_is_seen(
    prepared, configure, run, monkeypatch
):
    audit.started()
    configure(secret_key="t" * 32)
    assert "belongs to another secret key" in run("audit", "verify")[2]
    in_use.let_go()
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    code, asked, errors = run("accept-key")
    assert (code, errors) == (1, "Error: stopped\n")
    assert "every invitation, receipt and session ends" in asked
    assert "belongs to another secret key" in run("audit", "verify")[2]
    in_use.let_go()
    code, said, _ = run("accept-key", "--yes")
    assert code == 0
    assert said.endswith("Start the server, then make new codes for the infusions of the last 30 days.\n")
    with database.reading() as connection:
        _, mac = chain.end(connection)

    code, told, _ = run("audit", "verify")

    assert code == 0
    assert told.splitlines() == [
        "Row 2 begins a new chain. Was CHECKIN_SECRET_KEY changed then? If not, rows before were edited.",
        f"The audit log is as it was written. It ends with row 3, {mac}",
    ]


def test_the_audit_log_is_read_in_the_clinics_time_or_as_csv_without_formulas(prepared, configure, run, set_clock):
    set_clock(USUAL + timedelta(seconds=7))
    configure(timezone="Europe/Madrid")
    with database.writing() as connection:
        audit.note(connection, "=Ana", "saw figures")
        audit.note(connection, "Eva", "took a file")

    assert run("audit", "show", "--who", "Eva")[1] == "     2  2026-11-25 13:00:07  Eva: took a file\n"
    assert run("audit", "show", "--since", "2026-11-25 13:01:00") == (0, "", "")
    head, first, *_ = run("audit", "show", "--csv", "--until", "2026-11-25 13:01:00")[1].splitlines()
    assert head == "number,at,who,did"
    assert re.fullmatch(r"1,2026-11-25T12:00:07\.\d+\+00:00,'=Ana,saw figures", first)


def test_passphrase_prints_a_hash_for_the_setting(configure, run):
    configure()

    code, out, _ = run("passphrase", "--passphrase", PASSPHRASE)

    assert code == 0
    assert hashing.matches(out.strip(), PASSPHRASE)


def test_passphrase_store_replaces_a_forgotten_one(configure, run, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'x.db'}")

    assert run("passphrase", "--store", "--passphrase", PASSPHRASE)[0] == 0
    assert passphrase.sign_in(PASSPHRASE, "address")


def test_passphrase_store_refuses_where_it_would_change_nothing(prepared, run):
    code, _, errors = run("passphrase", "--store", "--passphrase", PASSPHRASE)

    assert code == 1
    assert errors.startswith("Error: CHECKIN_PASSPHRASE_HASH or CHECKIN_OIDC_ISSUER overrides a stored passphrase")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["passphrase", "--passphrase", "short"],
            "Error: a passphrase needs 15 to 1000 characters; this one has 5",
        ),
        (["nonsense"], "Error: No such command 'nonsense'."),
        (["export"], "Error: Missing option '--out'."),
        (["export", "--format", "pdf", "--out", "x"], "Error: Invalid value for '--format': 'pdf' is not one of"),
        (["export", "--format", "csv", "--out", __file__], "Error: Invalid value for '--out': Directory"),
        (SPAN[:5], "Error: Missing option '--to'."),
        (
            [*SPAN[:-1], "2026-11-25T12:59"],
            "Error: expected a span that ends after it begins, and at most 7 days later",
        ),
        (
            [*SPAN[:-1], "2026-12-03T13:00"],
            "Error: expected a span that ends after it begins, and at most 7 days later",
        ),
        ([*SPAN[:-1], "25 November"], "Error: Invalid value for '--to': '25 November' does not match the format"),
        (["erase", "--infusion", "1", "--window", ">7 d"], "Error: Invalid value for '--window': '>7 d' is not one of"),
        (["demo", "--check-ins", "0"], "Error: Invalid value for '--check-ins': 0 is not in the range"),
    ],
)
def test_what_goes_wrong_is_one_line_and_exit_code_1(prepared, run, words, says):
    code, _, errors = run(*words)

    assert code == 1
    assert errors.startswith(says)
    assert errors.count("\n") == 1


def test_a_wrong_setting_is_one_line_and_exit_code_1(configure, run):
    configure(min_group="ten")

    code, _, errors = run("verify")

    assert code == 1
    assert re.fullmatch(r"Error: CHECKIN_MIN_GROUP .*\n", errors)


def test_the_version_is_that_of_the_release(run):
    assert run("--version") == (0, f"Infusion check-in {VERSION}\n", "")


@pytest.mark.parametrize("command", ["demo", "verify", "export", "passphrase", "discard", "erase"])
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")

    assert code == 0
    assert out.startswith(f"Usage: python -m data {command}")


@pytest.mark.parametrize("words", [("verify",), ("staff", "add", "Ana")])
def test_a_command_migrates_no_database_under_a_server_of_an_earlier_release(prepared, run, words):
    with database.writing() as connection:
        database.upsert(connection, schema.about, {"name": "schema_version", "value": "5"})

    code, _, errors = run(*words)

    assert (code, errors) == (
        1,
        "Error: the database is of an earlier release: start the server, which migrates it, then try again\n",
    )
    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "5"
