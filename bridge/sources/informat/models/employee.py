"""Employees, in both versions of the call."""

from typing import Annotated

from bridge.sources.informat.models.fields import (
    Count,
    Filled,
    Flag,
    Guid,
    Items,
    Maybe,
    MaybeDay,
    MaybeGuid,
    Record,
    Text,
    Texts,
)


class EmployeeV1(Record):
    """GET /employees, Api-Version 1: `person_id` is a number that no other call takes; `email` is of the school."""

    person_id: Text
    naam: Filled = ""
    voornaam: Filled = ""
    stamnr: Text = ""
    ambtcode: Text = ""
    is_active: Flag = None
    email: Texts = ()


class BankAccount(Record):
    """`bank`."""

    iban: Text = ""
    bic: Text = ""


class Function(Record):
    """`hoofdAmbt`."""

    code: Text = ""
    naam: Filled = ""


class Partner(Record):
    """`partner`."""

    id: MaybeGuid = ""
    naam: Filled = ""
    voornaam: Filled = ""
    geboortedatum: MaybeDay = None
    nationaliteit_code: Text = ""
    is_overleden: Flag = None
    datum_overleden: MaybeDay = None
    inkomen: Count = None


class Address(Record):
    """One of `adressen`."""

    id: MaybeGuid = ""
    aanspreek_titel: Filled = ""
    aanspreek_naam: Filled = ""
    straat: Filled = ""
    nummer: Text = ""
    bus: Text = ""
    postcode: Text = ""
    gemeente: Filled = ""
    land_code: Text = ""
    is_domicilie: Flag = None
    is_verblijf: Flag = None


class CommunicationNumber(Record):
    """One of `comnrs`."""

    id: MaybeGuid = ""
    type: Filled = ""
    soort: Filled = ""
    nr: Filled = ""


class EmailAddress(Record):
    """One of `emailadressen`; `type` is School, Privé, Eigen or another."""

    id: MaybeGuid = ""
    type: Filled = ""
    email: Filled = ""


class Child(Record):
    """One of `kinderen`."""

    id: MaybeGuid = ""
    naam: Filled = ""
    voornaam: Filled = ""
    geslacht: Text = ""
    geboortedatum: MaybeDay = None
    is_overleden: Flag = None
    datum_overleden: MaybeDay = None
    fiscaal_ten_laste: Flag = None
    fiscaal_ten_laste_tot: MaybeDay = None


class StaffGroup(Record):
    """One of `personeelsgroepen`."""

    id: MaybeGuid = ""
    naam: Filled = ""


class Employee(Record):
    """GET /employees, Api-Version 2, and /employees/{personId} in any version."""

    p_persoon: Count = None
    person_id: Guid
    persona_id: MaybeGuid = ""
    naam: Filled = ""
    voornaam: Filled = ""
    bijkomende_voornamen: Filled = ""
    stamnr: Text = ""
    sort_name: Filled = ""
    nickname: Filled = ""
    geslacht: Text = ""
    initialen: Filled = ""
    geboortedatum: MaybeDay = None
    geboorteplaats: Filled = ""
    geboorteland_code: Text = ""
    nationaliteit_code: Text = ""
    rijksregisternr: Text = ""
    bisnr: Text = ""
    bank: Annotated[BankAccount | None, Maybe] = None
    hoofd_ambt: Annotated[Function | None, Maybe] = None
    eerste_dienst_school: MaybeDay = None
    eerste_dienst_scholengroep: MaybeDay = None
    eerste_dienst_scholengemeenschap: MaybeDay = None
    is_active: Flag = None
    pensioendatum: MaybeDay = None
    is_mindervalide: Flag = None
    is_overleden: Flag = None
    datum_overleden: MaybeDay = None
    burg_stand: Count = None
    aantal_kinderen: Count = None
    mindervalide_kinderen: Count = None
    aantal_zorgbehoevenden: Count = None
    aantal_andere_ten_laste: Count = None
    aantal_mindervalide_andere_ten_laste: Count = None
    partner: Annotated[Partner | None, Maybe] = None
    adressen: Annotated[tuple[Address, ...], Items] = ()
    comnrs: Annotated[tuple[CommunicationNumber, ...], Items] = ()
    emailadressen: Annotated[tuple[EmailAddress, ...], Items] = ()
    kinderen: Annotated[tuple[Child, ...], Items] = ()
    personeelsgroepen: Annotated[tuple[StaffGroup, ...], Items] = ()
