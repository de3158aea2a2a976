"""What the generated pages say themselves, in both languages; all else is said in the words of the program."""

import re
from collections.abc import Mapping
from typing import Final

from app.foundation.counted import Counted
from app.foundation.language import Language

_SENTENCES: Final[Mapping[str, Mapping[Language, str]]] = {
    "rules": {"en": "Decision rules", "fr": "Règles de décision"},
    "intro": {
        "en": "Everything that is installed here, each with its options, its sentences and a worked example.",
        "fr": "Tout ce qui est installé ici, avec pour chaque règle ses options, ses phrases et un exemple.",
    },
    "rule": {"en": "rule", "fr": "règle"},
    "version": {"en": "version", "fr": "version"},
    "meaning": {"en": "what it does", "fr": "ce qu'elle fait"},
    "marked": {"en": "what people mark", "fr": "ce que l'on marque"},
    "pinned": {
        "en": "`{slug}`, version {version}. Digest of its reference cases, which every process pins: `{digest}`.",
        "fr": "`{slug}`, version {version}. Empreinte de ses cas de référence, fixée par chaque décision : `{digest}`.",
    },
    "more": {"en": "[Step by step]({page})", "fr": "[Pas à pas]({page}) (en anglais)"},
    "said": {"en": "What is said", "fr": "Ce qui se dit"},
    "form": {"en": "form", "fr": "formulaire"},
    "who": {"en": "who", "fr": "qui"},
    "values": {"en": "what may be said", "fr": "ce que l'on peut dire"},
    "options": {"en": "Options", "fr": "Options"},
    "option": {"en": "option", "fr": "option"},
    "kind": {"en": "kind", "fr": "nature"},
    "default": {"en": "default", "fr": "par défaut"},
    "description": {"en": "what it sets", "fr": "ce qu'elle règle"},
    "of": {"en": "Inside `{name}`:", "fr": "Dans `{name}` :"},
    "sentences": {"en": "What it can say", "fr": "Ce qu'elle peut dire"},
    "shared": {"en": "As every rule of its family:", "fr": "Comme toutes les règles de sa famille :"},
    "within": {
        "en": "Its forms, and in its reference cases those of the rules within it.",
        "fr": "Ses formulaires et, dans ses cas de référence, ceux des règles qu'elle contient.",
    },
    "as_within": {"en": "what the rule within asks for", "fr": "ce que demande la règle qu'elle contient"},
    "code": {"en": "code", "fr": "code"},
    "sentence": {"en": "sentence", "fr": "phrase"},
    "claims": {"en": "What it promises", "fr": "Ce qu'elle promet"},
    "anonymous": {
        "en": "Who cast which ballot does not matter.",
        "fr": "Peu importe qui a déposé quel bulletin.",
    },
    "monotone": {
        "en": "Somebody who moves in favour of the proposal never makes it fail.",
        "fr": "Qui change d'avis en faveur de la proposition ne la fait jamais échouer.",
    },
    "neutral": {
        "en": "What an option is called, and where it stands on the ballot, does not matter.",
        "fr": "Peu importent le nom d'une option et sa place sur le bulletin.",
    },
    "example": {"en": "A worked example", "fr": "Un exemple"},
    "choice": {"en": "one of: {of}", "fr": "au choix : {of}"},
    "share": {"en": "exact share, such as `2/3`", "fr": "part exacte, comme `2/3`"},
    "duration": {"en": "duration, such as `P3D` or `PT48H`", "fr": "durée, comme `P3D` ou `PT48H`"},
    "period": {"en": "period, such as `P6M`", "fr": "période, comme `P6M`"},
    "integer": {"en": "whole number", "fr": "nombre entier"},
    "from_to": {"en": "whole number from {low} to {high}", "fr": "nombre entier de {low} à {high}"},
    "from": {"en": "whole number from {low} on", "fr": "nombre entier à partir de {low}"},
    "boolean": {"en": "yes or no", "fr": "oui ou non"},
    "inner": {"en": "a rule with its options", "fr": "une règle avec ses options"},
    "text": {"en": "name", "fr": "nom"},
    "list": {"en": "list: {of}", "fr": "liste : {of}"},
    "mapping": {"en": "for each name: {of}", "fr": "pour chaque nom : {of}"},
    "below": {"en": "see below", "fr": "voir ci-dessous"},
    "or": {"en": ", or ", "fr": ", ou "},
    "pair": {"en": "{left}: {right}", "fr": "{left} : {right}"},
    "semicolon": {"en": "; ", "fr": " ; "},
    "yes": {"en": "yes", "fr": "oui"},
    "no": {"en": "no", "fr": "non"},
    "empty": {"en": "empty", "fr": "vide"},
    "required": {"en": "to be set", "fr": "à fixer"},
    "one": {"en": "one option", "fr": "une option"},
    "approval": {"en": "options, as `apple,pear`", "fr": "des options, comme `apple,pear`"},
    "ranking": {"en": "a ranking, as `pear>apple>fig`", "fr": "un classement, comme `pear>apple>fig`"},
    "rating": {
        "en": "points from {low} to {high}, as `apple:{high},fig:{low}`",
        "fr": "des points de {low} à {high}, comme `apple:{high},fig:{low}`",
    },
    "equal": {"en": "equal ranks as `pear>apple=fig`", "fr": "des rangs égaux comme `pear>apple=fig`"},
    "budget": {
        "en": "the squares of the points add up to {budget} at most",
        "fr": "la somme des carrés des points ne dépasse pas {budget}",
    },
    "least": {"en": "{least} at least", "fr": "{least} au moins"},
    "most": {"en": "{most} at most", "fr": "{most} au plus"},
    "or_alone": {"en": "or {alone}", "fr": "ou {alone}"},
    "words": {"en": "free", "fr": "libre"},
    "electors": {"en": "everybody who may vote", "fr": "toutes les personnes consultées"},
    "members": {"en": "every member", "fr": "tous les membres"},
    "proposer": {"en": "who proposes", "fr": "qui propose"},
    "named": {"en": "the people named", "fr": "les personnes désignées"},
    "facilitator": {"en": "the facilitator", "fr": "la facilitation"},
    "chair": {"en": "the chair", "fr": "la présidence"},
    "meeting": {"en": "the meeting", "fr": "la réunion"},
    "assembly": {"en": "the assembly", "fr": "l'assemblée"},
    "broader_circle": {"en": "the broader circle", "fr": "le cercle plus large"},
    "lots": {"en": "the lots", "fr": "le tirage au sort"},
    "people": {
        "en": "{people:# person is|# people are} asked; {proposer} proposes.",
        "fr": "{people:# personne est consultée|# personnes sont consultées} ; {proposer} propose.",
    },
    "college": {"en": "college {name}: {people}", "fr": "collège {name} : {people}"},
    "heads": {"en": "{people:# person|# people}", "fr": "{people:# personne|# personnes}"},
    "set": {"en": "Set: {options}.", "fr": "Réglage : {options}."},
    "unset": {"en": "Every option is as it is by default.", "fr": "Chaque option est à sa valeur par défaut."},
    "on_ballot": {"en": "On the ballot: {options}.", "fr": "Sur le bulletin : {options}."},
    "nothing": {"en": "Nobody says anything.", "fr": "Personne ne dit rien."},
    "about": {"en": "about what {by} said", "fr": "à propos de ce qu'a dit {by}"},
    "deadline": {"en": "The time is up.", "fr": "Le délai est écoulé."},
    "complete": {"en": "Everybody has answered.", "fr": "Tout le monde a répondu."},
    "woken": {"en": "With this word the step ends.", "fr": "Cette parole met fin à l'étape."},
    "shrunk": {"en": "Somebody has left.", "fr": "Une personne est partie."},
    "end": {"en": "The outcome", "fr": "Le résultat"},
    "adopted": {"en": "adopted", "fr": "adoptée"},
    "not_adopted": {"en": "not adopted", "fr": "non adoptée"},
    "elected": {"en": "elected", "fr": "choix arrêté"},
    "not_elected": {"en": "nothing elected", "fr": "aucun choix"},
    "tied": {"en": "a tie", "fr": "égalité"},
    "invalid": {"en": "invalid", "fr": "nul"},
    "lapsed": {"en": "lapsed", "fr": "caduque"},
    "M": {"en": "{n:# minute|# minutes}", "fr": "{n:# minute|# minutes}"},
    "H": {"en": "{n:# hour|# hours}", "fr": "{n:# heure|# heures}"},
    "D": {"en": "{n:# day|# days}", "fr": "{n:# jour|# jours}"},
    "W": {"en": "{n:# week|# weeks}", "fr": "{n:# semaine|# semaines}"},
    "months": {"en": "{n:# month|# months}", "fr": "{n:# mois|# mois}"},
    "Y": {"en": "{n:# year|# years}", "fr": "{n:# an|# ans}"},
    "rest": {"en": "what time was left", "fr": "le temps qui restait"},
    "until": {"en": "until it is done", "fr": "jusqu'à ce que ce soit fait"},
    "permissions": {"en": "Who may do what", "fr": "Qui peut faire quoi"},
    "permission": {"en": "right", "fr": "droit"},
    "means": {"en": "what it lets you do", "fr": "ce qu'il permet"},
    "belongs": {"en": "belongs to whoever", "fr": "appartient à qui"},
    "events": {"en": "What the log says", "fr": "Ce que dit le journal"},
    "stream": {"en": "stream", "fr": "fil"},
    "field": {"en": "field", "fr": "champ"},
    "sight": {"en": "in the log", "fr": "dans le journal"},
    "open": {"en": "in the open", "fr": "en clair"},
    "coded": {"en": "as a digest, with a disclosure that stays", "fr": "en empreinte, avec une annexe qui reste"},
    "personal": {
        "en": "as a digest, with a disclosure that can be erased ({about})",
        "fr": "en empreinte, avec une annexe effaçable ({about})",
    },
    "problems": {"en": "What a refusal means", "fr": "Ce que veut dire un refus"},
}
_ISO: Final = re.compile(r"([0-9]+)([YMWDH])|T")


def known(key: str) -> bool:
    """Whether there are words for it."""
    return key in _SENTENCES


def say(key: str, language: Language, **facts: object) -> str:
    """What the pages say in one language."""
    return Counted(language).fill(_SENTENCES[key][language], facts)


def pair(left: str, right: str, language: Language) -> str:
    """A name and what belongs to it."""
    return say("pair", language, left=left, right=right)


def lasting(duration: str | None, language: Language) -> str:
    """An ISO 8601 duration, or what stands for one, as people say it."""
    if duration is None:
        return say("until", language)
    if not duration.startswith("P"):
        return say(duration, language)
    said, in_clock = [], False
    for part in _ISO.finditer(duration):
        if part[0] == "T":
            in_clock = True
        else:
            unit = "months" if part[2] == "M" and not in_clock else part[2]
            said.append(say(unit, language, n=int(part[1])))
    return " ".join(said)
