"""`configuration.checking`: everything together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastagi.audit.configuration.checking import check_configuration
from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.configuration.entries import read_entries
from fastagi.audit.configuration.files import NAMES, read_files
from fastagi.audit.configuration.modes import read_modes
from fastagi.audit.configuration.reach import read_reach
from fastagi.audit.dialplan import Context, Dialplan, Step
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

DIALPLAN = Path(__file__).parents[4] / "dialplan"
NOTHING = Dialplan({})


def test_the_sample_has_nothing_that_is_high() -> None:
    """What is found in it is the example's passwords, and that it says nothing of addresses."""
    found = [
        (each.kind, each.severity) for each in check_configuration(read_files(DIALPLAN), NOTHING)
    ]
    assert found == [
        (Kind.PASSWORD, Severity.MEDIUM),
        (Kind.PASSWORD, Severity.MEDIUM),
        (Kind.NO_ACL, Severity.LOW),
    ]


def test_every_check_is_asked(read: Read) -> None:
    """One thing is wrong for each of them."""
    files = read(
        {
            "asterisk.conf": "[options]\nlive_dangerously=yes\n",
            "extconfig.conf": "[settings]\nps_endpoints => odbc\n",
            "features.conf": "[applicationmap]\nx => *1,self,Dial(PJSIP/1@t)\n#exec /bin/true\n",
            "http.conf": "[general]\nenabled=yes\nbindaddr=0.0.0.0\n",
            "manager.conf": "[general]\nenabled=yes\n[u]\nwrite=originate\n",
            "pjsip.conf": "[t]\ntype=transport\nbind=0.0.0.0\n[1]\ntype=endpoint\nauth=1\n"
            "redirect_method=uri_core\n[1]\ntype=auth\npassword=1\n[anonymous]\ntype=endpoint\n",
            "voicemail.conf": "[default]\n101 => 739105,A,,,dialout=x\n",
        }
    )
    here = Place("extensions.conf", 1)
    step = Step("1", "", 1, "", "DISA", "no-password", here)
    dialplan = Dialplan({"in": Context("in", (step,), (), (), here)})
    found = {each.kind for each in check_configuration(files, dialplan, {"pjsip.conf": 0o644})}
    assert found == {
        Kind.DISA,
        Kind.FEATURE,
        Kind.GUEST,
        Kind.NO_ACL,
        Kind.OPEN_DOOR,
        Kind.PASSWORD,
        Kind.READABLE,
        Kind.REDIRECT,
        Kind.TRANSFER,
        Kind.UNKNOWN,
        Kind.UNREADABLE,
        Kind.VOICEMAIL,
    }


WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "type=endpoint",
                "type=aor",
                "type=auth",
                "type=identify",
                "type=wizard",
                "type=user",
            ),
            *(
                "auth=a",
                "aors=a,b",
                "endpoint=a",
                "match=0.0.0.0/0",
                "max_contacts=1",
                "contact=x",
            ),
            *("password=a", "secret=", "context=", "context=a", "set_var=TRANSFER_CONTEXT=b"),
            *("deny=0.0.0.0/0", "permit=x", "acl=a", "bindaddr=::", "enabled=yes", "write=all"),
            *("a => *1,self,Dial(", "a => 1,b,c,d,dialout=x|callback=|", "number => 1&2"),
            *("member => Local/1@a", "hint_application=Goto(", "hint_exten=1", "has_hint=yes"),
            *("remote_hosts=a:1,b", "accepts_auth=yes", "sends_auth=yes", "1=dialplan_exec(a"),
            *("comebacktoorigin=no", "channel => 1-2", "[a]", "[b](a)", "[general]", "[channels]"),
        ]
    ),
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30),
)


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.lists(WORDS, max_size=12).map(lambda lines: "\n".join(("[a]", *lines, ""))),
        max_size=8,
    )
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_no_text_breaks_it(read: Read, texts: dict[str, str]) -> None:
    """Whatever stands in the files: it is read, and what is wrong points to a file."""
    files = read({**dict.fromkeys(NAMES, ""), **texts})
    devices = read_devices(files)
    assert not devices.phones & devices.trunks
    entries = read_entries(files)
    assert all(each.who and each.place.file for each in entries)
    assert all(each.dialled for rung in read_reach(files).queues.values() for each in rung)
    for finding in check_configuration(files, NOTHING, read_modes(files)):
        assert finding.message
        assert finding.advice
        assert finding.place.file in {*NAMES} | {"a", "b"}
