"""The review server, asked over real connections: who is let in, what is saved, and what is refused and why."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dedup import Article, find_duplicates
from dedup.decisions import as_csv, read_decisions
from dedup.errors import ConfigError
from dedup.review import MAX_BODY, ReviewServer

from .conftest import FERRY

DECIDED = "decision,a,b\r\nnot_a_copy,wire,herald\r\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review") / "reports"
    articles = [Article(id="herald", body=FERRY), Article(id="wire", body=FERRY + " The vote was public.")]
    find_duplicates(articles).write(folder)
    return folder


@pytest.fixture
def server(written: Path) -> Iterator[ReviewServer]:
    (written / "decisions.csv").unlink(missing_ok=True)
    with ReviewServer(written) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()


def ask(server: ReviewServer, method: str, path: str, body: str | bytes | None = None, **headers: str) -> Answer:
    """One request as a browser sends it; a header that is given empty is left out."""
    host = f"127.0.0.1:{server.server_port}"
    told = {"Host": host, "Origin": f"http://{host}", "Content-Type": "text/csv; charset=utf-8"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    data = body.encode() if isinstance(body, str) else body or b""
    if method == "POST" and "Content-Length" not in told:
        told["Content-Length"] = str(len(data))
    for name, value in told.items():
        if value:
            connection.putheader(name, value)
    connection.endheaders(data)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def path_of(server: ReviewServer, name: str = "") -> str:
    return f"/{name}?token={server.token}"


def test_the_page_is_served_to_whoever_has_the_token(server: ReviewServer, written: Path) -> None:
    address = urlsplit(server.url)
    assert (address.scheme, address.hostname, address.port) == ("http", "127.0.0.1", server.server_port)
    assert parse_qs(address.query) == {"token": [server.token]}
    answer = ask(server, "GET", f"{address.path}?{address.query}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text == (written / "report.html").read_text("utf-8")


def test_every_server_has_a_token_of_its_own(server: ReviewServer, written: Path) -> None:
    assert len(server.token) >= 32
    with ReviewServer(written) as other:
        assert other.token != server.token


@pytest.mark.parametrize("token", ["", "?token=", "?token=guess", "?token=é", "?key=x"])
@pytest.mark.parametrize(("method", "name"), [("GET", ""), ("GET", "decisions.csv"), ("POST", "decisions")])
def test_nothing_is_served_or_saved_without_the_token(
    server: ReviewServer, written: Path, token: str, method: str, name: str
) -> None:
    answer = ask(server, method, f"/{name}{token}".replace("é", "%C3%A9"), DECIDED)
    assert answer.status == 403
    assert answer.text == "Open the address that `dedup review` has printed, with its token.\n"
    assert not (written / "decisions.csv").exists()


def test_a_host_that_is_not_ours_is_refused_even_with_the_token(server: ReviewServer) -> None:
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", ""):
        assert ask(server, "GET", path_of(server), Host=host).status == 403
    assert ask(server, "GET", path_of(server), Host=f"localhost:{server.server_port}").status == 200


def test_decisions_are_saved_and_given_back(server: ReviewServer, written: Path) -> None:
    empty = ask(server, "GET", path_of(server, "decisions.csv"))
    assert (empty.status, empty.text) == (200, as_csv([]))
    answer = ask(server, "POST", path_of(server, "decisions"), DECIDED)
    assert (answer.status, json.loads(answer.text)) == (200, {"decisions": 1})
    (saved,) = read_decisions(written / "decisions.csv")
    assert (saved.decision, saved.a, saved.b) == ("not_a_copy", "herald", "wire")
    again = ask(server, "GET", path_of(server, "decisions.csv"))
    assert (again.text, again.headers["ETag"]) == (as_csv([saved]), answer.headers["ETag"])
    assert again.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sorted(path.name for path in written.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null", "Referer": "", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "", "Sec_Fetch_Site": "same-site"},
        {"Origin": "", "Referer": "https://evil.example/?http://127.0.0.1"},
        {"Origin": ""},
    ],
)
def test_decisions_of_another_origin_are_refused(server: ReviewServer, written: Path, headers: dict[str, str]) -> None:
    answer = ask(server, "POST", path_of(server, "decisions"), DECIDED, **headers)
    assert (answer.status, answer.text) == (403, "Decisions are only taken from the page that is served here.\n")
    assert not (written / "decisions.csv").exists()


def test_a_browser_that_keeps_the_origin_to_itself_may_say_where_it_is(server: ReviewServer) -> None:
    to = path_of(server, "decisions")
    assert ask(server, "POST", to, DECIDED, Origin="null", Sec_Fetch_Site="same-origin").status == 200
    page = f"http://127.0.0.1:{server.server_port}/?token=x"
    assert ask(server, "POST", to, DECIDED, Origin="", Referer=page).status == 200
    assert ask(server, "POST", to, DECIDED, Origin="", Referer=page.replace("/?", "1/?")).status == 403


def test_what_cannot_be_read_is_refused_and_the_old_file_stays(server: ReviewServer, written: Path) -> None:
    to = path_of(server, "decisions")
    assert ask(server, "POST", to, DECIDED).status == 200
    before = (written / "decisions.csv").read_bytes()
    broken = ask(server, "POST", to, DECIDED + "perhaps,x,y\r\n")
    assert broken.status == 400
    assert broken.text == (
        "decisions.csv, line 3: no decision is called 'perhaps'; there are not_a_copy, same_story, right_source, note\n"
    )
    assert ask(server, "POST", to, b"decision,a,b\nnote,M\xfcller,\n").text == "decisions.csv is not in UTF-8\n"
    assert ask(server, "POST", to, DECIDED, Content_Type="application/x-www-form-urlencoded").status == 415
    assert ask(server, "POST", to, "").status == 400
    assert (written / "decisions.csv").read_bytes() == before


def test_a_body_without_a_length_or_too_large_is_refused(server: ReviewServer, written: Path) -> None:
    to = path_of(server, "decisions")
    assert ask(server, "POST", to, None, Content_Length="").status == 411
    assert ask(server, "POST", to, None, Content_Length="-5").status == 411
    large = ask(server, "POST", to, DECIDED + "x" * MAX_BODY)
    assert (large.status, large.text) == (413, "More than 5,000,000 bytes of decisions are not taken.\n")
    assert not (written / "decisions.csv").exists()


def test_whoever_knows_an_older_file_does_not_overwrite_a_newer_one(server: ReviewServer, written: Path) -> None:
    known = ask(server, "GET", path_of(server, "decisions.csv")).headers["ETag"]
    to = path_of(server, "decisions")
    assert ask(server, "POST", to, DECIDED, If_Match=known).status == 200
    late = ask(server, "POST", to, "decision,a,b\r\n", If_Match=known)
    assert (late.status, late.text) == (412, "The decisions in the folder have changed meanwhile.\n")
    assert len(read_decisions(written / "decisions.csv")) == 1


def test_everything_else_is_not_there(server: ReviewServer) -> None:
    for name in ("report.html", "pairs.csv", "run.json", "../run.json", "%2e%2e/run.json", "decisions", "favicon.ico"):
        assert ask(server, "GET", path_of(server, name)).status == 404
    assert ask(server, "POST", path_of(server, "decisions.csv"), DECIDED).status == 404
    assert ask(server, "PUT", path_of(server, "decisions"), DECIDED).status == 501


def test_every_answer_forbids_what_a_page_here_needs_not(server: ReviewServer) -> None:
    answers = [
        ask(server, "GET", path_of(server)),
        ask(server, "GET", path_of(server, "decisions.csv")),
        ask(server, "GET", "/"),
        ask(server, "GET", path_of(server, "nothing")),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert policy.endswith("; frame-ancestors 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Python" not in (answer.headers["Server"] or "")
    assert "unsafe-inline" not in answers[1].headers["Content-Security-Policy"]


def test_the_policy_of_the_page_is_told_in_the_header_too(tmp_path: Path, written: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "run.json").write_bytes((written / "run.json").read_bytes())
    page = '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; connect-src \'self\'\n; x">'
    (folder / "report.html").write_text(f"<!DOCTYPE html><html><head>{page}", "utf-8")
    with ReviewServer(folder) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        answer = ask(server, "GET", path_of(server))
        server.shutdown()
        serving.join()
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; connect-src 'self' ; x; frame-ancestors 'none'"
    )


def chromium() -> str:
    """A Chromium to test with; where the machine has none the test is skipped, unless CI_BROWSER asks for it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found and os.environ.get("CI_BROWSER") != "1":
        pytest.skip("no Chromium on this machine")
    assert found
    return found


PAGE = """<!DOCTYPE html><html><head><meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '%s'; connect-src 'self'">
</head><body><p id="said">nothing</p><script>%s</script></body></html>"""
SCRIPT = """(async () => {
  const token = new URLSearchParams(location.search).get('token');
  const before = await (await fetch(`decisions.csv?token=${encodeURIComponent(token)}`)).text();
  const saved = await fetch(`decisions?token=${encodeURIComponent(token)}`, {
    method: 'POST', headers: { 'Content-Type': 'text/csv; charset=utf-8' }, body: before + 'note,wire,,,,,Seen,',
  });
  document.getElementById('said').textContent = `${saved.status} ${await saved.text()}`;
})();"""


#: What a page of another site can send without being asked first, if it had the token.
FOREIGN = """fetch('TO', { method: 'POST', mode: 'no-cors', body: 'decision,a,b,note\\nnote,wire,,Forged\\n' })
  .finally(() => { document.getElementById('said').textContent = 'tried'; });"""


def test_a_real_browser_saves_from_the_page_and_from_no_other(tmp_path: Path, written: Path) -> None:
    browser, folder = chromium(), tmp_path / "own"
    folder.mkdir()
    (folder / "run.json").write_bytes((written / "run.json").read_bytes())
    digest = "sha256-" + b64encode(sha256(SCRIPT.encode()).digest()).decode()
    (folder / "report.html").write_text(PAGE % (digest, SCRIPT), "utf-8")
    with ReviewServer(folder) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        told = shown(browser, server.url, tmp_path)
        foreign, to = tmp_path / "foreign.html", f"http://127.0.0.1:{server.server_port}/decisions?token={server.token}"
        foreign.write_text(f"<p id='said'>nothing</p><script>{FOREIGN.replace('TO', to)}</script>", "utf-8")
        elsewhere = shown(browser, foreign.as_uri(), tmp_path)
        server.shutdown()
        serving.join()
    assert '<p id="said">200 {"decisions": 1}</p>' in told
    assert '<p id="said">tried</p>' in elsewhere
    assert [decision.note for decision in read_decisions(folder / "decisions.csv")] == ["Seen"]


def shown(browser: str, address: str, home: Path) -> str:
    """What the body of a page holds once its script has run."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home / 'profile'}"]
    call = [browser, *options, "--virtual-time-budget=5000", "--dump-dom", address]
    return subprocess.run(call, capture_output=True, text=True, check=True, timeout=120).stdout


def test_only_a_report_is_served(tmp_path: Path, written: Path) -> None:
    with pytest.raises(ConfigError, match=r"elsewhere is no report: it must be a folder that `dedup scan` wrote"):
        ReviewServer(tmp_path / "elsewhere")
    with (
        ReviewServer(written) as server,
        pytest.raises(ConfigError, match=f"cannot serve on port {server.server_port}"),
    ):
        ReviewServer(written, server.server_port)


def test_a_broken_file_in_the_folder_is_said_before_it_could_be_replaced(written: Path) -> None:
    (written / "decisions.csv").write_text("what is this\n", "utf-8")
    with pytest.raises(ConfigError, match="has no column 'decision'"):
        ReviewServer(written)
    (written / "decisions.csv").unlink()
