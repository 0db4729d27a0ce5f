"""The configuration: every mistake of every file is named at once."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from alertcast.config import ConfigError, from_mapping, load, passed_on, shipped, taken_over

OFFICE = """\
[office]
name = "试验县三防办"
short_name = "试验三防"
check_number = "0758-0000000"
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def mistakes(*arguments: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(*arguments, env={})
    return caught.value.mistakes


def test_five_mistakes_are_five_lines_that_name_their_keys():
    text = OFFICE.replace('short_name = "试验三防"\n', 'timezone = "Mars/Olympus"\n')
    web = '[web]\nport = 70000\npublic_base_url = "ftp://x"\n[dispatch]\nlease = "soon"\n'
    write("alertcast.toml", text + web)
    found = mistakes()
    assert len(found) == 5
    for mistake, key in zip(
        sorted(found),
        (
            "dispatch.lease",
            "office.short_name",
            "office.timezone",
            "web.port",
            "web.public_base_url",
        ),
        strict=True,
    ):
        assert mistake.startswith(f"alertcast.toml: {key}: ")


def test_mistakes_of_all_files_are_told_together():
    write("alertcast.toml", OFFICE + "[match]\nmin_share = 2\n")
    write("policy.toml", shipped("config/policy.toml").read_text("utf-8") + "\n[extra]\n")
    write("roles.toml", "[deputy]\nzh = '副书记'\nen = ''\nplaces = ['moon']\n")
    write("texts.toml", "[sms]\nopen = [")
    found = mistakes()
    for start in (
        "alertcast.toml: match.min_share: ",
        "policy.toml: unknown key 'extra'",
        "roles.toml: deputy: en: ",
        "roles.toml: deputy: places: ",
        "texts.toml: ",
    ):
        assert any(mistake.startswith(start) for mistake in found), (start, found)


def test_a_key_that_does_not_exist_is_a_mistake():
    write("alertcast.toml", OFFICE + "[web]\nprot = 8080\n[wbe]\nport = 1\n")
    assert [mistake.split(": ")[1] for mistake in mistakes()] == ["web.prot", "wbe"]


@pytest.mark.parametrize("text", ["[office", "\0", "[office]\nname = 1 1"])
def test_a_file_that_is_no_toml_is_one_mistake(text):
    write("alertcast.toml", text)
    (found,) = mistakes()
    assert found.startswith("alertcast.toml: ")


def test_a_file_that_is_not_there_is_named():
    assert mistakes("nowhere.toml") == ["nowhere.toml: there is no such file"]


def test_what_was_right_is_kept_so_that_its_channels_can_be_checked_too():
    sections = {
        "office": {},
        "web": {"public_base_url": "https://warn.example.cn/"},
        "channels": {"sms": {"type": "pigeon"}},
    }
    with pytest.raises(ConfigError) as caught:
        from_mapping(sections, folder=Path(), env={"A": "b"})
    rest = caught.value.rest
    assert rest is not None
    assert rest.main.channels == {"sms": {"type": "pigeon"}}
    assert rest.main.web.public_base_url == "https://warn.example.cn"
    assert rest.env == {"A": "b"}


def test_without_any_file_the_shipped_configuration_is_used_here(tmp_path):
    config = load(env={})
    assert config.folder == tmp_path
    assert config.main.dispatch.lease == timedelta(seconds=30)
    assert "town_desk" in config.roles


def test_every_file_is_looked_for_beside_alertcast_toml_first(tmp_path):
    write("config/alertcast.toml", OFFICE)
    roles = shipped("config/roles.toml").read_text("utf-8")
    write("config/roles.toml", roles + "[warden]\nzh = '楼长'\nen = 'warden'\nplaces = ['grid']\n")
    config = load(env={})
    assert config.folder == tmp_path / "config"
    assert "warden" in config.roles
    assert config.hazards.ordered


def test_the_environment_goes_before_the_file_of_secrets(tmp_path):
    write("alertcast.toml", OFFICE)
    write("alertcast.env", "A=file\nB=file\nC=\n")
    config = load(env={"A": "environment"})
    assert config.secret("A") == "environment"
    assert config.secret("B") == "file"
    assert config.secret("C") is None
    assert "B" not in os.environ


def test_the_environment_may_name_another_file(tmp_path):
    path = write("other/mine.toml", OFFICE)
    assert load(env={"ALERTCAST_CONFIG": str(path)}).folder == tmp_path / "other"


def test_a_ladder_that_could_never_be_met_is_reported_with_all_the_rest(tmp_path: Path) -> None:
    policy = shipped("config/policy.toml").read_text("utf-8")
    policy = policy.replace('within = "60m"', 'within = "60m"\nrepeat = 9\nevery = "10m"')
    policy = policy.replace('roles = ["town_desk"]', 'roles = ["town_desk"]\nneed = 2')
    (tmp_path / "policy.toml").write_text(policy, "utf-8")
    with pytest.raises(ConfigError) as refused:
        from_mapping({"office": {"name": "a"}}, folder=tmp_path, env={})
    found = [one for one in refused.value.mistakes if "policy" in one]
    assert found == [
        "policy.toml: policy yellow: rung 1: 9 repeats, 600s apart, do not fit into 3600s",
        "policy.toml: policy red: rung 3: need is '2', but the answer of none of its roles counts",
    ]


def test_a_configuration_that_is_passed_on_is_the_same_whatever_lies_on_the_disk():
    write("alertcast.toml", OFFICE)
    roles = shipped("config/roles.toml").read_text("utf-8")
    write("roles.toml", roles + "[warden]\nzh = '楼长'\nen = 'warden'\nplaces = ['grid']\n")
    config = load(env={"A": "secret", "B": "\udce9"})  # a byte of another encoding
    text = passed_on(config)
    assert text.isascii()
    write("alertcast.toml", "[office")
    write("roles.toml", "")
    again = taken_over(text)
    for name in ("folder", "main", "hazards", "rules", "roles", "env", "written"):
        assert getattr(again, name) == getattr(config, name), name
