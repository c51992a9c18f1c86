"""A place in the tokens of a statement, and the few ways to go on from it."""

from collections.abc import Iterator, Sequence

from programs.sql.tokens import Token


class Refused(Exception):
    """A statement that is not let through. ``hostile``: it is known to do harm; else it is only not understood."""

    def __init__(self, reason: str, *, hostile: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hostile = hostile


class Reading:
    """Tokens of one statement in one of its readings, and where we are in them. ``take_…`` go on and tell whether."""

    def __init__(self, tokens: Sequence[Token], place: int = 0) -> None:
        self.tokens = tokens
        self.place = place

    @property
    def token(self) -> Token | None:
        """What stands here; None at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self.place >= len(self.tokens)

    @property
    def word(self) -> str | None:
        """The word that stands here, in capitals; None for a name in quotes, a string or a mark."""
        token = self.token
        return token.text.decode(errors="replace") if token is not None and token.kind == "word" else None

    @property
    def identifier(self) -> str | None:
        """The name that stands here, with or without quotes; None for anything else."""
        return self.token.name if self.token is not None else None

    @property
    def shown(self) -> str:
        """What stands here, for a message."""
        return self.token.raw[:40].decode(errors="replace") if self.token is not None else "its end"

    def skip(self) -> None:
        """Go on by one token."""
        self.place += 1

    def is_word(self, *words: str) -> bool:
        """Tell whether one of these words stands here."""
        return self.word in words

    def is_mark(self, mark: str) -> bool:
        """Tell whether this mark stands here."""
        return self.token is not None and self.token.kind == "mark" and self.token.text == mark.encode()

    def take_word(self, word: str) -> bool:
        """Take this word."""
        found = self.word == word
        self.place += found
        return found

    def take_any_word(self, *words: str) -> str | None:
        """Take one of these words, and return it."""
        word = self.word
        if word not in words:
            return None
        self.place += 1
        return word

    def take_words(self, *words: str) -> bool:
        """Take these words, all of them or none."""
        begin = self.place
        if all(self.take_word(word) for word in words):
            return True
        self.place = begin
        return False

    def take_mark(self, mark: str) -> bool:
        """Take this mark."""
        found = self.is_mark(mark)
        self.place += found
        return found

    def take_string(self) -> bool:
        """Take a string, and those that follow it."""
        begin = self.place
        while self.token is not None and self.token.kind == "string":
            self.place += 1
        return self.place > begin

    def take_plain(self) -> bool:
        """Take a number, a word or a name."""
        begin = self.place
        self.take_mark("-")
        if self.identifier is None:
            self.place = begin
            return False
        self.place += 1
        return True

    def take_name(self) -> str | None:
        """Take an identifier, and return it."""
        name = self.identifier
        self.place += name is not None
        return name

    def take_brackets(self) -> Iterator[tuple[Token, bytes]]:
        """Take what stands between brackets, which begin here, with what follows each token. Raise Refused when they do
        not end."""
        depth = 0
        while self.token is not None:
            token = self.token
            self.place += 1
            following = self.token.text if self.token is not None else b""
            if token.kind == "mark" and token.text in (b"(", b")"):
                depth += 1 if token.text == b"(" else -1
            yield token, following
            if depth == 0:
                return
        raise Refused("it has a bracket that does not end")
