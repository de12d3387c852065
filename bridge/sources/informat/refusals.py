"""Why Informat refuses what is written, in sentences for the person who wants it.

The codes are those of the appendix of the API's document. Codes in lower case are of Roosterbridge, for what it does
not even send.
"""

from collections.abc import Mapping

from bridge.errors import Refused

NO_ASSIGNMENT = "no-assignment"
TOO_LONG = "too-long"
_ASK_NL = "Vraag het de beheerder."
_ASK_EN = "Ask the operator."
_ASK_FR = "Demandez au gestionnaire."
_COLUMNS = ("nl", "en", "fr")

_SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "BR001": (
        f"Je personeelsnummer is niet geldig. {_ASK_NL}",
        f"Your personId is not valid. {_ASK_EN}",
        f"Votre numéro de membre du personnel n'est pas valable. {_ASK_FR}",
    ),
    "BR002": (
        "Het nummer van de afwezigheid is niet geldig.",
        "The id of the absence is not valid.",
        "Le numéro de l'absence n'est pas valable.",
    ),
    "BR003A": (
        f"Het instellingsnummer ontbreekt. {_ASK_NL}",
        f"The number of the institute is missing. {_ASK_EN}",
        f"Le numéro d'établissement manque. {_ASK_FR}",
    ),
    "BR004A": (
        "Het schooljaar ontbreekt.",
        "The school year is missing.",
        "L'année scolaire manque.",
    ),
    "BR004B": (
        "Het schooljaar is niet geldig.",
        "The school year is not valid.",
        "L'année scolaire n'est pas valable.",
    ),
    "BR005A": (
        "De structuur van de school (zoals 311) ontbreekt.",
        "The structure of the school (such as 311) is missing.",
        "La structure de l'école (comme 311) manque.",
    ),
    "BR005B": (
        "De structuur van de school heeft drie cijfers, zoals 311.",
        "The structure of the school has three digits, such as 311.",
        "La structure de l'école a trois chiffres, comme 311.",
    ),
    "BR006A": (
        "De soort afwezigheid ontbreekt.",
        "The sort of absence is missing.",
        "Le type d'absence manque.",
    ),
    "BR006B": (
        "Deze soort afwezigheid kan niet gemeld worden; alleen ziekte (code 1).",
        "This sort of absence cannot be reported; only illness (code 1) can.",
        "Ce type d'absence ne peut pas être signalé ; seulement la maladie (code 1).",
    ),
    "BR007A": (
        "De eerste dag ontbreekt.",
        "The first day is missing.",
        "Le premier jour manque.",
    ),
    "BR008A": (
        "De laatste dag ontbreekt.",
        "The last day is missing.",
        "Le dernier jour manque.",
    ),
    "BR008B": (
        "De laatste dag ligt vóór de eerste.",
        "The last day is before the first one.",
        "Le dernier jour précède le premier.",
    ),
    "BR009": (
        "De opmerking is te lang: hoogstens 500 tekens.",
        "The remark is too long: at most 500 characters.",
        "La remarque est trop longue : 500 caractères au plus.",
    ),
    "BR010": (
        "De naam van de arts is te lang: hoogstens 75 tekens.",
        "The name of the doctor is too long: at most 75 characters.",
        "Le nom du médecin est trop long : 75 caractères au plus.",
    ),
    "BR011": (
        "Het telefoonnummer van de arts is te lang: hoogstens 20 tekens.",
        "The phone number of the doctor is too long: at most 20 characters.",
        "Le numéro de téléphone du médecin est trop long : 20 caractères au plus.",
    ),
    "BR012A": (
        f"De afzender ontbreekt. {_ASK_NL}",
        f"The sender is missing. {_ASK_EN}",
        f"L'expéditeur manque. {_ASK_FR}",
    ),
    "BR012B": (
        f"De naam van de afzender is te lang. {_ASK_NL}",
        f"The name of the sender is too long. {_ASK_EN}",
        f"Le nom de l'expéditeur est trop long. {_ASK_FR}",
    ),
    "BR013": (
        "De school heeft dit schooljaar of deze structuur niet open voor meldingen.",
        "The school does not take reports for this school year or structure.",
        "L'école n'accepte pas de déclarations pour cette année scolaire ou cette structure.",
    ),
    "BR014": (
        f"De school kent je niet als personeelslid. {_ASK_NL}",
        f"The school does not know you as an employee. {_ASK_EN}",
        f"L'école ne vous connaît pas comme membre du personnel. {_ASK_FR}",
    ),
    "BR015": (
        "Het nummer van de bijlage is niet geldig.",
        "The id of the attachment is not valid.",
        "Le numéro de la pièce jointe n'est pas valable.",
    ),
    "BR016A": (
        "De bijlage heeft geen naam.",
        "The attachment has no name.",
        "La pièce jointe n'a pas de nom.",
    ),
    "BR016B": (
        "De naam van de bijlage is te lang: hoogstens 100 tekens.",
        "The name of the attachment is too long: at most 100 characters.",
        "Le nom de la pièce jointe est trop long : 100 caractères au plus.",
    ),
    "BR016C": (
        (
            "Dit soort bestand neemt de school niet aan; wel: bmp, jpg, jpeg, png, gif, svg, doc, docx, xls, xlsx, "
            "txt, zip en pdf, met een inhoud die bij de naam past."
        ),
        (
            "The school does not take this sort of file; it takes bmp, jpg, jpeg, png, gif, svg, doc, docx, xls, xlsx, "
            "txt, zip and pdf, with contents that fit the name."
        ),
        (
            "L'école n'accepte pas ce type de fichier ; elle accepte bmp, jpg, jpeg, png, gif, svg, doc, docx, xls, "
            "xlsx, txt, zip et pdf, avec un contenu qui correspond au nom."
        ),
    ),
    "BR017A": (
        "De bijlage is leeg.",
        "The attachment is empty.",
        "La pièce jointe est vide.",
    ),
    "BR017B": (
        "De bijlage is te groot: hoogstens 10 MB.",
        "The attachment is too large: at most 10 MB.",
        "La pièce jointe est trop grande : 10 Mo au plus.",
    ),
    "BR018": (
        "De school heeft deze afwezigheid niet (meer).",
        "The school does not have this absence (any more).",
        "L'école n'a pas (ou plus) cette absence.",
    ),
    "BR019": (
        "De school heeft deze bijlage niet (meer) bij deze afwezigheid.",
        "The school does not have this attachment of this absence (any more).",
        "L'école n'a pas (ou plus) cette pièce jointe à cette absence.",
    ),
    "BR020": (
        "Een nummer is van een telefoon of van een gsm.",
        "A number is that of a phone or of a mobile.",
        "Un numéro est celui d'un téléphone ou d'un GSM.",
    ),
    "BR021": (
        "Dit type nummer kent de school niet.",
        "The school does not know this type of number.",
        "L'école ne connaît pas ce type de numéro.",
    ),
    "BR022": (
        "Het nummer ontbreekt.",
        "The number is missing.",
        "Le numéro manque.",
    ),
    "BR023": (
        "Dit is geen telefoonnummer zoals de school het schrijft, bijvoorbeeld 0496 10 12 14.",
        "This is not a phone number as the school writes it, such as 0496 10 12 14.",
        "Ce n'est pas un numéro de téléphone comme l'école l'écrit, par exemple 0496 10 12 14.",
    ),
    "BR024": (
        f"Je bent niet actief in deze school. {_ASK_NL}",
        f"You are not active at this school. {_ASK_EN}",
        f"Vous n'êtes pas actif dans cette école. {_ASK_FR}",
    ),
    "BR025": (
        "De school heeft al een nummer van deze soort en dit type.",
        "The school has a number of this kind and type already.",
        "L'école a déjà un numéro de cette sorte et de ce type.",
    ),
    "BR026": (
        "De school heeft dit nummer al.",
        "The school has this number already.",
        "L'école a déjà ce numéro.",
    ),
    "BR027": (
        "De id van het nummer is niet geldig.",
        "The id of the number is not valid.",
        "L'identifiant du numéro n'est pas valable.",
    ),
    "BR028": (
        "De school heeft dit nummer niet (meer).",
        "The school does not have this number (any more).",
        "L'école n'a pas (ou plus) ce numéro.",
    ),
    "MNA001": (
        "Deze afwezigheid hoort bij een andere school, een ander schooljaar of een andere structuur.",
        "This absence belongs to another school, school year or structure.",
        "Cette absence appartient à une autre école, année scolaire ou structure.",
    ),
    "MNA002": (
        "Deze afwezigheid is van iemand anders.",
        "This absence is somebody else's.",
        "Cette absence est celle de quelqu'un d'autre.",
    ),
    "MNA003": (
        "De afwezigheid is al aan AgODi gezonden: structuur, soort en dagen liggen vast. Bel de school.",
        "The absence has been sent to AgODi: structure, sort and days cannot change any more. Call the school.",
        "L'absence a déjà été envoyée à AgODi : structure, type et jours ne peuvent plus changer. Appelez l'école.",
    ),
    "MNA004": (
        "Er is al een vervanging: structuur en dagen kunnen niet meer veranderen. Bel de school.",
        "There is a substitution already: structure and days cannot change any more. Call the school.",
        "Il y a déjà un remplacement : structure et jours ne peuvent plus changer. Appelez l'école.",
    ),
    "MNA005": (
        "Er is al een afwezigheid van jou in deze dagen.",
        "You have an absence in these days already.",
        "Vous avez déjà une absence ces jours-là.",
    ),
    "MNA006": (
        "De nieuwe dagen vallen samen met een andere afwezigheid van jou.",
        "The new days overlap another absence of yours.",
        "Les nouveaux jours chevauchent une autre de vos absences.",
    ),
    "MNA007": (
        "Deze bijlage hoort bij iemand anders.",
        "This attachment belongs to somebody else.",
        "Cette pièce jointe appartient à quelqu'un d'autre.",
    ),
    "MNA008": (
        "Deze afwezigheid heeft de school zelf ingevoerd en kan alleen daar ingetrokken worden.",
        "The school entered this absence itself, and only the school can withdraw it.",
        "L'école a introduit cette absence elle-même et elle seule peut la retirer.",
    ),
    "MNA009": (
        "Het secretariaat heeft de afwezigheid al nagekeken: intrekken kan niet meer. Bel de school.",
        "The secretariat has verified the absence already: it cannot be withdrawn any more. Call the school.",
        "Le secrétariat a déjà vérifié l'absence : elle ne peut plus être retirée. Appelez l'école.",
    ),
    "MNA010": (
        "De afwezigheid is al aan AgODi gezonden: intrekken kan niet meer. Bel de school.",
        "The absence has been sent to AgODi: it cannot be withdrawn any more. Call the school.",
        "L'absence a déjà été envoyée à AgODi : elle ne peut plus être retirée. Appelez l'école.",
    ),
    "MNA011": (
        "Er is al een vervanging: intrekken kan niet meer. Bel de school.",
        "There is a substitution already: it cannot be withdrawn any more. Call the school.",
        "Il y a déjà un remplacement : elle ne peut plus être retirée. Appelez l'école.",
    ),
    NO_ASSIGNMENT: (
        "Je hebt in deze dagen geen opdracht aan deze school.",
        "You have no assignment at this school in these days.",
        "Vous n'avez pas de charge dans cette école ces jours-là.",
    ),
    TOO_LONG: (
        "Een afwezigheid duurt hier hoogstens twee jaar.",
        "An absence takes at most two years here.",
        "Une absence dure ici deux ans au plus.",
    ),
}
CODES = tuple(code for code in _SENTENCES if code.isupper())
"""All codes of the document, in its order."""


def explain(code: str, language: str) -> str | None:
    """The sentence of a code in a language; `None` if the code is unknown."""
    sentences = _SENTENCES.get(code.upper()) or _SENTENCES.get(code)
    return None if sentences is None else sentences[_COLUMNS.index(language)]


def refusal(code: str) -> Refused:
    """What is refused here, as Informat would refuse it."""
    return Refused(explain(code, "en") or "", code)
