"""What the holder of a receipt may do, without an account: see a check-in, correct it, withdraw it."""

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, insert, select, update

from data import clock
from data.reports import answers, check_ins, codes, tallies, withdrawals
from data.reports.check_ins import CheckIn
from data.staff import throttle
from data.storage import database, digests
from data.storage.columns import ANSWERS
from data.storage.schema import check_ins as table
from data.storage.schema import corrections


class UnknownReceipt(LookupError):
    """No check-in has this receipt."""


class NotAReceipt(UnknownReceipt):
    """What was typed does not look like a receipt: not a guess, so nothing is counted."""


def find(receipt: str, address: str) -> CheckIn:
    """Return the check-in of a receipt, in whatever spelling it was typed, a withdrawn one too.

    A right receipt is never refused because of wrong ones before it; these are counted by network address. Raises
    `NotAReceipt`, `UnknownReceipt`, `throttle.Throttled` for a wrong receipt after too many, or `database.Unavailable`.
    """
    written = _written(receipt)
    with database.reading() as connection:
        row = _row(connection, written)
    return _known(row, written, address)


def correct(receipt: str, address: str, *, ticked: Collection[str], none: bool = False) -> CheckIn:
    """Replace the answers of a check-in; return what is now stored.

    Its window, week and other circumstances stay, the old answers are kept in `corrections`, and the tallies are
    corrected in the same transaction. Sending the same answers again, or correcting a withdrawn check-in, changes
    nothing. Raises what `find` raises, and a subclass of `answers.InvalidCheckIn`, also for a code that is not in the
    list the check-in answered.
    """
    written = _written(receipt)
    with database.writing() as connection:
        if row := _row(connection, written, lock=True):
            new = answers.as_columns(ticked, none, row["list_version"])
            old = {column: row[column] for column in ANSWERS}
            if not row["withdrawn"] and new != old:
                now = clock.now()
                connection.execute(insert(corrections), {"check_in": row["id"], "replaced": now} | old)
                connection.execute(update(table).where(table.c.id == row["id"]).values(corrected=now, **new))
                tallies.replace(connection, row, new)
                row = _row(connection, written)
    return _known(row, written, address)


def withdraw(receipt: str, address: str) -> CheckIn:
    """Delete the answers of a check-in, including those before a correction, and stop counting it; return what is left.

    An emptied row stays, so that sending the same form again stores nothing. A withdrawal is final, but a new form of
    the same invitation can then be sent in its window. Raises what `find` raises.
    """
    written = _written(receipt)
    with database.writing() as connection:
        if (row := _row(connection, written, lock=True)) and not row["withdrawn"]:
            withdrawals.withdraw(connection, [row["id"]], {row["infusion"]} - {None})
            row = _row(connection, written)
    return _known(row, written, address)


def seal(receipt: str) -> str:
    """Return what lets one browser see the check-in of a receipt without being counted as guessing."""
    return digests.seal("seal of receipt", receipt)


def by_seal(sealed: str) -> CheckIn | None:
    """Return the check-in of a sealed receipt, None where `seal` did not make it; raises `database.Unavailable`."""
    receipt = digests.unseal("seal of receipt", sealed)
    if receipt is None:
        return None
    with database.reading() as connection:
        row = _row(connection, receipt)
    return None if row is None else check_ins.from_row(row, receipt)


def _written(receipt: str) -> str:
    written = codes.read_receipt(receipt)
    if written is None:
        raise NotAReceipt
    return written


def _known(row: RowMapping | None, written: str, address: str) -> CheckIn:
    """Return the check-in of a row, or count a wrong receipt where there is no row."""
    if row is None:
        throttle.attempt(throttle.RECEIPT, address)
        raise UnknownReceipt
    return check_ins.from_row(row, written)


def _row(connection: Connection, receipt: str, *, lock: bool = False) -> RowMapping | None:
    """Return the row of a receipt; None where there is none, and where two rows share it: nobody sees another's."""
    of_receipt = select(table).where(table.c.receipt_digest == digests.digest("receipt", receipt))
    rows = connection.execute(of_receipt.with_for_update() if lock else of_receipt).mappings().all()
    return rows[0] if len(rows) == 1 else None
