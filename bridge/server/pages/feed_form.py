"""The form of a feed: what it shows, with a word of explanation for each option. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.calendar.options import FeedOptions, OptionError
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.people.names import tidy_title
from bridge.server.pages.languages import message
from bridge.store.choice import BETWEEN, source_of
from bridge.store.feed import Feed


@dataclass(frozen=True, slots=True)
class OptionField:
    """An option as a field: with `choices` (value and label, the default first), or else for free text.

    `wrong` is what to do about a value that is not valid.
    """

    name: str
    label: str
    help: str
    choices: Sequence[tuple[str, str]] = ()
    wrong: str = ""
    example: str = ""


_ON_OFF = (("on", message("Yes")), ("off", message("No")))
_DAYS = message("Write a number of days such as 30d, or all.")
MAIN = (
    OptionField(
        "privacy",
        message("How much it tells"),
        message("Busy times alone suit whoever only needs to know when you have time."),
        (("full", message("Everything")), ("busy", message("Only when I am busy"))),
    ),
    OptionField(
        "homework",
        message("Homework for a lesson"),
        message("In the lesson keeps the week tidy; apart shows it beside the lesson."),
        (
            ("lesson", message("In the lesson")),
            ("own", message("Apart from the lesson")),
            ("both", message("Both")),
        ),
    ),
    OptionField(
        "cancelled",
        message("What is cancelled"),
        message("“Cancelled:” before the title is clear in every calendar program; some hide or strike out the rest."),
        (
            ("mark", message("Stays, with a mark")),
            ("status", message("As the program shows it")),
            ("hide", message("Is left out")),
        ),
    ),
    OptionField(
        "language",
        message("Language of the calendar"),
        message("Of what Roosterbridge adds itself; what the school writes stays as it is."),
        (("nl", "Nederlands"), ("en", "English"), ("fr", "Français")),
    ),
)
FURTHER = (
    OptionField(
        "absence_details",
        message("Why somebody is absent"),
        message("Hidden says only “Absent”. Think of who else has the address."),
        (("hidden", message("Hidden")), ("reason", message("Shown"))),
    ),
    OptionField(
        "checkin_details",
        message("Check-ins"),
        message("Whether mood and comment show too."),
        (("hidden", message("Hours only")), ("full", message("Mood and comment too"))),
    ),
    OptionField(
        "homework_done",
        message("Homework that is done"),
        message("Only where it stands apart from the lesson."),
        (("hide", message("Is left out")), ("show", message("Stays"))),
    ),
    OptionField(
        "merge_double",
        message("Double lessons"),
        message("Equal lessons become one if the break between them is no longer."),
        (
            ("off", message("Stay two")),
            ("0", message("One, without a break")),
            ("5", message("One, up to 5 minutes")),
            ("15", message("One, up to 15 minutes")),
            ("30", message("One, up to 30 minutes")),
        ),
        wrong=message("Write off, or a number of minutes up to 240."),
    ),
    OptionField(
        "holiday_clears",
        message("Lessons in a holiday"),
        message("Some schools forget to take them out."),
        (("off", message("Stay as they are")), ("mark", message("Get a mark"))),
    ),
    OptionField(
        "alerts",
        message("Say so when nothing new comes"),
        message("A note on today, once a school has not been read for a day."),
        _ON_OFF,
    ),
    OptionField(
        "past",
        message("How far back"),
        message("Fewer days make the calendar smaller."),
        (
            ("all", message("All that is kept")),
            ("7d", message("A week")),
            ("14d", message("Two weeks")),
            ("30d", message("30 days")),
        ),
        wrong=_DAYS,
    ),
    OptionField(
        "future",
        message("How far ahead"),
        message("Fewer days make the calendar smaller."),
        (
            ("all", message("All that is known")),
            ("14d", message("Two weeks")),
            ("60d", message("60 days")),
            ("120d", message("120 days")),
        ),
        wrong=_DAYS,
    ),
    OptionField(
        "include",
        message("Only titles with"),
        message("Words with commas between them; * stands for anything. Empty: all titles."),
        wrong=message("Write words of at most 200 characters, with commas between them."),
        example="wiskunde, frans",
    ),
    OptionField(
        "exclude",
        message("No titles with"),
        message("The same, for what you do not want to see."),
        wrong=message("Write words of at most 200 characters, with commas between them."),
        example="mentoruur",
    ),
    OptionField(
        "title",
        message("Titles of lessons"),
        message("Made of {subject}, {group}, {teacher}, {location} and {code}. Empty: as usual."),
        wrong=message("Use only {subject}, {group}, {teacher}, {location} and {code} in braces."),
        example="{subject} ({location})",
    ),
    OptionField(
        "alarms",
        message("Reminders"),
        message("A kind and a time ahead, such as lesson:10m,exam:1d. Google does not take them from feeds."),
        wrong=message("Write none, or kinds and times such as lesson:10m,exam:1d."),
        example="lesson:10m,exam:1d",
    ),
    OptionField(
        "categories",
        message("Name the kind as a category"),
        message("Outlook gives each category a colour of its own."),
        _ON_OFF,
    ),
    OptionField(
        "compress",
        message("Send it compressed"),
        message("Switch this off only if a program reads nonsense."),
        _ON_OFF,
    ),
)
FIELDS = (*MAIN, *FURTHER)
_SCHOOL = (Kind.LESSON, Kind.EXAM, Kind.HOMEWORK, Kind.SUBSTITUTION)
PRESETS: Mapping[str, tuple[str, Sequence[Kind], Mapping[str, str]]] = {
    "everything": (message("Everything"), SHOWN_BY_DEFAULT, {}),
    "school": (message("School only"), _SCHOOL, {}),
    "busy": (message("Busy times, for others"), SHOWN_BY_DEFAULT, {"privacy": "busy"}),
    "tests": (message("Tests only"), (Kind.EXAM,), {}),
}
"""Presets by name: what each is called, its kinds, and its options. The language is not theirs."""


@dataclass(frozen=True, slots=True)
class FeedForm:
    """What a form has. `sources` are those that were chosen; `None` is all. `errors` are by field."""

    title: str = ""
    kinds: Sequence[Kind] = SHOWN_BY_DEFAULT
    sources: Sequence[str] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def valid_options(self) -> Mapping[str, str]:
        """The options without those that are not valid, for a preview."""
        return {name: value for name, value in self.options.items() if name not in self.errors}

    def value(self, name: str) -> str:
        """The value of an option, as its field shows it."""
        choices = next(one.choices for one in FIELDS if one.name == name)
        return self.options.get(name) or (choices[0][0] if choices else "")


def form_of(feed: Feed, choices: Collection[str]) -> FeedForm:
    """The form of a feed as it is. `choices` are the sources and accounts that can be chosen."""
    chosen = None if feed.sources is None else [one for one in choices if _is_chosen(feed.sources, one)]
    return FeedForm(feed.title, feed.kinds, chosen, dict(feed.options))


def _is_chosen(sources: Collection[str], choice: str) -> bool:
    """Whether a feed shows what can be chosen: a source of one account, or one of several accounts there."""
    of_source = {source_of(one) for one in sources} if BETWEEN not in choice else {*sources}
    return choice in of_source or source_of(choice) in sources


def read_form(given: Mapping[str, Sequence[str]], sources: Collection[str]) -> FeedForm:
    """The form as it was sent. `sources` are those that can be chosen; all of them is no choice."""
    errors: dict[str, str] = {}
    kinds = tuple(kind for kind in Kind if kind in given.get("kind", ()))
    chosen = [source for source in sources if source in given.get("source", ())]
    if not kinds:
        errors["kind"] = message("Choose at least one.")
    if sources and not chosen:
        errors["source"] = message("Choose at least one.")
    title = " ".join(given.get("name", ("",))[-1].split())
    try:
        title = tidy_title(title)
    except ValueError:
        errors["name"] = message("A name has at most 200 characters.")
    options = {}
    for one in FIELDS:
        value = given.get(one.name, ("",))[-1].strip()
        if value and (not one.choices or value != one.choices[0][0]):
            options[one.name] = value
            if not _is_valid(one.name, value):
                errors[one.name] = one.wrong or message("Choose one of these.")
    return FeedForm(title, kinds, None if len(chosen) == len(sources) else chosen, options, errors)


def with_preset(form: FeedForm, name: str) -> FeedForm:
    """The form with a preset in place of its kinds and options."""
    _, kinds, options = PRESETS[name]
    kept = {name: value for name, value in form.valid_options.items() if name == "language"}
    return FeedForm(form.title, kinds, None, {**kept, **options})


def _is_valid(name: str, value: str) -> bool:
    try:
        FeedOptions.parse({name: value})
    except OptionError:
        return False
    return True
