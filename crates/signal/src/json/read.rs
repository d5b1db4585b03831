//! A text, piece by piece: the grammar of RFC 8259, without any type.

use super::Flaw;
use std::borrow::Cow;
use std::str::FromStr;

/// A text, and how far it was read.
pub(crate) struct Reader<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl<'a> Reader<'a> {
    /// At its beginning.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte, as it is; 0 at the end.
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The first byte of the next piece, behind white space; 0 at the end.
    pub(super) fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte()
    }

    /// Reads this byte, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.byte() == byte;
        self.at += usize::from(there);
        there
    }

    /// Reads these, which must be next.
    fn word(&mut self, word: &str) -> Result<(), Flaw> {
        word.bytes().all(|byte| self.eat(byte)).then_some(()).ok_or(Flaw::Syntax)
    }

    /// What was read since.
    fn since(&self, start: usize) -> Result<&'a str, Flaw> {
        self.text.get(start..self.at).ok_or(Flaw::Syntax)
    }

    /// Nothing but white space may be left.
    pub(super) fn end(&mut self) -> Result<(), Flaw> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { Err(Flaw::Syntax) }
    }

    /// Reads an opening bracket.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), Flaw> {
        let next = self.peek();
        if self.eat(bracket) {
            Ok(())
        } else if next == 0 {
            Err(Flaw::Syntax)
        } else {
            Err(Flaw::Type)
        }
    }

    /// Whether another part follows before the closing bracket; reads what is between, or that.
    pub(super) fn more(&mut self, end: u8, first: bool) -> Result<bool, Flaw> {
        self.peek();
        if self.eat(end) {
            Ok(false)
        } else if first || self.eat(b',') {
            Ok(true)
        } else {
            Err(Flaw::Syntax)
        }
    }

    /// Reads what is between a name and its value.
    pub(super) fn colon(&mut self) -> Result<(), Flaw> {
        self.peek();
        self.word(":")
    }

    /// Reads `null`, if it is next.
    pub(super) fn null(&mut self) -> Result<bool, Flaw> {
        if self.peek() == b'n' { self.word("null").map(|()| true) } else { Ok(false) }
    }

    /// Reads `true` or `false`.
    pub(super) fn bool(&mut self) -> Result<bool, Flaw> {
        match self.peek() {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => Err(Flaw::Type),
        }
    }

    /// Reads a whole number.
    pub(super) fn number<T: FromStr>(&mut self) -> Result<T, Flaw> {
        self.peek();
        let start = self.at;
        self.skip_number()?;
        let number = self.since(start)?;
        // That is a float.
        if number == "-0" { Err(Flaw::Type) } else { number.parse().map_err(|_| Flaw::Type) }
    }

    /// Reads digits, of which there must be one at least.
    fn digits(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Flaw::Syntax) }
    }

    fn skip_number(&mut self) -> Result<(), Flaw> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'-') || self.eat(b'+');
            self.digits()?;
        }
        Ok(())
    }

    /// Reads a string. It is copied only if something in it is escaped.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Flaw> {
        self.open(b'"')?;
        let mut whole = Cow::Borrowed("");
        loop {
            let start = self.at;
            while !matches!(self.byte(), b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            whole += self.since(start)?;
            if self.eat(b'"') {
                return Ok(whole);
            }
            self.word("\\")?;
            whole.to_mut().push(self.escaped()?);
        }
    }

    /// Reads a string that nobody asks for: what it says need not make sense.
    fn skip_string(&mut self) -> Result<(), Flaw> {
        self.open(b'"')?;
        while !self.eat(b'"') {
            let byte = self.byte();
            self.at += 1;
            match byte {
                0..0x20 => return Err(Flaw::Syntax),
                b'\\' if self.eat(b'u') => self.hex().map(drop)?,
                b'\\' => self.escaped().map(drop)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads what follows a backslash.
    fn escaped(&mut self) -> Result<char, Flaw> {
        let kind = self.byte();
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if let 0xd800..0xdc00 = first {
                    self.word("\\u")?;
                    let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                    let low = second.ok_or(Flaw::Syntax)?;
                    char::from_u32(0x10000 + ((first - 0xd800) << 10) + low).ok_or(Flaw::Syntax)?
                } else {
                    char::from_u32(first).ok_or(Flaw::Syntax)?
                }
            }
            _ => return Err(Flaw::Syntax),
        })
    }

    /// Reads four hexadecimal digits.
    fn hex(&mut self) -> Result<u32, Flaw> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.byte()).to_digit(16).ok_or(Flaw::Syntax)?;
            self.at += 1;
        }
        Ok(code)
    }

    /// Reads any value; its text. Brackets may be nested as deeply as the text is long: no stack is used for them.
    pub(super) fn skip(&mut self) -> Result<&'a str, Flaw> {
        self.peek();
        let start = self.at;
        let mut ends: Vec<u8> = Vec::new();
        loop {
            let mut first = false;
            match self.peek() {
                open @ (b'[' | b'{') => {
                    ends.push(if open == b'[' { b']' } else { b'}' });
                    self.at += 1;
                    first = true;
                }
                b'"' => self.skip_string()?,
                b't' | b'f' => self.bool().map(drop)?,
                b'n' => self.null().map(drop)?,
                _ => self.skip_number()?,
            }
            loop {
                let Some(end) = ends.last().copied() else { return self.since(start) };
                if self.more(end, first)? {
                    if end == b'}' {
                        self.skip_string()?;
                        self.colon()?;
                    }
                    break;
                }
                ends.pop();
                first = false;
            }
        }
    }
}
