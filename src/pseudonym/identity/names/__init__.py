"""Names of persons, comparable across spellings (docs/spec.md, sections 4.1 and 4.2).

`read_name` returns a `Name`: its words in plain letters, its sounds, its bigrams and the form of the Swedish register.
`read_whole_name` splits a name that stands in one column. `is_phrase` and `is_statement` recognise persons without one.
"""

from pseudonym.identity.names.name import Name, read_name
from pseudonym.identity.names.phonetics import sound
from pseudonym.identity.names.placeholders import is_phrase, is_statement
from pseudonym.identity.names.spelling import MAX_WORDS, words
from pseudonym.identity.names.whole import read_whole_name

__all__ = ["MAX_WORDS", "Name", "is_phrase", "is_statement", "read_name", "read_whole_name", "sound", "words"]
