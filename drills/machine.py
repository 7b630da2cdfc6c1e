"""The services, in any order and by anybody, beside a model: the tests' machine, longer."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app import create_app
from drills.outcome import Drill, Outcome
from drills.places import Place
from drills.settings import number
from seatadmin.extensions import db
from tests.services import model
from tests.services.test_status_machine import Services


def run(place: Place) -> Outcome:
    """Many short lives of a small world; then the control, whose model knows no limits."""
    place.migrated()
    known = {"SEATADMIN_ENV": "testing", "SECRET_KEY": "drills", "DATABASE_URL": place.url}
    app = create_app(known)
    examples, steps = number("machine.examples"), number("machine.steps")
    with app.app_context():
        difference = _differs(examples, steps)
        right, model.Model.fits = model.Model.fits, lambda *_given, **_more: True
        try:
            other = _differs(min(examples, 50), steps)
        finally:
            model.Model.fits = right
        db.engine.dispose()
    found = f"{examples:,} lives of {steps} steps: {difference or 'no difference'}"
    control = f"against a model without seat limits: {other or 'no difference'}"
    return Outcome(not difference, found, control, bool(other))


def _differs(examples: int, steps: int) -> str:
    try:
        run_state_machine_as_test(
            lambda: Services(db.session),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
    except (AssertionError, ExceptionGroup) as error:
        db.session.rollback()
        return f"a difference ({str(error).splitlines()[0] if str(error) else 'assertion'})"[:200]
    return ""


DRILL = Drill("a state machine over the services against a model", "no difference", run)
