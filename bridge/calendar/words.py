"""The words that Roosterbridge itself puts into a calendar, in the languages of its readers."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.model import Kind


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words. `cancelled` goes before a title, with what separates it."""

    cancelled: str
    absent: str
    teacher: str
    group: str
    period: str
    kinds: Mapping[Kind, str]


WORDS: Mapping[str, Words] = {
    "nl": Words(
        cancelled="Vervalt: ",
        absent="Afwezig",
        teacher="Docent",
        group="Groep",
        period="Lesuur",
        kinds={
            Kind.LESSON: "Les",
            Kind.EXAM: "Toets",
            Kind.HOMEWORK: "Huiswerk",
            Kind.ABSENCE: "Afwezigheid",
            Kind.HOLIDAY: "Vakantie",
            Kind.INTERRUPTION: "Dienstonderbreking",
            Kind.SUBSTITUTION: "Vervanging",
            Kind.ASSIGNMENT: "Opdracht",
            Kind.CHECKIN: "Check-in",
            Kind.NOTICE: "Bericht",
        },
    ),
    "en": Words(
        cancelled="Cancelled: ",
        absent="Absent",
        teacher="Teacher",
        group="Group",
        period="Period",
        kinds={
            Kind.LESSON: "Lesson",
            Kind.EXAM: "Exam",
            Kind.HOMEWORK: "Homework",
            Kind.ABSENCE: "Absence",
            Kind.HOLIDAY: "Holiday",
            Kind.INTERRUPTION: "Interruption",
            Kind.SUBSTITUTION: "Substitution",
            Kind.ASSIGNMENT: "Assignment",
            Kind.CHECKIN: "Check-in",
            Kind.NOTICE: "Notice",
        },
    ),
    "fr": Words(
        cancelled="Annulé : ",
        absent="Absent(e)",
        teacher="Enseignant",
        group="Groupe",
        period="Heure de cours",
        kinds={
            Kind.LESSON: "Cours",
            Kind.EXAM: "Examen",
            Kind.HOMEWORK: "Devoirs",
            Kind.ABSENCE: "Absence",
            Kind.HOLIDAY: "Vacances",
            Kind.INTERRUPTION: "Interruption",
            Kind.SUBSTITUTION: "Remplacement",
            Kind.ASSIGNMENT: "Affectation",
            Kind.CHECKIN: "Check-in",
            Kind.NOTICE: "Message",
        },
    ),
}
