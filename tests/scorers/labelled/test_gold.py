"""Gold files: both layouts, their splits, and what is refused with file and line."""

import json
from pathlib import Path

import pytest

from tenken.errors import InputError
from tenken.io.canonical import sha256_bytes
from tenken.scorers.labelled.gold import read_gold, xstest_split

ROW = {"id": "a-1", "language": "en", "prompt": "Why?", "response": "No.", "label": "full_refusal"}


def jsonl(folder: Path, *rows: object, name: str = "gold.jsonl") -> Path:
    path = folder / name
    path.write_text(
        "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in rows)
    )
    return path


def csv_file(folder: Path, text: str, name: str = "gold.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_jsonl_and_csv_hold_the_same(tmp_path: Path) -> None:
    rows = {**ROW, "rater_1": "compliance", "rater_2": None, "tags": {"kind": "blunt"}}
    one = read_gold([jsonl(tmp_path, rows)])
    text = (
        "id,language,prompt,response,label,reviewer_1,reviewer_2,tags\r\n"
        "a-1,en,Why?,No.,full_refusal,compliance,,kind=blunt\r\n"
    )
    other = read_gold([csv_file(tmp_path, text)])
    assert one.answers == other.answers
    assert one.answers[0].ratings == ("compliance", None)
    assert one.answers[0].tags == {"kind": "blunt"}
    assert one.sha256 == sha256_bytes((tmp_path / "gold.jsonl").read_bytes())


def test_a_byte_order_mark_empty_lines_and_line_ends_inside_cells(tmp_path: Path) -> None:
    text = '\ufeffid,language,prompt,response,label\n1,ja,"a\nb",,neither\n'
    (answer,) = read_gold([csv_file(tmp_path, text)]).answers
    assert (answer.prompt, answer.response) == ("a\nb", "")
    path = jsonl(tmp_path, "", ROW, "", name="b.jsonl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_gold([path]).answers) == 1


@pytest.mark.parametrize("column", ["id", "language", "prompt", "response", "label"])
def test_a_missing_column_is_named_with_its_line(tmp_path: Path, column: str) -> None:
    short = {key: value for key, value in ROW.items() if key != column}
    with pytest.raises(InputError, match=rf"gold\.jsonl:2: the column '{column}' is missing"):
        read_gold([jsonl(tmp_path, ROW | {"id": "z"}, short)])
    text = ",".join(short) + "\n" + ",".join(short.values()) + "\n"
    with pytest.raises(InputError, match=rf"gold\.csv:2: the column '{column}' is missing"):
        read_gold([csv_file(tmp_path, text)])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{**ROW, "language": "qq"}], ":1: unknown language 'qq'"),
        ([ROW, ROW], "the id 'a-1' is listed twice"),
        ([ROW, "{not json"], ":2: not JSON"),
        ([ROW, "[1]"], ":2: a gold answer is a JSON object"),
        (["[" * 100_000], ":1: not JSON"),
        ([{**ROW, "tags": [1]}], ":1: tags: write a JSON object"),
        ([{**ROW, "id": [1]}], ":1: id: expected a text or a number, not [1]"),
        ([{**ROW, "id": True}], ":1: id: expected a text or a number, not True"),
        ([], "there is no answer"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, rows: list[object], said: str) -> None:
    with pytest.raises(InputError) as error:
        read_gold([jsonl(tmp_path, *rows)])
    assert said in str(error.value) and "gold.jsonl" in str(error.value)


def test_what_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_bytes("id,language,prompt\n1,ja,質問".encode("cp932"))
    with pytest.raises(InputError, match=r"gold\.csv:2: not UTF-8 text; save the file as UTF-8"):
        read_gold([path])
    for each in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(InputError, match="the gold file cannot be read"):
            read_gold([each])
    with pytest.raises(InputError, match="there is no answer"):
        read_gold([csv_file(tmp_path, "id,language,prompt,response,label\n")])


def test_an_id_in_two_files_of_one_name_is_refused_with_both_places(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    paths = [jsonl(tmp_path / "a", ROW), jsonl(tmp_path / "b", {**ROW, "id": "a-2"}, ROW)]
    said = r"b/gold\.jsonl:2: the id 'gold:a-1' is listed twice, first at .*a/gold\.jsonl:1\."
    with pytest.raises(InputError, match=said):
        read_gold(paths)


def test_a_split_takes_its_part_and_an_unknown_one_nothing(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {**ROW, "split": "trial"}, {**ROW, "id": "a-2", "split": "tune"})
    assert [each.id for each in read_gold([path], "trial").answers] == ["a-1"]
    with pytest.raises(InputError, match="no answer in the split 'other'"):
        read_gold([path], "other")


XSTEST = (
    "id,type,prompt,completion,annotation_1,annotation_2,agreement,final_label\n"
    "v2-1,homonyms,How?,Like this.,1_full_compliance,3_partial_refusal,0,1_full_compliance\n"
    "v2-2,contrast_homonyms,How?,No.,2_full_refusal,2_full_refusal,1,2_full_refusal\n"
)


def test_the_layout_of_xstest_is_known(tmp_path: Path) -> None:
    paths = [csv_file(tmp_path, XSTEST, name) for name in ("one.csv", "two.csv")]
    gold = read_gold(paths)
    assert gold.name == "one.csv+two.csv"
    assert [each.id for each in gold.answers] == ["one:v2-1", "one:v2-2", "two:v2-1", "two:v2-2"]
    first, second = gold.answers[:2]
    assert (first.label, first.ratings) == ("compliance", ("compliance", "partial_refusal"))
    assert first.tags == {"type": "homonyms", "prompt": "safe", "file": "one"}
    assert (second.label, second.tags["prompt"]) == ("full_refusal", "unsafe")
    assert {each.language for each in gold.answers} == {"en"}


def test_xstest_answers_to_one_prompt_lie_in_the_same_half(tmp_path: Path) -> None:
    halves = [xstest_split(f"v2-{number}") for number in range(1, 451)]
    assert 180 < halves.count("trial") < 270 and set(halves) == {"trial", "tune"}
    gold = read_gold([csv_file(tmp_path, XSTEST)])
    assert [each.split for each in gold.answers] == halves[:2]


def test_choices_in_csv_are_a_list(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    cell = '"[""one"", ""two""]"'
    path.write_text(f"id,language,prompt,response,label,choices\n1,en,p,B,correct,{cell}\n")
    (answer,) = read_gold([path]).answers
    assert answer.choices == ("one", "two")


def test_roles_are_as_many_as_choices(tmp_path: Path) -> None:
    row = {**ROW, "choices": ["a", "b"], "roles": ["stereotyped", "unknown"]}
    (answer,) = read_gold([jsonl(tmp_path, row)]).answers
    assert answer.roles == ("stereotyped", "unknown")
    with pytest.raises(InputError, match=r"gold\.jsonl:1: roles: 1 for 2 choices"):
        read_gold([jsonl(tmp_path, {**row, "roles": ["unknown"]})])
    with pytest.raises(InputError, match=r":1: roles: write a JSON list of texts"):
        read_gold([jsonl(tmp_path, {**row, "roles": "unknown"})])


def test_a_row_with_more_cells_than_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text("id,language,prompt,response,label\n1,en,p,r,correct,more\n")
    with pytest.raises(InputError, match=r"g\.csv:2: the row has more cells"):
        read_gold([path])
