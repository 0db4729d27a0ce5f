"""统一身份认证: whom the provider names is logged in if there is such a user; nobody else."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from alertcast.store import users
from alertcast.web.oidc import SECRET as VARIABLE
from tests.ports import free_port
from tests.stories.town import Town
from tests.web.provider import CLIENT, SECRET, Provider, provided
from tests.web.site import Site, Visitor


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as found:
        found.claims = {"preferred_username": "officer"}
        yield found


def site_of(town: Town, provider: Provider, **more: object) -> Site:
    town.configure(oidc={"issuer": provider.url, "client_id": CLIENT, **more})
    if not provider.is_public:
        town.environment[VARIABLE] = SECRET
    return Site(town)


def come_back(visitor: Visitor) -> str:
    """Go to the provider as a browser does; return the address it sends back to."""
    asked = visitor.get("/login/oidc")
    assert asked.status_code == 302, asked.text
    answer = requests.get(asked.location, allow_redirects=False, timeout=20)
    whole = urlsplit(answer.headers["Location"])
    return f"{whole.path}?{whole.query}"


def enter(site: Site, visitor: Visitor | None = None) -> tuple[Visitor, TestResponse]:
    visitor = visitor or site.visitor()
    return visitor, visitor.get(come_back(visitor))


def is_refused(visitor: Visitor, answer: TestResponse) -> bool:
    return answer.location == "/login" and visitor.get("/").location == "/login"


def test_whom_the_provider_names_is_logged_in(town: Town, provider: Provider) -> None:
    site = site_of(town, provider, name="政务统一认证")
    visitor = site.visitor()
    assert "政务统一认证" in visitor.get("/login").text
    visitor, answer = enter(site, visitor)
    assert answer.location == "/"
    assert "officer" in visitor.get("/").text
    (row,) = site.recorded("log_in")
    assert (row["user"], row["detail"]) == ("officer", {"way": "oidc"})


def test_whoever_is_unknown_here_gets_no_account(town: Town, provider: Provider) -> None:
    provider.claims = {"preferred_username": "stranger", "role": "admin", "groups": ["admin"]}
    site = site_of(town, provider)
    visitor, answer = enter(site)
    assert is_refused(visitor, answer)
    assert len(site.rows()["user"]) == 5
    assert "没有在本系统登记" in visitor.get("/login").text


def test_a_disabled_user_stays_out(town: Town, provider: Provider) -> None:
    site = site_of(town, provider)
    with town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    assert is_refused(*enter(site))


def test_claims_are_mapped_to_users(town: Town, provider: Provider) -> None:
    provider.claims = {"employee": "GD-0042"}
    mapped = {"claim": "employee", "users": {"GD-0042": "approver"}}
    visitor, _ = enter(site_of(town, provider, **mapped))
    assert "approver" in visitor.get("/").text


def test_with_a_map_nobody_else_is_taken_for_a_user(town: Town, provider: Provider) -> None:
    provider.claims = {"preferred_username": "admin"}
    site = site_of(town, provider, users={"li": "officer"})
    assert is_refused(*enter(site))


@pytest.mark.parametrize(("verified", "is_in"), [(True, True), (False, False), (None, False)])
def test_an_address_that_nobody_verified_is_nobodys(
    town: Town, provider: Provider, verified: bool | None, is_in: bool
) -> None:
    provider.claims = {"email": "li@example.cn", "email_verified": verified}
    site = site_of(town, provider, claim="email", users={"li@example.cn": "officer"})
    assert is_refused(*enter(site)) is not is_in


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another log-in"},
        {"aud": "another system"},
        {"aud": "another system", "azp": CLIENT},
        {"iss": "https://elsewhere.example.cn"},
        {"exp": 1},
        {"preferred_username": None},
        {"preferred_username": ["officer"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_log_in_is_refused(
    town: Town, provider: Provider, wrong: dict[str, object]
) -> None:
    provider.wrong = wrong
    assert is_refused(*enter(site_of(town, provider)))


@pytest.mark.parametrize("fault", ["another key", "no signature", "no id_token", "denied"])
def test_a_provider_that_is_not_to_be_believed_is_not(
    town: Town, provider: Provider, fault: str
) -> None:
    provider.fault = fault
    assert is_refused(*enter(site_of(town, provider)))


def test_the_document_of_another_issuer_is_not_followed(town: Town, provider: Provider) -> None:
    provider.fault = "issuer"
    site = site_of(town, provider)
    assert site.visitor().get("/login/oidc").location == "/login"
    provider.fault = ""
    assert enter(site)[1].location == "/"


def test_new_keys_of_the_provider_are_fetched(town: Town, provider: Provider) -> None:
    site = site_of(town, provider)
    enter(site)
    provider.new_key()
    assert enter(site)[1].location == "/"


def test_an_answer_meant_for_another_browser_opens_nothing(town: Town, provider: Provider) -> None:
    site = site_of(town, provider)
    victim, attacker = site.visitor(), site.visitor()
    theirs = come_back(attacker)
    victim.get("/login/oidc")
    assert is_refused(victim, victim.get(theirs))
    assert is_refused(victim, victim.get("/login/oidc/callback"))


def test_an_answer_opens_once(town: Town, provider: Provider) -> None:
    site = site_of(town, provider)
    visitor = site.visitor()
    address = come_back(visitor)
    assert visitor.get(address).location == "/"
    visitor.send("/logout")
    assert is_refused(visitor, visitor.get(address))


def test_a_client_without_a_secret_proves_itself_by_pkce(town: Town, provider: Provider) -> None:
    provider.is_public = True
    site = site_of(town, provider)
    visitor = site.visitor()
    asked = parse_qs(urlsplit(visitor.get("/login/oidc").location).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1/login/oidc/callback"]
    assert enter(site)[1].location == "/"


def test_with_a_dead_provider_the_password_still_opens(town: Town) -> None:
    town.configure(oidc={"issuer": f"http://127.0.0.1:{free_port()}", "client_id": CLIENT})
    site = Site(town)
    visitor = site.visitor()
    assert visitor.get("/login/oidc").location == "/login"
    assert "没有成功" in visitor.get("/login").text
    assert site.user("officer").get("/").status_code == 200


def test_where_none_is_configured_there_is_none(site: Site) -> None:
    assert site.visitor().get("/login/oidc").status_code == 404
    assert site.visitor().get("/login/oidc/callback").status_code == 404
