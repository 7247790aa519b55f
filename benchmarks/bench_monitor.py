"""How fast and how right the monitor is, on real records. Needs the shared corpus (FREEDOM_POLICY_SHARED).

Run: python benchmarks/bench_monitor.py speed|congress|laws|legiscan|nyc|classes|dispositions|replay|families|effective
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import json
import os
import re
import resource
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from freedom_policy.monitoring import assess, monitor_lines
from freedom_policy.monitoring.families import SURE, Candidate, candidate, find_links, is_sure, reforms
from freedom_policy.monitoring.kinds import kind_of
from freedom_policy.monitoring.rulesets import ruleset_for
from freedom_policy.monitoring.stages import RANK
from freedom_policy.records import Abstract, Action, Measure, Source
from freedom_policy.spiders.dc_law import read_document

SHARED = Path(os.environ.get("FREEDOM_POLICY_SHARED", Path(__file__).parents[2] / "shared")) / "corpus"
AS_OF = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
NYC = {
    "Introduced": "introduced",
    "Committee": "in_committee",
    "Laid Over in Committee": "in_committee",
    "Reported from Committee": "reported",
    "Enacted (Mayor's Desk for Signature)": "passed_all",
    "Vetoed": "vetoed",
    "Enacted": "enacted",
    "Adopted": "adopted",
    "Filed": "dead",
    "Filed (End of Session)": "dead",
    "Withdrawn": "dead",
    "Disapproved": "dead",
}
CHECK_STATES = frozenset(["al", "id", "ks", "la", "mn", "nh", "nm", "oh", "sc", "vt", "wy"])
"""States kept aside when the general rules were mended on 2026-11-25."""
LEGISCAN = {"prefiled": 0, "introduced": 1, "in_committee": 1, "reported": 1, "passed_first": 2, "differences": 2}
LEGISCAN |= {"passed_all": 3, "enacted": 4, "effective": 4, "adopted": 4, "vetoed": 5, "dead": 6}
Pair = tuple[str, str, str]
"""(which measure, truth, ours)"""


# -- reading -----------------------------------------------------------------------------------------------------------


def archived(path: str, wanted: str = ".json") -> Iterator[tuple[str, bytes]]:
    """Files of an archive, read straight through."""
    with tarfile.open(SHARED / path, "r|gz") as archive:
        for member in archive:
            if member.name.endswith(wanted) and (stream := archive.extractfile(member)) is not None:
                yield member.name, stream.read()


def json_lines(path: str) -> Iterator[dict[str, Any]]:
    """Rows of a compressed JSON Lines file."""
    with gzip.open(SHARED / path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def state_bills() -> Iterator[tuple[str, dict[str, Any]]]:
    """Bills of the Open States files of 31 states, each action with its ``body``."""
    for path in sorted((SHARED / "openstates").glob("??.tar.gz")):
        for name, data in archived(f"openstates/{path.name}"):
            if name.endswith("metadata.json"):
                bill = json.loads(data)
                for item in bill["actions"]:
                    item["body"] = json.loads(item["organization_id"][1:]).get("classification")
                yield path.name[:2], bill


def state_line(state: str, bill: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A bill as a line of ``monitor --input``."""
    actions = [{"date": item["date"], "text": item["description"], "body": item["body"]} for item in bill["actions"]]
    return {
        "id": f"{state} {bill['identifier']}",
        "jurisdiction": f"us-{state}",
        "kind": bill["classification"],
        "identifier": bill["identifier"],
        "session": bill["legislative_session"],
        "actions": actions,
        **more,
    }


def nyc_line(matter: dict[str, Any]) -> dict[str, Any]:
    """A matter as a line of ``monitor --input``."""
    history = matter.get("History") or []
    return {
        "id": matter["File"],
        "jurisdiction": "us-ny-nyc",
        "kind": matter["TypeName"],
        "identifier": matter["File"],
        "actions": [{"date": row["Date"], "text": row["Action"], "body": row["BodyName"]} for row in history],
    }


def bill_status(path: str) -> Iterator[tuple[str, etree._Element]]:
    """(number, bill element) of a GovInfo BILLSTATUS archive, both schemas."""
    for _, data in archived(path, ".xml"):
        bill = etree.fromstring(data).find("bill")
        number = first(bill, "number", "billNumber")
        yield f"{first(bill, 'type', 'billType').lower()}{number}", bill


def first(element: etree._Element, *paths: str) -> str:
    """Text of the first path that has any."""
    return next((text for path in paths if (text := element.findtext(path))), "")


def assessed(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Through the same door as the command."""
    return monitor_lines(json.dumps(row) for row in rows)


def tell(name: str, pairs: list[Pair]) -> None:
    """Share right, macro F1 over the truth's statuses, and the disagreements."""
    right = sum(truth == ours for _, truth, ours in pairs)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    wrong: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identity, truth, ours in pairs:
        if truth == ours:
            counts[truth][0] += 1
        else:
            counts[truth][2] += 1
            counts[ours][1] += 1
            wrong[truth, ours].append(identity)
    truths = sorted({truth for _, truth, _ in pairs})
    f1 = {status: 2 * tp / max(1, 2 * tp + fp + fn) for status, (tp, fp, fn) in counts.items()}
    print(
        f"{name}: {right}/{len(pairs)} = {right / len(pairs):.4f}, macro F1 {sum(f1[t] for t in truths) / len(truths):.3f}"
    )
    for (truth, ours), cases in sorted(wrong.items(), key=lambda item: -len(item[1])):
        print(f"  theirs {truth}, ours {ours}: {len(cases)}: {', '.join(cases[:6])}")


# -- what is measured ---------------------------------------------------------------------------------------------------


def speed() -> None:
    """Status of 100,000 measures on one core, then of one in a hundred again."""
    measures = []
    while len(measures) < 100_000:
        for state, bill in state_bills():
            actions = [
                Action(
                    date=dt.date.fromisoformat(item["date"][:10]), description=item["description"], chamber=item["body"]
                )
                for item in bill["actions"]
            ]
            more = {
                "jurisdiction": f"us-{state}",
                "kind": kind_of(bill["classification"]),
                "identifier": bill["identifier"],
            }
            measures.append({"actions": actions, "session": bill["legislative_session"], **more})
            if len(measures) == 100_000:
                break
    start = time.process_time()
    for measure in measures:
        assess(**measure, as_of=AS_OF)
    seconds = time.process_time() - start
    start = time.process_time()
    for measure in measures[::100]:
        assess(**measure, as_of=AS_OF)
    again = time.process_time() - start
    actions = sum(len(measure["actions"]) for measure in measures)
    print(
        f"{len(measures)} measures, {actions} actions: {seconds:.1f} s of one core; 1% again: {again:.2f} s; {peak()}"
    )


def peak() -> str:
    """Peak memory so far."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def usc_stage(status: str) -> str | None:
    """unitedstates/congress's status as our stage; None for its provisional failures, which are no stage."""
    exact = {
        "INTRODUCED": "introduced",
        "REFERRED": "in_committee",
        "REPORTED": "reported",
        "PASSED:BILL": "passed_all",
    }
    if status in exact:
        return exact[status]
    starts = (
        ("PASS_OVER", "passed_first"),
        ("PASS_BACK", "differences"),
        ("CONFERENCE", "differences"),
        ("PASSED", "adopted"),
    )
    starts += (("ENACTED", "enacted"), ("PROV_KILL:VETO", "vetoed"), ("PROV_KILL", ""))
    return next((stage or None for start, stage in starts if status.startswith(start)), "dead")


def congress() -> None:
    """Against another project's status, 112th and 113th Congress."""
    rows, truths = [], []
    for bill in json_lines("govinfo/actions_status_112_113.jsonl.gz"):
        if (truth := usc_stage(bill["status"])) is not None:
            number, session = bill["id"].split("-")
            rows.append({**bill, "jurisdiction": "us", "identifier": number, "session": session})
            truths.append(truth)
    tell(
        "congress 112-113",
        [(row["id"], truth, out["stage"]) for row, truth, out in zip(rows, truths, assessed(rows), strict=True)],
    )


def laws() -> None:
    """Law or not, 115th and 117th Congress, from BILLSTATUS actions with their codes."""
    for session in ("115", "117"):
        rows, truths = [], []
        for number, bill in bill_status(f"govinfo/billstatus{session}.tar.gz"):
            items = reversed(bill.findall("actions/item"))
            actions = [
                {
                    "date": item.findtext("actionDate"),
                    "text": item.findtext("text"),
                    "code": item.findtext("actionCode"),
                    "type": item.findtext("type"),
                    "source": item.findtext("sourceSystem/name"),
                }
                for item in items
            ]
            rows.append({"id": number, "jurisdiction": "us", "kind": number.rstrip("0123456789"), "actions": actions})
            truths.append("law" if bill.find("laws/item") is not None else "none")
        outs = ("law" if out["stage"] == "enacted" else "none" for out in assessed(rows))
        tell(f"laws {session}", [(row["id"], truth, out) for row, truth, out in zip(rows, truths, outs, strict=True)])


def legiscan() -> None:
    """Against LegiScan's status; bills apart from resolutions, whose adoption LegiScan leaves at 1 in this data."""
    rows, truths = [], []
    for _, data in archived("legiscan/us_bills.tar.gz"):
        bill = json.loads(data)["bill"]
        actions = [{"date": row["date"], "text": row["action"], "body": row["chamber"]} for row in bill["history"]]
        number, session = bill["bill_number"], bill["session"]["session_name"]
        rows.append(
            {
                "id": f"{number} {session}",
                "jurisdiction": "us",
                "kind": bill["bill_type"],
                "identifier": number,
                "actions": actions,
            }
        )
        truths.append(str(bill["status"]))
    pairs = [
        (row["id"], truth, str(LEGISCAN.get(out["stage"], -1)), row["kind"])
        for row, truth, out in zip(rows, truths, assessed(rows), strict=True)
    ]
    tell("legiscan, all", [pair[:3] for pair in pairs])
    tell("legiscan, bills and joint resolutions", [pair[:3] for pair in pairs if pair[3] in ("B", "JR")])


def nyc() -> None:
    """Against New York City's matter status."""
    matters = [json.loads(data) for name, data in archived("legistar/nyc_matters.tar.gz") if "/_" not in name]
    pairs = zip(matters, assessed(map(nyc_line, matters)), strict=True)
    tell("nyc", [(matter["File"], NYC[matter["StatusName"]], out["stage"]) for matter, out in pairs])


def classes() -> None:
    """OCD classes against Open States' own, micro F1: states that the rules were mended with, and states kept aside."""
    places: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0, 0] for _ in range(3)])
    general = ruleset_for(None)
    for state, bill in state_bills():
        own = ruleset_for(f"us-{state}")
        for item in bill["actions"]:
            theirs = set(item["classification"])
            body = item["body"] if item["body"] in ("upper", "lower") else None
            by_rule = [set(rules.read_text(item["description"], body).classes) for rules in (general, own)]
            # The general rules on what bears a class there, the same on every action, and the place's own rules.
            for tally, ours, counts in (
                (0, by_rule[0], bool(theirs)),
                (1, by_rule[0], True),
                (2, by_rule[1], bool(theirs)),
            ):
                for place, value in enumerate((len(ours & theirs), len(ours - theirs), len(theirs - ours))):
                    places[state][tally][place] += value * counts
    score = lambda tally: 2 * tally[0] / max(1, 2 * tally[0] + tally[1] + tally[2])  # noqa: E731
    groups = {"all": set(places), "tuned": set(places) - CHECK_STATES, "kept aside": CHECK_STATES}
    for group, states in groups.items():
        for tally, name in enumerate(("general rules", "general rules, every action", "places' own rules")):
            pooled = [sum(places[state][tally][place] for state in states) for place in range(3)]
            mean = sum(score(places[state][tally]) for state in states) / len(states)
            print(f"classes, {group} ({len(states)} states), {name}: micro F1 {score(pooled):.3f}, mean {mean:.3f}")
    print({state: round(score(tallies[0]), 2) for state, tallies in sorted(places.items())})


def dispositions() -> None:
    """Law or not of state bills, against the classes that say so in Open States' data (vetoes left out); and dead or not of
    measures whose last classed step is an end, unless they became law before it."""
    rows, truths, ended = [], [], []
    for state, bill in state_bills():
        classed = [names for item in bill["actions"] if (names := set(item["classification"]))]
        found = set().union(*classed)
        if bill["classification"][:1] == ["bill"] and "executive-veto" not in found:
            rows.append(state_line(state, bill, as_of=AS_OF.isoformat()))
            truths.append(
                "law" if found & {"executive-signature", "became-law", "executive-veto-line-item"} else "none"
            )
        if classed and classed[-1] & {"failure", "withdrawal"} and "became-law" not in found:
            ended.append(state_line(state, bill, as_of=AS_OF.isoformat()))
    outs = ("law" if out["stage"] in ("enacted", "effective") else "none" for out in assessed(rows))
    tell("state laws", [(row["id"], truth, out) for row, truth, out in zip(rows, truths, outs, strict=True)])
    ends = [(row["id"], "dead", out["stage"]) for row, out in zip(ended, assessed(ended), strict=True)]
    tell("state measures whose last class is an end", ends)


def replay() -> None:
    """Every recorded version of 251 matters of New York City, in order."""
    versions: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for name, data in archived("legistar/nyc_timeline.tar.gz"):
        if "/_" not in name:
            matter, _, version = name.rpartition("/")
            versions[matter].append((version, json.loads(data)))
    lowered = 0
    pairs: list[Pair] = []
    for matter, found in versions.items():
        before = ""
        rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
        for row, out in zip(rows, assessed(map(nyc_line, rows)), strict=True):
            stage = out["stage"]
            lowered += before in RANK and stage in RANK and RANK[stage] < RANK[before]
            before = stage
            if row.get("History") and row["StatusName"] in NYC:
                pairs.append((matter, NYC[row["StatusName"]], stage))
    print(f"{sum(map(len, versions.values()))} versions of {len(versions)} matters; stage lowered {lowered} times")
    tell("replay", pairs)


def effective() -> None:
    """Effective dates against what people read in 280 laws (``effective_read.csv``: empty is "it names no single day"), and
    against the day that the District of Columbia's publisher gives."""
    with Path(__file__).with_name("effective_read.csv").open(encoding="utf-8") as file:
        read = {(row["place"], row["session"], row["number"]): row["effective"] for row in csv.DictReader(file)}
    texts: dict[tuple[str, str, str], dict[str, bytes]] = defaultdict(dict)
    for name, data in archived("openstates/candidate_texts.tar.gz", ""):
        match = re.search(r"/state:(\w\w)/sessions/([^/]+)/bills/([^/]+)/", name)
        if match and name.endswith("_extracted.txt") and (key := (f"us-{match[1]}", match[2], match[3])) in read:
            texts[key][name.rpartition("/")[2]] = data
    found: list[tuple[str, str, str, dt.date | None]] = []
    for name, data in archived("legistar/nyc_matters.tar.gz"):
        if "/_" not in name and ("us-ny-nyc", "", (matter := json.loads(data))["File"]) in read:
            row = nyc_line(matter)
            steps = [Action(date=a["date"][:10], description=a["text"], body=a["body"]) for a in row["actions"]]
            status = assess(steps, jurisdiction="us-ny-nyc", kind="local law", text=matter["Text"], as_of=AS_OF)
            found.append(("New York City", row["id"], read["us-ny-nyc", "", row["id"]], status.effective_date))
    for state, bill in state_bills():
        number = bill["identifier"].replace(" ", "")
        key = (f"us-{state}", bill["legislative_session"], number)
        if key in texts:
            steps = [Action(date=a["date"][:10], description=a["description"]) for a in bill["actions"]]
            words = texts[key][max(texts[key], key=_how_final)].decode("utf-8", "replace")
            status = assess(
                steps, jurisdiction=key[0], kind="bill", identifier=number, session=key[1], text=words, as_of=AS_OF
            )
            found.append(("states", f"{state} {number}", read[key], status.effective_date))
    for name, data in archived("dc/dc_law_xml.tar.gz", ".xml"):
        if re.search(r"/(?:laws|acts)/[^/]+$", name):
            law = read_document(data, Source(name="dc-law", url=f"https://example.org/{name}", retrieved_at=NOW))
            status = assess(law.actions, jurisdiction="us-dc", kind="bill", session=law.session, as_of=AS_OF)
            if law.effective:
                found.append(("D.C.", law.identifier, str(law.effective), status.effective_date))
    for group in dict.fromkeys(row[0] for row in found):
        rows = [row for row in found if row[0] == group]
        unknown = [row for row in rows if row[3] is None]
        wrong = [row for row in rows if row[3] is not None and str(row[3]) != row[2]]
        right = len(rows) - len(unknown) - len(wrong)
        could = [row[1] for row in unknown if row[2]]
        print(f"effective, {group}: {len(rows)} laws, {right} right, {len(unknown)} unknown, {len(wrong)} wrong")
        print(f"  a day stands there, and we say unknown: {could}; wrong: {[(r[1], r[2], str(r[3])) for r in wrong]}")


def _how_final(name: str) -> tuple[bool, bool, str]:
    """Sort key of a text's file: what became law last."""
    low = name.lower()
    law = ("enrolled", "enr_", "_enr", "chapter", "act_", "as_enacted", "as%20enacted", "signed", "passed_legislature")
    other = ("motion", "amend", "fiscal", "letter", "digest", "summary", "note", "analysis", "introduced", "veto")
    return any(word in low for word in (*law, "final", "pl.")), not any(word in low for word in other), low


def families() -> None:
    """Companions against Congress's own relations; time and memory for all measures of the corpus."""
    everything: list[Candidate] = []
    for session in ("115", "117"):
        items, identical, related = congress_candidates(session)
        links = [link for link in find_links(items) if link.kind == "companion" and is_sure(link)]
        found = {frozenset((link.first, link.second)) for link in links}
        print(
            f"companions {session} at {SURE}: recall of identical {len(found & identical) / len(identical):.3f}, precision "
            f"(any stated relation) {len(found & (identical | related)) / len(found):.3f}, "
            f"(identical) {len(found & identical) / len(found):.3f}"
        )
        everything += items
    for state, bill in state_bills():
        abstracts = tuple(
            Abstract(abstract=item["abstract"]) for item in bill.get("abstracts", ())[:1] if item["abstract"]
        )
        everything.append(
            candidate(measure(f"us-{state}", bill["legislative_session"], bill["identifier"], bill["title"], abstracts))
        )
    everything = list({item.key: item for item in everything}.values())
    start = time.perf_counter()
    links = find_links(everything)
    found_families = reforms(everything, links)
    seconds = time.perf_counter() - start
    print(f"{len(everything)} measures: {len(links)} links, {len(found_families)} families, {seconds:.1f} s, {peak()}")


def measure(
    place: str, session: str, number: str, title: str, abstracts: tuple[Abstract, ...], *titles: str
) -> Measure:
    """A measure with what families look at."""
    source = Source(name="corpus", url="https://example.org", retrieved_at=NOW)
    return Measure(
        jurisdiction=place, session=session, identifier=number.replace(" ", ""), title=title, source=source, abstracts=abstracts,
        other_titles=titles,
    )  # fmt: skip


def congress_candidates(session: str) -> tuple[list[Candidate], set[frozenset[str]], set[frozenset[str]]]:
    """Measures of a Congress as introduced, with the House-Senate pairs that are stated identical, and otherwise related."""
    items, stated = [], []
    for number, bill in bill_status(f"govinfo/billstatus{session}.tar.gz"):
        summaries = [*bill.findall("summaries/billSummaries/item"), *bill.findall("summaries/summary")]
        text = next((first(item, "text") for item in summaries if first(item, "versionCode") == "00"), "")
        titles = [
            item.findtext("title") for item in bill.findall("titles/item") if "portion" not in first(item, "titleType")
        ]
        abstracts = (Abstract(abstract=text),) if text else ()
        items.append(
            candidate(measure("us", session, number.upper(), first(bill, "title"), abstracts, *filter(None, titles)))
        )
        for item in bill.findall("relatedBills/item"):
            if first(item, "congress") == session:
                kinds = {first(detail, "type") for detail in item.findall("relationshipDetails/item")}
                stated.append(
                    (number, f"{first(item, 'type').lower()}{first(item, 'number')}", "Identical bill" in kinds)
                )
    known = {item.key for item in items}
    identical, related = set(), set()
    for one, other, same in stated:
        keys = frozenset(f"us/{session}/{number.upper()}" for number in (one, other))
        if one[0] != other[0] and keys <= known:
            (identical if same else related).add(keys)
    return items, identical, related - identical


MEASURED = (speed, congress, laws, legiscan, nyc, classes, dispositions, replay, families, effective)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=[function.__name__ for function in MEASURED])
    for name in parser.parse_args().what:
        next(function for function in MEASURED if function.__name__ == name)()
