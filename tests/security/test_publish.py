"""A published bundle holds no text, proves its figures, and opens one sample without another."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenken.io.canonical import pretty_json
from tenken.results.bundle.publish import refuse_texts, texts_of
from tenken.results.bundle.write import write_bundle
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.seal.keys import make_key
from tenken.results.seal.merkle import (
    EMPTY,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)
from tenken.results.seal.seal import read_seal, statement, write_seal
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import verify_bundle
from tenken.schema.verification import Verification

Command = Callable[..., tuple[int, str, str]]

# The eight leaves of the test vectors of certificate-transparency, and the roots over the first
# of them (RFC 6962's reference implementation, merkletree tests).
LEAVES = [
    leaf_hash(bytes.fromhex(each))
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.fixture(scope="module")
def first_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that publishes the run leaves what came of it."""
    return tmp_path_factory.mktemp("published") / "pub"


@pytest.fixture
def published(
    lab: Any, run: Path, tmp_path: Path, command_line: Command, first_published: Path
) -> Path:
    made = tmp_path / "pub"
    if not first_published.exists():
        status, out, err = command_line("publish", run, "--to", made, "--key", lab.private)
        assert status == 0 and "Published" in out, err
        shutil.copytree(made, first_published)
        return made
    return Path(shutil.copytree(first_published, made))


def verified(lab: Any, bundle: Path) -> Verification:
    return verify_bundle(bundle, trusted([lab.public], asked=True))


def wrong(lab: Any, bundle: Path) -> list[str]:
    found = verified(lab, bundle).findings
    return [f"{each.what}: {each.message}" for each in found if each.status == "wrong"]


def resealed(bundle: Path, key: Path) -> None:
    """Seal a changed published bundle as whoever has a key would."""
    seal = read_seal(bundle)
    stated = statement(bundle, [], SimpleNamespace(run="", finished="", decision=""))
    predicate = seal.statement.predicate.model_copy(update={"previous": None})
    (bundle / "seal.json").unlink()
    write_seal(bundle, stated.model_copy(update={"predicate": predicate}), key, "publish")


def test_the_merkle_tree_is_that_of_the_published_vectors() -> None:
    assert root_of([]) == EMPTY == hashlib.sha256(b"").digest()
    for size, root in enumerate(ROOTS, start=1):
        leaves = LEAVES[:size]
        assert root_of(leaves).hex() == root
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            assert is_included(leaves[index], index, size, proof, bytes.fromhex(root))
            assert not is_included(leaves[index], index + 1, size, proof, bytes.fromhex(root))
            assert not is_included(leaf_hash(b"x"), index, size, proof, bytes.fromhex(root))
            assert not is_included(leaves[index], index, size, [*proof, EMPTY], bytes.fromhex(root))
        for first in range(1, size + 1):
            proof = consistency_proof(leaves, first)
            one, other = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(root)
            assert is_consistent(first, size, one, other, proof)
            assert first == size or not is_consistent(first, size, EMPTY, other, proof)
            assert first == size or not is_consistent(first, size, one, other, proof[:-1])
    assert [each.hex() for each in inclusion_proof(LEAVES, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[3],
    ]


def test_every_figure_of_it_is_recomputed_and_no_text_is_in_it(
    lab: Any, run: Path, published: Path
) -> None:
    found = verified(lab, published)
    assert found.exit_status == 0 and found.verdict == "VERIFIED"
    assert {name: each.holds for name, each in found.grades.items()} == {
        "consistent": "yes", "authentic": "yes", "preregistered": "yes", "rescored": "unknown",
        "page_remade": "yes",
    }  # fmt: skip
    assert any("the texts were withheld. Not checked" in each.message for each in found.findings)
    kept = b"".join(path.read_bytes() for path in published.rglob("*") if path.is_file())
    texts = [text for text in texts_of(run) if len(text) > 20]
    assert len(texts) > 30
    for text in texts:
        assert text.encode() not in kept
        assert json.dumps(text).encode() not in kept
    salt = (run / "logs" / "salt.hex").read_bytes()
    assert salt not in kept and not (published / "logs").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("row", "not the file that the full bundle has"),
        ("report", "not the file that the full bundle has"),
        ("plan", "not the file that the full bundle has"),
        ("journal", "not the file that the full bundle has"),
        ("commitment", "its commitments do not come to the root"),
        ("fewer", "not about just the samples that were asked"),
        ("root", "its commitments do not come to the root"),
        ("other-seal", "it is of another bundle than full-seal.json"),
        ("page", "differs from what the rows give"),
    ],
)
def test_a_published_bundle_that_is_not_the_full_one_is_found_even_sealed_by_the_laboratory(
    lab: Any, run: Path, published: Path, change: str, message: str
) -> None:
    about = json.loads((published / "published.json").read_bytes())
    names = sorted(about["commitments"])
    match change:
        case "row":
            (published / "samples.parquet").write_bytes(
                (published / "samples.parquet").read_bytes() + b" "
            )
        case "report" | "plan" | "journal":
            path = published / ("journal.jsonl" if change == "journal" else f"{change}.json")
            path.write_bytes(path.read_bytes() + b"\n")
        case "commitment":
            about["commitments"][names[0]] = "0" * 64
        case "fewer":
            del about["commitments"][names[0]]
        case "root":
            about["root"] = "0" * 64
        case "other-seal":
            about["seal_sha256"] = "0" * 64
        case "page":
            (published / "report.html").write_bytes(b"<html>PASS</html>")
    (published / "published.json").write_bytes(pretty_json(about))
    resealed(published, lab.private)
    assert any(message in each for each in wrong(lab, published)), wrong(lab, published)


def test_a_forgers_full_seal_is_not_the_laboratorys(
    lab: Any, run: Path, tmp_path: Path, command_line: Command, attacks: Any
) -> None:
    forger = tmp_path / "forger.pem"
    make_key(forger, tmp_path / "forger.pub")
    attacks.change_scores(run)
    shutil.rmtree(run / "superseded", ignore_errors=True)
    (run / "seal.json").unlink()
    write_bundle(run, None, forger)
    to = tmp_path / "pub"
    assert command_line("publish", run, "--to", to, "--key", forger)[0] == 0
    assert verified(lab, to).exit_status == 2
    assert verify_bundle(to, trusted([lab.public], asked=False)).grades["authentic"].holds != "yes"


def test_an_opened_sample_belongs_to_the_bundle_and_opens_no_other(
    lab: Any, run: Path, published: Path, command_line: Command
) -> None:
    ids = [each.id for each in read_sound_plan(run).tasks[0].samples]
    status, out, _ = command_line("disclose", run, "--sample", ids[0], "--to", published)
    assert status == 0 and out.startswith("Opened: ")
    found = verified(lab, published)
    assert found.exit_status == 0
    (note,) = [each for each in found.findings if each.what == "disclosed"]
    assert (
        note.message.startswith("1 opened samples belong to this bundle") and ids[0] in note.message
    )
    (path,) = (published / "disclosed").iterdir()
    opened = json.loads(path.read_bytes())
    assert opened["evidence"]["completion"] in texts_of(run)

    other = ids[1]
    assert command_line("disclose", run, "--sample", other, "--to", published)[0] == 0
    second = next(each for each in (published / "disclosed").iterdir() if each != path)
    theirs = json.loads(second.read_bytes())
    assert theirs["key"] != opened["key"]
    for forged, why in (
        ({"evidence": {**opened["evidence"], "completion": "I refuse."}}, "not what was committed"),
        ({"key": theirs["key"]}, "not what was committed"),
        ({"name": theirs["name"]}, "not what was committed"),
        ({"index": opened["index"] + 1}, "does not lead to the root"),
        ({"proof": opened["proof"][:-1]}, "does not lead to the root"),
        ({"root": "0" * 64}, "of another tree"),
        ({"run": "another"}, "of another run"),
        ({"more": 1}, "not readable"),
        ({"key": "zz" * 32}, "not readable"),
    ):
        path.write_bytes(pretty_json({**opened, **forged}))
        assert any(why in each for each in wrong(lab, published)), (forged, wrong(lab, published))
    status, _, err = command_line("disclose", run, "--sample", "nope", "--to", published)
    assert status == 2 and "sample 'nope'" in err


def test_publishing_refuses_where_a_text_would_be_in_it(tmp_path: Path, run: Path) -> None:
    said = "The quick brown fox jumps over the lazy dog, and then it goes home to sleep until noon."
    for name, data in (
        ("a.json", json.dumps({"x": [said]}).encode()),
        ("b.jsonl", json.dumps({"id": said[9:74]}).encode() + b"\n"),
        ("c.html", f"<p title=x>{said.replace('quick', 'qu&#105;ck')}</p>".encode()),
        ("d.csv", f'id,text\n1,"{said.upper()}"\n'.encode()),
        ("e.yaml", f"title: {said}\n".encode()),
    ):
        folder = tmp_path / name[0]
        folder.mkdir()
        (folder / name).write_bytes(data)
        with pytest.raises(Exception, match="would hold a withheld text"):
            refuse_texts(folder, [said])
        refuse_texts(folder, ["Something else that nobody said in any of these files, ever."])


def test_what_was_not_sealed_is_not_published(
    lab: Any, run: Path, tmp_path: Path, command_line: Command, attacks: Any
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    status, _, err = command_line("publish", run, "--to", tmp_path / "full")
    assert status == 2 and "not empty" in err
    attacks.change_scores(run)
    status, _, err = command_line("publish", run, "--to", tmp_path / "pub")
    assert status == 2 and "not the file that was sealed" in err and not (tmp_path / "pub").exists()


def test_an_auditor_attests_in_a_role_and_nobody_else_can(
    lab: Any, run: Path, tmp_path: Path, command_line: Command
) -> None:
    auditor, public = tmp_path / "auditor.pem", tmp_path / "auditor.pub"
    make_key(auditor, public)
    given = ("attest", run, "--key", auditor, "--trust", lab.public)
    status, out, err = command_line(*given, "--deep")
    assert status == 0 and "attested as auditor" in out, err
    assert command_line(*given)[0] == 2, "the same key in the same role"
    status, _, err = command_line("attest", run, "--key", auditor, "--role", "king")
    assert status == 2 and "auditor" in err
    keys = trusted([lab.public, public], asked=True)
    (note,) = [each for each in verify_bundle(run, keys).findings if "attestations" in each.what]
    assert note.status == "note" and "auditor.pub as auditor: PASSED" in note.message
    assert "re-scored yes" in note.message
    (claim,) = [each for each in verified(lab, run).findings if "attestations" in each.what]
    assert "claims to be signed by key" in claim.message

    (path,) = (run / "attestations").iterdir()
    envelope = json.loads(path.read_bytes())
    import base64

    payload = base64.b64decode(envelope["payload"]).replace(b'"unknown"', b'"yes"')
    forged = payload.replace(b'"preregistered":"yes"', b'"preregistered":"no"')
    envelope["payload"] = base64.b64encode(forged).decode()
    path.write_bytes(pretty_json(envelope))
    found = [each for each in verify_bundle(run, keys).findings if "attestations" in each.what]
    assert [each.status for each in found] == ["wrong"]
    # An attestation of one bundle says nothing of another.
    (run / "attestations" / path.name).unlink()
    assert command_line(*given)[0] == 0
    assert command_line("report", run, "--lang", "ja", "--key", lab.private)[0] == 0
    (note,) = [each for each in verify_bundle(run, keys).findings if "attestations" in each.what]
    assert "earlier seal of this bundle, or another one" in note.message


def test_a_bundle_that_does_not_verify_is_attested_as_failed(
    lab: Any, run: Path, tmp_path: Path, command_line: Command, attacks: Any
) -> None:
    auditor = tmp_path / "auditor.pem"
    make_key(auditor, tmp_path / "auditor.pub")
    attacks.change_scores(run)
    status, out, _ = command_line("attest", run, "--key", auditor, "--trust", lab.public)
    assert status == 2 and out.startswith("NOT VERIFIED")
    keys = trusted([tmp_path / "auditor.pub"], asked=False)
    (note,) = [each for each in verify_bundle(run, keys).findings if "attestations" in each.what]
    assert "FAILED" in note.message


def test_a_run_is_shared_as_one_file_without_texts(
    run: Path, command_line: Command, default_key: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sent.zip"
    status, out, err = command_line("runs", "share", run, "--to", file)
    assert status == 0 and str(file) in out, err
    with zipfile.ZipFile(file) as packed:
        names = packed.namelist()
        assert {name.split("/")[0] for name in names} == {run.name}
        assert not any(name.endswith(".eval") or ".." in name for name in names)
        packed.extractall(tmp_path / "received")
    found = verify_bundle(tmp_path / "received" / run.name)
    assert {name: found.grades[name].holds for name in ("consistent", "page_remade")} == {
        "consistent": "yes", "page_remade": "yes",
    }  # fmt: skip
    assert "exists; name another file" in command_line("runs", "share", run, "--to", file)[2]
    refused = command_line("runs", "share", run, "--to", tmp_path / "sent.txt")
    assert refused[0] == 2 and "ends in .zip" in refused[2]
