"""What people do all day, done by the last release's code: run in its folder, on a database that
the new release has migrated. Takes the address, and one letter that makes names unique; exits with
a message when an answer is not what it always was."""

import csv
import io
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from app import create_app

URL, TURN = sys.argv[1:]
EMAIL, PASSWORD = "regulator@example.org", "three apprentices in a boat"

app = create_app({"SEATADMIN_ENV": "testing", "DATABASE_URL": URL, "SECRET_KEY": "tests"})
client = app.test_client()
JSON = {"Accept": "application/json"}


def expect(status, response, what):
    text = response.get_data(as_text=True)
    if response.status_code != status:
        sys.exit(f"{what} answered {response.status_code}, not {status}: {text[:1000]}")
    return response.get_json() if response.is_json else text


def get(path, status=200):
    return expect(status, client.get(path), path)


def token_in(page):
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]


def post(path, status=200, **fields):
    fields = {"csrf_token": token, **fields}
    return expect(status, client.post(path, data=fields, headers=JSON), path)


def act(name, *ids, path="/admin/participant/", **more):
    done = post(f"{path}action/", action=name, rowids=",".join(map(str, ids)), **more)
    if done["changed"] != len(ids):
        sys.exit(f"{name}: {done}")


def command(*words):
    done = app.test_cli_runner().invoke(args=words)
    if done.exit_code:
        sys.exit(f"flask {' '.join(words)}: {done.output}")
    return done.output


def rows_of(name):
    return list(csv.DictReader(io.StringIO(get(f"/admin/{name}/export/csv/").lstrip("\ufeff"))))


token = token_in(get("/login"))
signed_in = client.post("/login", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token})
expect(302, signed_in, "the sign-in")
token = token_in(get("/admin/participant/"))

sponsor = post("/admin/sponsor/new/", name=f"Old {TURN}", seat_limit="5")
post(f"/admin/sponsor/edit/?id={sponsor['id']}", version=1, name=f"Older {TURN}")
employer = post("/admin/employer/new/", name=f"Old works {TURN}", sponsor=sponsor["id"])["id"]
post(f"/admin/employer/edit/?id={employer}", version=1, seat_limit="4")
staff = {"first_name": "O", "last_name": "Ld", "email": f"old{TURN}@example.org"}
somebody = post(
    "/admin/user/new/", **staff, role="sponsor", sponsor=sponsor["id"], password=f"{PASSWORD} too"
)["id"]
people = []
for number in range(3):
    person = {"first_name": "Ann", "last_name": f"Old{number}", "employer": employer}
    made = post("/admin/participant/new/", **person, apprentice_number=f"OLD-{TURN}-{number}")
    people.append(made["id"])
one, two, three = people
post(f"/admin/participant/edit/?id={one}", version=1, occupation="Roofer", email=f"o{TURN}@x.org")
act("cancel", one, two, reason="other", note="why")
act("reinstate", two, note="a mistake")
act("suspend", two)
act("deactivate", three)
act("reactivate", three)
act("deactivate", somebody, path="/admin/user/")
expect(
    302,
    client.post(
        "/admin/participant/delete/",
        data={"csrf_token": token, "id": three, "confirm": "Ann Old2"},
    ),
    "deleting",
)

for page in ("", "participant/", "user/", "employer/", "sponsor/", "change/"):
    get(f"/admin/{page}")
get("/admin/participant/?search=ann&flt0_program_status_equals=cancelled&sort=name")
get(f"/admin/participant/details/?id={one}")
get(f"/admin/participant/edit/?id={two}")
get(f"/admin/user/details/?id={somebody}")
get(f"/admin/sponsor/details/?id={sponsor['id']}")
newest = rows_of("change")[-1]["id"]
get(f"/admin/change/details/?id={newest}")
with tempfile.NamedTemporaryFile("w", suffix=".csv") as roster:
    roster.write("apprentice_number,first_name,last_name,employer,program_status,status_note\n")
    roster.write(f"OLD-{TURN}-0,Ann,Renamed,Old works {TURN},,\n")
    roster.write(f"NEW-{TURN}-0,Bob,New,Old works {TURN},active,\n")
    roster.flush()
    command("import-participants", roster.name, "--dry-run")
    command("import-participants", roster.name)
command("seats")
command("seats", "verify")
print(f"{len(rows_of('participant'))} participants")
