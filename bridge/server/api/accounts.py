"""`/users/{name}/accounts`: who is read at which source."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bridge.people.accounts import Wanted, add_account, remove_account
from bridge.people.names import LONGEST_NAME, tidy_account_name
from bridge.people.values import AccountValue, account_value
from bridge.server.api.endpoint import Call, Concern, Endpoint, Given, Known, Listing, Nothing, Part, Text, part_of
from bridge.server.services import Services
from bridge.store.choice import account_of, thing_of

AccountName = Annotated[str, AfterValidator(tidy_account_name), Field(json_schema_extra={"maxLength": LONGEST_NAME})]


class NewAccount(Given):
    """An account to add, or to give a new secret."""

    source: Known = Field(description="the name of the source")
    identity: Text | None = Field(None, description="the person at the source: user name, number, e-mail address …")
    secret: SecretStr | None = Field(None, min_length=1, description="the token or password, if the source takes one")
    name: AccountName | None = Field(None, description="which of several accounts of the user there; null: the usual")
    options: Mapping[Text, Text] = Field(default_factory=dict, description="options; see the page of the source")
    login_of: Known | None = Field(None, description="share the login of this user at the source")

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if self.secret is not None and self.login_of is not None:
            raise ValueError("secret and login_of exclude each other")
        return self


@dataclass(frozen=True, slots=True)
class AddedAccount(AccountValue):
    """An account that was added. `warning` is a sentence if the source could not be asked."""

    warning: str | None = None


@dataclass(frozen=True, slots=True)
class RemovedAccount:
    """An account that was removed. `warnings` name the logins that may still be valid at their school."""

    user: str
    source: str
    name: str | None
    warnings: list[str]


async def list_accounts(services: Services, call: Call[Nothing, Listing]) -> Part[AccountValue]:
    """List a user's accounts and their states, by source."""
    user = await services.store.users.get(call.path["name"])
    accounts = [account_value(account) for account in await services.store.accounts.all(user=user.name)]
    return part_of(accounts, call.query, lambda account: thing_of(account.source, account.name or ""))


async def create_account(services: Services, call: Call[NewAccount, Nothing]) -> AddedAccount:
    """Add an account, or give it a new secret and wake it."""
    body = call.body
    added = await add_account(
        services.store,
        services.source(body.source),
        Wanted(call.path["name"], name=body.name or "", identity=body.identity, options=body.options),
        services.clock,
        secret=None if body.secret is None else body.secret.get_secret_value(),
        login_of=body.login_of,
    )
    return AddedAccount(**asdict(account_value(added.account)), warning=added.warning)


async def delete_account(services: Services, call: Call[Nothing, Nothing]) -> RemovedAccount:
    """Remove an account with its events and its login."""
    user, (source, name) = call.path["name"], account_of(call.path["source"])
    warning = await remove_account(services.store, services.sources.get(source), user, source, services.clock, name)
    await services.publisher.publish_for(user)
    return RemovedAccount(user, source, name or None, [] if warning is None else [warning])


def _new(call: Call[NewAccount, Nothing]) -> Concern:
    return Concern(call.path["name"], thing_of(call.body.source, call.body.name or ""))


ENDPOINTS = (
    Endpoint("GET", "/users/{name}/accounts", list_accounts, "account list"),
    Endpoint("POST", "/users/{name}/accounts", create_account, "account add", HTTPStatus.CREATED, _new),
    Endpoint("DELETE", "/users/{name}/accounts/{source}", delete_account, "account remove"),
)
