"""As much of the Common Expression Language as the rules in deploy/crds use; anything else is an error, never a guess.

    holds(rule, self=..., oldSelf=...)     True, False, or raises Fault (a rule that fails on a value refuses it)

Values are JSON's. A field that is null counts as absent, as the API server drops nulls before it asks.
"""
import re

TOKEN = re.compile(r"""\s*(?:(?P<number>\d+\.\d+|\d+)|(?P<text>'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_]\w*)
                       |(?P<sign>&&|\|\||==|!=|<=|>=|[-+<>!?:.,()\[\]]))""", re.VERBOSE)


class Fault(Exception):
    """A value that the rule can't be asked about: an absent field, a text that is no number."""


def tokens(rule):
    at, found = 0, []
    rule = rule.rstrip()
    while at < len(rule):
        match = TOKEN.match(rule, at)
        if not match:
            raise SyntaxError(f"{rule!r}: what is this at {at}?")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found + [("end", "")]


class Parser:
    """Recursive descent into closures that take the variables."""

    def __init__(self, rule):
        self.rule, self.tokens, self.at = rule, tokens(rule), 0

    def whole(self):
        found = self.choice()
        if self.tokens[self.at][0] != "end":
            raise SyntaxError(f"{self.rule!r}: {self.tokens[self.at][1]!r} is too much")
        return found

    def take(self, *signs):
        kind, text = self.tokens[self.at]
        if kind == "sign" and text in signs:
            self.at += 1
            return text
        return None

    def need(self, sign):
        if not self.take(sign):
            raise SyntaxError(f"{self.rule!r}: {sign!r} is missing before {self.tokens[self.at][1]!r}")

    def name(self):
        kind, text = self.tokens[self.at]
        if kind != "name":
            raise SyntaxError(f"{self.rule!r}: {text!r} is no name")
        self.at += 1
        return text

    def choice(self):
        condition = self.either()
        if not self.take("?"):
            return condition
        yes = self.either()
        self.need(":")
        no = self.choice()
        return lambda v: yes(v) if condition(v) else no(v)

    def either(self):
        left = self.both()
        while self.take("||"):
            left = self.joined(left, self.both(), True)
        return left

    def both(self):
        left = self.relation()
        while self.take("&&"):
            left = self.joined(left, self.relation(), False)
        return left

    @staticmethod
    def joined(left, right, decisive):
        """Either side decides alone, even where the other one faults."""
        def run(v):
            try:
                if left(v) is decisive:
                    return decisive
            except Fault:
                if right(v) is decisive:
                    return decisive
                raise
            return right(v)
        return run

    def relation(self):
        left = self.sum()
        sign = self.take("==", "!=", "<=", ">=", "<", ">")
        if not sign:
            return left
        right = self.sum()
        compare = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
                   "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}[sign]

        def run(v):
            a, b = left(v), right(v)
            if type(a) is not type(b):
                raise Fault(f"{a!r} {sign} {b!r}: other types")
            return compare(a, b)
        return run

    def sum(self):
        left = self.unary()
        while self.take("+"):
            left = (lambda a, b: lambda v: a(v) + b(v))(left, self.unary())
        return left

    def unary(self):
        if self.take("!"):
            inner = self.unary()
            return lambda v: not inner(v)
        return self.member()

    def member(self):
        found = self.primary()
        while self.take("."):
            name = self.name()
            found = self.method(found, name) if self.take("(") else Selection(found, name)
        return found

    def method(self, target, name):
        if name in ("all", "exists"):
            variable = self.name()
            self.need(",")
            body = self.choice()
            self.need(")")
            fold = all if name == "all" else any
            return lambda v: fold([body({**v, variable: item}) for item in target(v)])
        argument = self.choice()
        self.need(")")
        if name == "matches":
            return lambda v: re.search(argument(v), target(v)) is not None
        if name == "startsWith":
            return lambda v: target(v).startswith(argument(v))
        raise SyntaxError(f"{self.rule!r}: {name}() is not known here")

    def primary(self):
        kind, text = self.tokens[self.at]
        if self.take("("):
            inner = self.choice()
            self.need(")")
            return inner
        self.at += 1
        if kind == "number":
            value = float(text) if "." in text else int(text)
            return lambda v: value
        if kind == "text":
            value = re.sub(r"\\(.)", r"\1", text[1:-1])
            return lambda v: value
        if kind != "name":
            raise SyntaxError(f"{self.rule!r}: {text!r} begins nothing")
        if text in ("true", "false"):
            return lambda v: text == "true"
        if self.take("("):
            inner = self.choice()
            self.need(")")
            return self.function(text, inner)
        return lambda v: v[text]

    def function(self, name, inner):
        if name == "has":
            if not isinstance(inner, Selection):
                raise SyntaxError(f"{self.rule!r}: has() asks for a field")
            return inner.is_there
        calls = {"size": len, "double": number, "int": whole}
        if name not in calls:
            raise SyntaxError(f"{self.rule!r}: {name}() is not known here")
        return lambda v: calls[name](inner(v))


class Selection:
    """x.field; that x itself is there is not asked, so has(a.b.c) faults without a.b."""

    def __init__(self, parent, field):
        self.parent, self.field = parent, field

    def is_there(self, variables):
        value = self.parent(variables)
        if not isinstance(value, dict):
            raise Fault(f"{value!r} has no fields")
        return value.get(self.field) is not None

    def __call__(self, variables):
        if not self.is_there(variables):
            raise Fault(f"there is no {self.field}")
        return self.parent(variables)[self.field]


def number(value):
    try:
        return float(value)
    except ValueError as wrong:
        raise Fault(str(wrong)) from None


def whole(value):
    try:
        return int(value)
    except (ValueError, OverflowError) as wrong:
        raise Fault(str(wrong)) from None


def holds(rule, **variables):
    return Parser(rule).whole()(variables)
