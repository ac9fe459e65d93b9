"""What the service answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dedup.ingest import read_articles
from tests.conftest import FERRY
from tests.serve.conftest import Asked

SAMPLES = Path(__file__).parents[2] / "samples"
BEES = (
    "Bee keepers in the Orlo hills lost a third of their colonies last winter, a survey by the farm school shows. The "
    "mild December woke the swarms too early, and the frost of February killed them. Young queens are now bred on an "
    "island far from the mites of the mainland, and a jar of heather honey costs nine crowns."
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Bees of the Orlo hills | Velmora Post</title>
<meta property="og:site_name" content="Velmora Post"><meta property="article:published_time" content="2031-03-02">
</head><body><nav><a href="/">Home</a><a href="/sport">Sport</a></nav>
<article><h1>Bees of the Orlo hills</h1><p>{BEES}</p></article>
<footer>Subscribe to our newsletter</footer></body></html>"""


def test_a_first_article_is_new_and_its_copy_by_another_outlet_is_named_with_the_shared_text(served: Asked) -> None:
    first = {"id": "ferry-1", "text": FERRY, "publisher": "Tarnhaven Gazette", "published": "2031-03-02", "title": None}
    fresh = served.post("/check-and-add", first)
    assert (fresh.status, fresh.json) == (200, {
        "article": "ferry-1", "relation": "new", "of": None, "known": False, "confidence": None, "found": 0,
        "matches": [], "notes": [],
    })  # fmt: skip

    copy = served.post("/check", {"id": "ferry-2", "text": f"{FERRY} More follows.", "publisher": "Velmora Post"}).json
    assert (copy["relation"], copy["of"], copy["found"]) == ("copy_of", "ferry-1", 1)
    [match] = copy["matches"]
    assert (match["grade"], match["verdict"], match["kinship"]) == ("near_duplicate", "lightly edited copy", "copy")
    assert (match["publisher"], match["published"]) == ("Tarnhaven Gazette", "2031-03-02")
    [passage] = match["passages"]
    assert passage["text"] == FERRY[passage["start"] : passage["end"]]
    assert passage["text"].endswith("left the hall before the count")
    assert match["measures"]["containment_b"] == 1.0


def test_check_never_writes(served: Asked) -> None:
    asked = {"id": "unwritten", "text": "Nobody in Port Ansel has ever seen the lighthouse keeper without his hat on."}
    assert [served.post("/check", asked).json["relation"] for _ in range(2)] == ["new", "new"]


def test_an_article_asked_again_is_known(served: Asked) -> None:
    bees = {"id": "bees-1", "text": BEES, "publisher": "Orlo Echo"}
    assert served.post("/check-and-add", bees).json["known"] is False
    again = served.post("/check-and-add", bees).json
    assert (again["known"], again["relation"], again["of"]) == (True, "copy_of", "bees-1")


def test_offsets_are_those_of_the_text_as_it_was_sent(served: Asked) -> None:
    served.post("/add", {"id": "offsets-1", "text": FERRY})
    sent = f"\r\n\r\n  {FERRY}".replace("\n\n", "\r\n\r\n")
    passages = served.post("/check", {"id": "offsets-2", "text": sent}).json["matches"][0]["passages"]
    assert all(sent[p["start"] : p["end"]] == p["text"] for p in passages)
    assert passages[0]["text"].startswith("The council of Tarnhaven")


def test_a_page_is_cleaned_as_a_scan_cleans_it(served: Asked) -> None:
    served.post("/add", {"id": "page-bees", "body": BEES, "publisher": "Orlo Echo"})
    asked = {"id": "page-1", "text": PAGE, "kind": "html", "url": "https://post.example/bees"}
    served.post("/add", asked)
    verdict = served.post("/check", {"id": "page-2", "text": BEES, "publisher": "Third Paper"}).json
    told = {match["id"]: match for match in verdict["matches"]}
    assert told["page-1"]["title"] == "Bees of the Orlo hills"
    assert told["page-1"]["published"] == "2031-03-02"
    assert told["page-1"]["publisher"] == "Velmora Post"


def test_a_batch_is_added_and_what_was_there_before_is_not_counted_again(served: Asked, invent: Any) -> None:
    articles = [{"id": f"batch-{n}", "text": invent(n)} for n in range(5)]
    assert served.post("/add", {"articles": articles}).json == {"articles": 5, "changed": 5, "notes": []}
    articles.append({"id": "batch-5", "text": invent(5), "published": "last spring"})
    again = served.post("/add", {"articles": articles}).json
    assert (again["articles"], again["changed"]) == (6, 1)
    assert again["notes"] == ["articles[5].published is no date that can be read: 'last spring'; counts as unknown"]


def test_what_is_removed_leaves_no_trace(served: Asked, invent: Any) -> None:
    text = invent(91)
    served.post("/add", {"id": "gone", "text": text})
    assert served.post("/check", {"id": "later", "text": text}).json["of"] == "gone"
    assert served.post("/remove", {"ids": ["gone", "never-there", "gone"]}).json == {"ids": 2, "removed": 1}
    assert served.post("/check", {"id": "later", "text": text}).json["relation"] == "new"


def test_the_number_of_matches_told_can_be_chosen(served: Asked, invent: Any) -> None:
    text = invent(92)
    served.post("/add", {"articles": [{"id": f"many-{n:02}", "text": text, "publisher": f"P{n}"} for n in range(12)]})
    asked = {"id": "many", "text": text}
    told = {path: served.post(path, asked).json for path in ("/check", "/check?matches=0", "/check?matches=100")}
    assert [(answer["found"], len(answer["matches"])) for answer in told.values()] == [(12, 10), (12, 0), (12, 12)]


def test_an_independent_report_is_told_only_when_asked_for(served: Asked) -> None:
    articles = {article.id: article for article in read_articles(str(SAMPLES / "drop"))[0]}

    def sent(id: str) -> dict[str, str]:
        one = articles[id]
        return {"id": id, "text": one.body, "title": one.title, "published": one.published_at}

    first, second = "harbour-courier/velkar-dam-offer.txt", "tamsin-gazette/dry-side-of-teln.md"
    served.post("/add", sent(first))
    assert served.post("/check?related=false", sent(second)).json["relation"] == "new"
    answer = served.post("/check?related=true", sent(second)).json
    assert (answer["relation"], answer["of"]) == ("same_event", first)
    assert served.post("/remove", {"ids": [first]}).json["removed"] == 1


@pytest.mark.parametrize(
    ("path", "body", "field", "sentence"),
    [
        ("/check", {"text": BEES}, "id", "id is missing"),
        ("/check", {"id": "", "text": BEES}, "id", "id is empty"),
        ("/check", {"id": 7, "text": BEES}, "id", "id must be a text, not a number"),
        ("/check", {"id": "a\x00b", "text": BEES}, "id", "id holds control characters"),
        ("/check", {"id": "ü" * 1001, "text": BEES}, "id", "id has more than 2,000 bytes"),
        ("/check", {"id": "x"}, "text", "the article has no text"),
        ("/check", {"id": "x", "text": " \n\u00a0"}, "text", "text holds nothing that can be read"),
        ("/check", {"id": "x", "text": ["a"]}, "text", "text must be a text, not a list"),
        ("/check", {"id": "x", "text": "a", "body": "b"}, "text", "the article has both text and body; give one"),
        ("/check", {"id": "x", "text": BEES, "title": False}, "title", "title must be a text, not true or false"),
        ("/check", {"id": "x", "text": BEES, "kind": "pdf"}, "kind", "kind must be text or html, not 'pdf'"),
        ("/check", {"id": "x", "text": BEES, "url": "a\nb"}, "url", "url holds control characters"),
        ("/check", {"id": "x", "text": "<html></html>", "kind": "html"}, "text",
         "text holds no article: no article text found in the page"),
        ("/check", [], "", "the body must be an object, not a list"),
        ("/check?related=maybe", {"id": "x", "text": BEES}, "related", "related must be true or false, not 'maybe'"),
        ("/check?match=3", {"id": "x", "text": BEES}, "match",
         "there is no parameter 'match'; there are related and matches"),
        ("/check?matches=1001", {"id": "x", "text": BEES}, "matches",
         "matches must be a number from 0 to 1000, not '1001'"),
        ("/check", {"articles": []}, "articles", "there is no field 'articles'; an article has id, text, body, kind, "
         "url, title, publisher, published, author, language"),
        ("/add", {"articles": []}, "articles", "articles must hold 1 to 1,000 items, not 0"),
        ("/add", {"articles": [{"id": "x", "text": BEES}, {"id": "y"}]}, "articles[1].text",
         "articles[1] has no text"),
        ("/add", {"articles": [{"id": "x", "text": BEES}, 4]}, "articles[1]",
         "articles[1] must be an object, not a number"),
        ("/remove", {"ids": ["a", None]}, "ids[1]", "ids[1] must be a text, not null"),
        ("/remove", {"id": "a"}, "id", "there is no field 'id'; there is ids"),
        ("/remove", {}, "ids", "ids is missing"),
    ],
)  # fmt: skip
def test_an_impossible_field_is_named_in_a_sentence(
    served: Asked, path: str, body: Any, field: str, sentence: str
) -> None:
    answer = served.post(path, body)
    told = {"title": "Unprocessable Content", "status": 422, "detail": sentence}
    assert (answer.status, answer.json) == (422, told | ({"field": field} if field else {}))
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_batch_with_one_bad_article_adds_none(served: Asked, invent: Any) -> None:
    text = invent(93)
    assert served.post("/add", {"articles": [{"id": "half", "text": text}, {"id": "bad"}]}).status == 422
    assert served.post("/check", {"id": "whole", "text": text}).json["relation"] == "new"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b'{"id": "x", ', "the body is no JSON: unexpected end of data at line 1, column 13"),
        (b"", "the body is no JSON: input is a zero-length, empty document"),
        (b'{"id": "\xff"}', "the body is no JSON: str is not valid UTF-8"),
        (b'{"id": "\\ud800"}', "the body is no JSON: "),
        (b"[" * 5000 + b"]" * 5000, "the body is no JSON: "),
    ],
)
def test_what_is_no_json_is_refused(served: Asked, raw: bytes, sentence: str) -> None:
    answer = served.ask("POST", "/check", raw=raw)
    assert answer.status == 400
    assert answer.json["detail"].startswith(sentence)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Content-Type": "text/plain"}, "the body must be application/json, not 'text/plain'"),
        ({"Content-Type": ""}, "the body must be application/json, not a body without a type"),
        ({"Content-Encoding": "gzip"}, "the body must not be packed, and Content-Encoding says 'gzip'"),
    ],
)
def test_a_body_of_another_type_is_refused(served: Asked, headers: dict[str, str], sentence: str) -> None:
    answer = served.post("/check", {"id": "x", "text": BEES}, headers=headers)
    assert (answer.status, answer.json["detail"]) == (415, sentence)


def test_a_type_may_name_its_encoding(served: Asked) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert served.post("/check", {"id": "x", "text": BEES}, headers=headers).status == 200


def test_a_body_above_the_limit_is_refused_whether_its_size_is_announced_or_not(served: Asked) -> None:
    raw = json.dumps({"id": "x", "text": "long " * 50_000}).encode()
    announced = served.ask("POST", "/check", raw=raw)
    assert (announced.status, announced.json["detail"]) == (413, "the body is larger than 200,000 bytes")

    connection = served.connection()
    pieces = iter([raw[:150_000], raw[150_000:]])
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/check", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_unknown_paths_and_methods_are_told_as_everything_else(served: Asked) -> None:
    missing, wrong = served.get("/nothing"), served.get("/check")
    assert (missing.status, missing.json["detail"]) == (404, "there is nothing at /nothing; see /openapi.json")
    assert (wrong.status, wrong.headers["allow"], wrong.json["detail"]) == (405, "POST", "/check does not take GET")


def test_a_service_without_a_token_answers_only_to_names_of_this_machine(served: Asked) -> None:
    hosts = ["localhost", "127.0.0.1:80", "[::1]:8737", "rebound.example", "rebound.example:8737", "10.0.0.7"]
    answers = [served.get("/stats", headers={"Host": host}).status for host in hosts]
    assert answers == [200, 200, 200, 421, 421, 421]


def test_stats_and_health_tell_of_the_index(served: Asked) -> None:
    served.post("/add", {"id": "for-stats", "text": BEES, "published": "2031-02-01"})
    stats = served.get("/stats").json
    assert stats["articles"] >= 1
    assert stats["last_published"] >= "2031-02-01"
    assert served.get("/healthz").json["status"] == "ok"


def test_metrics_are_what_prometheus_reads(served: Asked) -> None:
    def figures() -> dict[tuple[str, ...], float]:
        answer = served.get("/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = text_string_to_metric_families(answer.text)
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}

    served.post("/check", {"id": "x", "text": BEES})
    before = figures()
    served.post("/check", {"id": "x", "text": "Nobody has written about the herons of the Velm marshes before today."})
    served.post("/check", {"id": "x"})
    after = figures()

    def more(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more("dedup_requests_total", "/check", "200") == 1
    assert more("dedup_requests_total", "/check", "422") == 1
    assert more("dedup_verdicts_total", "new") == 1
    assert more("dedup_request_seconds_bucket", "/check", "+Inf") == more("dedup_request_seconds_count", "/check") == 2
    assert after["dedup_lane_places", "checks"] == 66
    assert after["dedup_lane_requests", "checks"] == 0


def test_ids_of_any_script_and_any_address_are_kept_as_they_are(served: Asked, invent: Any) -> None:
    ids = ["https://post.example/a?b=c&d=%20#e", "новости/17", "記事 1", "a'); DROP TABLE dedup_article;--", "😀"]
    for number, id in enumerate(ids):
        text = invent(700 + number)
        served.post("/add", {"id": id, "text": text})
        assert served.post("/check", {"id": "other", "text": text}).json["of"] == id
    assert served.post("/remove", {"ids": ids}).json["removed"] == len(ids)


def test_a_new_index_is_made_where_there_is_none_and_found_again(inside: Any, tmp_path: Path) -> None:
    inside(tmp_path / "new.db").post("/add", {"id": "kept", "text": FERRY})
    second = inside(f"sqlite:///{tmp_path / 'new.db'}")
    assert second.post("/check", {"id": "other", "text": FERRY}).json["of"] == "kept"
