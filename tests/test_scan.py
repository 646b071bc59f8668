"""`audit scan` per contract: same order, an error in place of a bad line, exact offsets, memory that stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.commands.scan import BLOCK_LINES, Line, blocks, conversations, read_lines, scan
from audit.errors import UsageError
from audit.models import CATEGORIES, Turn


def run(tmp_path: Path, lines: list[str | bytes], **options: object) -> tuple[int, list[dict[str, object]]]:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    source.write_bytes(b"\n".join(raw) + b"\n")
    values: dict[str, object] = {"lexicons": None, "jurisdiction": "CN", "bases": []} | options
    status = scan(source, output, **values)  # type: ignore[arg-type]
    return status, [json.loads(line) for line in output.read_text("utf-8").splitlines()]


def utterance(number: int, text: str, **more: object) -> str:
    return json.dumps({"id": f"u{number}", "text": text, **more}, ensure_ascii=False)


def test_findings_and_personal_data_have_exact_offsets(tmp_path: Path) -> None:
    text = "我跟你說，公安已經立案,馬上傳喚你，電話１３９００００１２３４"
    status, (line,) = run(tmp_path, [utterance(1, text, lang="zh", speaker="agent")])
    assert status == 0 and line["id"] == "u1"
    assert "threat.legal" in {finding["category"] for finding in line["findings"]}  # type: ignore[union-attr]
    for finding in line["findings"]:  # type: ignore[union-attr]
        assert text[finding["start"] : finding["end"]] == finding["text"]
        assert finding["category"] in CATEGORIES
        assert 0 < finding["confidence"] <= 1
    (datum,) = [d for d in line["personal_data"] if d["type"] == "PHONE"]  # type: ignore[union-attr]
    assert text[datum["start"] : datum["end"]] == "１３９００００１２３４"
    assert "１３９" not in line["masked"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("bad", "says", "given"),
    [
        ("{not json", "not valid JSON", None),
        ("[1]", "not a JSON object", None),
        ('{"text": "x"}', "id is missing", None),
        ('{"id": "b"}', "text is missing", "b"),
        ('{"id": "b", "text": 3}', "text is missing", "b"),
        ('{"id": "b", "text": "x", "speaker": "boss"}', "speaker", "b"),
        ('{"id": "b", "text": "x", "lang": "fr"}', "lang", "b"),
        ('{"id": "b", "text": "x", "start": "now"}', "seconds", "b"),
        (b'{"id": "b", "text": "\xff"}', "not UTF-8", None),
    ],
)
def test_a_bad_line_stands_in_its_place_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str | bytes, says: str, given: str | None
) -> None:
    status, lines = run(tmp_path, [utterance(1, "您好"), bad, utterance(3, "好的")])
    assert status == 1
    assert [line["id"] for line in lines] == ["u1", given, "u3"]
    assert says in str(lines[1]["error"])
    assert "line 2" in capsys.readouterr().err


def test_nothing_of_a_call_is_said_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, [utterance(1, "我叫欧阳秘密，电话13900001234"), '{"id": "b", "text": ["欧阳秘密"]}'])
    assert "欧阳" not in capsys.readouterr().err


def test_the_basis_narrows(tmp_path: Path) -> None:
    text = utterance(1, "公安已经立案，马上传唤你", speaker="agent")
    _, (line,) = run(tmp_path, [text], bases=["phrase"])
    assert {finding["basis"] for finding in line["findings"]} == {"phrase"}  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="--basis"):
        run(tmp_path, [text], bases=["guess"])


def test_without_personal_data(tmp_path: Path) -> None:
    _, (line,) = run(tmp_path, [utterance(1, "电话13900001234")], personal_data=False)
    assert set(line) == {"id", "findings"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        scan(tmp_path / "none.jsonl", None, None, "CN", [])


def line(number: int, call_id: str | None = None) -> Line:
    return Line(number, f"u{number}", "x", None, Turn(0, "agent", "x"), call_id)


def test_a_block_does_not_part_a_conversation_written_in_one_piece() -> None:
    lines = [line(n, "A" if n > BLOCK_LINES - 5 else None) for n in range(BLOCK_LINES + 5)]
    cut = list(blocks([*lines, line(99999)]))
    assert [len(block) for block in cut] == [BLOCK_LINES + 5, 1]


def test_blocks_bound_the_memory() -> None:
    taken = 0

    def stream():  # type: ignore[no-untyped-def]
        nonlocal taken
        for number in range(10 * BLOCK_LINES):
            taken += 1
            yield line(number)

    first = next(iter(blocks(stream())))
    assert len(first) == BLOCK_LINES and taken <= BLOCK_LINES + 1


def test_interleaved_calls_are_read_apart() -> None:
    block = [line(1, "A"), line(2, "B"), line(3), line(4, "A")]
    assert sorted([one.number for one in talk] for talk in conversations(block)) == [[1, 4], [2], [3]]


def test_a_bom_and_blank_lines_are_no_faults() -> None:
    lines = list(read_lines([b'\xef\xbb\xbf{"id": "a", "text": "x"}\n', b"\n", b'{"id": "b", "text": "y"}']))
    assert [(one.number, one.id, one.error) for one in lines] == [(1, "a", None), (3, "b", None)]


def test_half_a_surrogate_pair_is_an_error_of_its_line_only(tmp_path: Path) -> None:
    bad = json.dumps({"id": "1", "text": "pay \ud83d"})
    status, results = run(tmp_path, [bad, utterance(2, "pay \U0001f600")])
    assert status == 1 and "surrogate" in str(results[0]["error"]) and "error" not in results[1]
