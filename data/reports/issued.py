"""Invitation codes as the clinic hands them out: shown again for as long as they work, or replaced by a new one."""

from sqlalchemy import RowMapping, select, update

from data import clock
from data.reports import codes, infusions, invitations, roster
from data.reports.infusions import Infusion
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database
from data.storage.schema import infusions as table


def show(
    token: str, infusion: int, *, refresh: bool = False, what: str = "the invitation"
) -> tuple[Infusion, str | None]:
    """Return an infusion with its code, for the holder of a live session; the audit log says who saw `what` of it.

    The code is None where it cannot be shown: the invitation no longer works; or it was made before 1.4.0, and only its
    patient has the code; or it was made under another secret key, and the code no longer works. A page that refreshes
    by itself, or does not show the code, says so: then the session is not renewed, nor anything written down. Raises
    `infusions.NotLive` where there is no such infusion, `sessions.SignedOut` or `database.Unavailable`.
    """
    with database.reading() as connection:
        sessions.require(connection, token, RECEPTION)
        row = connection.execute(select(table).where(infusions.of(infusion))).mappings().one_or_none()
        if row is None:
            raise infusions.NotLive(f"there is no infusion No. {infusion!r:.40}")
        shown = roster.with_answers(connection, [row])[0], _code(row)
    if not refresh:
        sessions.record_view(token, f"{what} of infusion No. {infusion}", RECEPTION)
    return shown


def renew(token: str, infusion: int) -> None:
    """Give an infusion a new code; the old one stops working at once, and what was sent with it stays.

    Raises `infusions.NotLive`, `sessions.SignedOut` or `database.Unavailable`.
    """
    with database.writing() as connection:
        sessions.require(connection, token, RECEPTION)
        infusions.hold(connection, infusion)
        sessions.record_act(connection, token, f"made a new code for infusion No. {infusion}", RECEPTION)
        connection.execute(update(table).where(table.c.id == infusion).values(invitations.new_code()))


def _code(row: RowMapping) -> str | None:
    if not infusions.from_row(row).is_live(clock.now()) or not row["seed"]:
        return None
    code = codes.invitation(row["seed"])
    return code if invitations.digest(code) == row["code_digest"] else None
