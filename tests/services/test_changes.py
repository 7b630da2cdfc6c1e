"""The audit …"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, Subject
from seatadmin.models import Participant, User
from seatadmin.permissions import SYSTEM
from seatadmin.services import changes
from tests.factories import (
    ENDED,
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
)
from tests.services.acting import act_on, audit, items_of, personal_of, scopes_of


def edit(session: Any, row: Any, **values: Any) -> Change | None:
    before = changes.snapshot(row)
    for name, value in values.items():
        setattr(row, name, value)
    change = changes.record_one(session, SYSTEM, ChangeKind.EDIT, "edit", row, before)
    session.flush()
    return change


def only_item(session: Any, change: Change | None) -> ChangeItem:
    assert change is not None
    (item,) = items_of(session, change.id).values()
    return item


def test_says_who_did_what_and_when(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    before = changes.snapshot(row)
    row.occupation = "Plumber"

    change = changes.record_one(session, actor.actor, ChangeKind.EDIT, "edit", row, before)

    session.refresh(change)
    assert (change.actor_id, change.actor) == (actor.id, actor)
    assert (change.kind, change.action, change.subject) == ("edit", "edit", "participant")
    assert change.at.tzinfo is not None
    assert only_item(session, change).subject_id == row.id


def test_names_the_command_line_by_nobody(session: Any) -> None:
    change = edit(session, ParticipantFactory(), occupation="Plumber")

    assert change is not None
    assert change.actor_id is None


def test_says_nothing_where_nothing_changed(session: Any) -> None:
    row = ParticipantFactory()

    assert edit(session, row, occupation=row.occupation) is None
    assert audit(session)["change"] == 0


def test_keeps_old_and_new_of_plain_fields_beside_the_item(session: Any) -> None:
    row = ParticipantFactory(expected_completion_date=None)

    item = only_item(
        session,
        edit(session, row, occupation="Plumber", expected_completion_date=date(2027, 1, 31)),
    )

    assert item.fields == {
        "occupation": ["Electrician", "Plumber"],
        "expected_completion_date": [None, "2027-01-31"],
    }


def test_keeps_personal_values_apart_where_they_can_be_erased(session: Any) -> None:
    row = ParticipantFactory(first_name="Ada", email="ada@example.org")

    change = edit(session, row, first_name="Grace", email=None)

    assert only_item(session, change).fields is None
    assert change is not None
    assert personal_of(session, change.id) == {
        (row.id, "first_name", "Ada", "Grace"),
        (row.id, "email", "ada@example.org", None),
    }


def test_never_holds_a_password(session: Any) -> None:
    row = regulator(signs_in=True)
    old = row.password_hash

    item = only_item(session, edit(session, row, password_hash="another hash"))

    assert item.fields == {"password_hash": [None, "changed"]}
    assert old not in str([*session.execute(select(ChangePersonal.old, ChangePersonal.new))])


def test_says_nothing_of_columns_that_only_follow(session: Any) -> None:
    row = ParticipantFactory()

    change = edit(session, row, last_name="Lovelace")

    assert only_item(session, change).fields is None
    assert change is not None
    assert {field for _, field, _, _ in personal_of(session, change.id)} == {"last_name"}


def test_keeps_the_state_on_both_sides_of_a_correction(session: Any) -> None:
    row = ParticipantFactory(cancelled=True)

    item = only_item(
        session, edit(session, row, cancellation_reason="health", status_date=date(2025, 1, 1))
    )

    assert (item.old_program_status, item.new_program_status) == ("cancelled", "cancelled")
    assert (item.old_cancellation_reason, item.new_cancellation_reason) == (
        "left_employment",
        "health",
    )
    assert (item.old_status_date, item.new_status_date) == (ENDED, date(2025, 1, 1))
    assert item.fields is None


def test_opens_with_the_whole_row_of_a_new_one(session: Any) -> None:
    row = EmployerFactory(name="Volta", seat_limit=9)

    change = changes.record_one(session, SYSTEM, ChangeKind.CREATE, "create", row, {})

    session.flush()
    item = only_item(session, change)
    assert item.fields == {
        "name": [None, "Volta"],
        "seat_limit": [None, 9],
        "sponsor_id": [None, row.sponsor_id],
    }


def test_shows_an_edit_of_an_organization_to_that_organization(session: Any) -> None:
    sponsor = SponsorFactory()
    employer = EmployerFactory(sponsor=sponsor)

    of_sponsor = edit(session, sponsor, seat_limit=10)
    of_employer = edit(session, employer, seat_limit=5)

    assert of_sponsor is not None
    assert of_employer is not None
    assert (of_sponsor.subject, of_employer.subject) == ("sponsor", "employer")
    assert scopes_of(session, of_sponsor.id) == {(sponsor.id, None, 1, sponsor.id)}
    assert scopes_of(session, of_employer.id) == {(sponsor.id, employer.id, 1, employer.id)}


def test_shows_a_move_to_both_employers_and_names_the_subject_to_the_new_one(session: Any) -> None:
    old, new = EmployerFactory(), EmployerFactory()
    row = ParticipantFactory(employer=old)

    change = edit(session, row, employer_id=new.id, sponsor_id=new.sponsor_id)

    assert change is not None
    assert scopes_of(session, change.id) == {
        (new.sponsor_id, new.id, 1, row.id),
        (old.sponsor_id, old.id, 0, None),
    }
    assert only_item(session, change).fields == {
        "employer_id": [old.id, new.id],
        "sponsor_id": [old.sponsor_id, new.sponsor_id],
    }


def test_keeps_a_note_with_the_one_person_it_is_about(session: Any) -> None:
    row, others = ParticipantFactory(), ParticipantFactory.create_batch(2)

    alone = act_on(session, SYSTEM, "deactivate", row, note="asked by phone")
    batch = act_on(session, SYSTEM, "deactivate", *others, note="asked by phone")

    assert personal_of(session, alone.change_id) == {(row.id, "note", None, "asked by phone")}
    assert personal_of(session, batch.change_id) == {(None, "note", None, "asked by phone")}


def test_keeps_a_tombstone_without_personal_values(session: Any) -> None:
    row = ParticipantFactory(first_name="Ada", last_name="Lovelace", cancelled=True)
    other = ParticipantFactory()
    edit(session, row, first_name="Augusta")
    edit(session, other, first_name="Grace")
    act_on(session, SYSTEM, "reinstate", row, note="a mistake of Ada's")
    id, sponsor_id, employer_id = row.id, row.sponsor_id, row.employer_id

    change = changes.record_deletion(session, regulator().actor, row)
    session.delete(row)
    session.flush()

    item = only_item(session, change)
    assert (change.kind, change.action, change.subject) == ("delete", "delete", "participant")
    assert (item.subject_id, item.old_program_status, item.old_account_status) == (
        id,
        "active",
        "active",
    )
    assert (item.new_program_status, item.new_account_status, item.fields) == (None, None, None)
    assert scopes_of(session, change.id) == {(sponsor_id, employer_id, 1, id)}
    assert session.get(Participant, id) is None
    assert set(session.scalars(select(ChangePersonal.subject_id))) == {other.id}
    assert "Ada" not in str([*session.execute(select(ChangeItem.fields))])


@pytest.mark.parametrize("kind", [ChangeKind.EXPORT, ChangeKind.SIGN_IN, ChangeKind.REFUSAL])
def test_records_what_changes_no_row(session: Any, kind: ChangeKind) -> None:
    actor = employer_admin()

    change = changes.record_event(session, actor.actor, kind, "x", Subject.USER)

    session.flush()
    assert items_of(session, change.id) == {}
    assert scopes_of(session, change.id) == {(actor.sponsor_id, actor.employer_id, 0, None)}


def test_goes_away_with_a_transaction_that_fails(session: Any) -> None:
    row = ParticipantFactory()
    session.commit()

    act_on(session, SYSTEM, "cancel", row)
    session.rollback()

    assert row.uses_seat
    assert audit(session) == dict.fromkeys(audit(session), 0)


def test_sorts_every_column_of_a_user_into_one_drawer(session: Any) -> None:
    drawers = [set(changes.STATE), changes.PERSONAL, changes.SILENT, changes.SECRET]
    plain = {
        "role",
        "sponsor_id",
        "employer_id",
        "occupation",
        "registration_date",
        "expected_completion_date",
        "reported_on",
        "plan_id",
    }

    columns = {column.key for column in User.__mapper__.column_attrs}
    assert columns == set().union(*drawers, plain)
    assert sum(map(len, drawers)) + len(plain) == len(columns)


def test_counts_subjects_by_organization(session: Any) -> None:
    one, other = EmployerFactory(), EmployerFactory()
    rows = [ParticipantFactory(employer=employer) for employer in (one, one, other)]

    outcome = act_on(session, SYSTEM, "cancel", *rows)

    assert scopes_of(session, outcome.change_id) == {
        (one.sponsor_id, one.id, 2, None),
        (other.sponsor_id, other.id, 1, rows[2].id),
    }
