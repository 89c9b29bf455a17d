//! Text to tokens that know their role, whatever the text is like.
//!
//! The parser says what a query means and stops where the syntax is wrong; people type, and texts are wrong most of the time.
//! So this reads on: it never fails, takes time linear in the text, and decides by position what something is meant to be.
//! Nothing depends on it for the meaning of a query.

use crate::query::rules::KEYS;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A text, number or name; block texts (`|`) are two of them, the sign and the lines.
    Scalar(Style),
    /// `-` before an entry of a list.
    Dash,
    /// `:` after a key.
    Colon,
    /// `,` between brackets.
    Comma,
    /// `[` or `{`.
    Open,
    /// `]` or `}`.
    Close,
    /// From `#` to the end of the line.
    Comment,
    /// `---`, `...` or a line that begins with `%`.
    Mark,
    /// What can stand nowhere: anchors, aliases, tags, tabs that indent, signs that need quotes.
    Wrong,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// In quotes that are not closed.
    Open,
    /// With `|` or `>`.
    Block,
}

/// What a token is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `want`, `exclude`, `include_obsolete`, or what stands where they belong.
    TopKey,
    /// The name of a rule, or what stands where one belongs.
    Rule,
    /// An argument.
    Value,
    /// Nothing that a query has.
    Other,
}

/// A part of the text. What lies between two of them is white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// What it is there for.
    pub role: Role,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
    /// Its line, from 0.
    pub line: usize,
    /// Bytes before it on its line.
    pub column: usize,
    /// Whether nothing stands before it on its line.
    pub first: bool,
    /// Whether it is a scalar with a colon behind it.
    pub key: bool,
    /// The token of the rule that it belongs to.
    pub rule: Option<usize>,
    /// The token of the top key that it belongs to.
    pub section: Option<usize>,
}

impl Token {
    /// The text of the token as it stands there.
    pub fn raw<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether it is a scalar.
    pub fn is_scalar(&self) -> bool {
        matches!(self.kind, TokenKind::Scalar(_))
    }

    /// What the token says, without quotes and with the common escapes replaced.
    pub fn content(&self, text: &str) -> String {
        let raw = self.raw(text);
        let inner = |quote: char| {
            let rest = raw.strip_prefix(quote).unwrap_or(raw);
            if raw.len() > 1 { rest.strip_suffix(quote).unwrap_or(rest) } else { rest }
        };
        match self.kind {
            TokenKind::Scalar(Style::Single) => inner('\'').replace("''", "'"),
            TokenKind::Scalar(Style::Double) => unescape(inner('"')),
            TokenKind::Scalar(Style::Open) if raw.starts_with('\'') => raw[1..].replace("''", "'"),
            TokenKind::Scalar(Style::Open) => unescape(raw.get(1..).unwrap_or_default()),
            _ => raw.to_owned(),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        plain.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    plain
}

/// What is between two brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The query itself, as JSON writes it.
    Top,
    /// A list of rules.
    Items,
    /// One rule.
    RuleMap,
    /// The values of a rule.
    Values,
    /// Something that does not belong there.
    Other,
}

/// Where in a query the reading is.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The column of the top keys, once there is one.
    base: Option<usize>,
    /// The token of the latest top key.
    pub section: Option<usize>,
    /// The column of the dashes of the section's rules, once there is one.
    pub items: Option<usize>,
    /// The token of the rule that is open.
    pub rule: Option<usize>,
    /// The column of its name.
    pub rule_column: usize,
    /// The open brackets, each with whether a colon came since the last comma.
    pub frames: Vec<(Frame, bool)>,
    /// The last dash on this line.
    pub dash: Option<usize>,
    /// Whether there was a colon on this line, outside of brackets.
    pub colon: bool,
    /// The column of the latest key or dash, by which block texts are indented.
    parent: Option<usize>,
}

impl State {
    /// What a scalar would be that stood at `column`, first on its line or not.
    pub fn role(&self, column: usize) -> Role {
        if let Some((frame, in_value)) = self.frames.last() {
            return match (frame, in_value) {
                (Frame::Top, false) => Role::TopKey,
                (Frame::Items | Frame::RuleMap, false) => Role::Rule,
                (Frame::Top | Frame::Items | Frame::RuleMap, true) | (Frame::Values, _) => Role::Value,
                (Frame::Other, _) => Role::Other,
            };
        }
        if self.colon {
            return Role::Value;
        }
        if self.dash.is_some() {
            return if self.rule.is_some() { Role::Value } else { Role::Rule };
        }
        match (self.base, self.rule) {
            (None, _) => Role::TopKey,
            (Some(base), _) if column <= base => Role::TopKey,
            (_, Some(_)) if column > self.rule_column => Role::Value,
            _ => Role::Rule,
        }
    }

    /// What an opening bracket begins at `column`.
    fn opens(&self, curly: bool, column: usize) -> Frame {
        match (self.frames.last(), self.role(column)) {
            (None, Role::TopKey) => {
                if curly {
                    Frame::Top
                } else {
                    Frame::Items
                }
            }
            (None | Some((Frame::Top, true)), Role::Value) if self.rule.is_none() => {
                if curly {
                    Frame::RuleMap
                } else {
                    Frame::Items
                }
            }
            (Some((Frame::Items, false)), _) | (None, Role::Rule) if curly => Frame::RuleMap,
            (None, Role::Rule) if self.dash.is_none() => Frame::Items,
            (None | Some((Frame::Items | Frame::RuleMap, true)), Role::Value) if !curly => Frame::Values,
            _ => Frame::Other,
        }
    }
}

/// Reads a text to its end, and says where the reading is then.
pub fn scan(text: &str) -> (Vec<Token>, State) {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), ..Scanner::default() };
    scanner.run();
    (scanner.tokens, scanner.state)
}

#[derive(Default)]
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: usize,
    line_start: usize,
    /// Whether a token of this line has been read.
    begun: bool,
    tokens: Vec<Token>,
    state: State,
    /// Up to here it is known that no single and no double quote closes what one opens.
    unclosed: [usize; 2],
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

impl Scanner<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Whether white space or the end is at a place.
    fn is_gap(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| is_blank(byte) || is_break(byte))
    }

    fn in_flow(&self) -> bool {
        !self.state.frames.is_empty()
    }

    /// Where the line of a place ends.
    fn line_end(&self, from: usize) -> usize {
        self.bytes[from..].iter().position(|byte| is_break(*byte)).map_or(self.bytes.len(), |length| from + length)
    }

    fn new_line(&mut self) {
        let crlf = self.byte(self.at) == Some(b'\r') && self.byte(self.at + 1) == Some(b'\n');
        self.at += if crlf { 2 } else { 1 };
        self.line += 1;
        self.line_start = self.at;
        self.begun = false;
        self.state.dash = None;
        self.state.colon = false;
    }

    /// Goes on behind a token, which may have several lines.
    fn go_to(&mut self, end: usize) {
        let (dash, colon) = (self.state.dash, self.state.colon);
        while self.at < end {
            if is_break(self.bytes[self.at]) {
                self.new_line();
                (self.begun, self.state.dash, self.state.colon) = (true, dash, colon);
            } else {
                self.at += 1;
            }
        }
    }

    fn push(&mut self, kind: TokenKind, end: usize, role: Role, key: bool) {
        self.tokens.push(Token {
            kind,
            role,
            start: self.at,
            end,
            line: self.line,
            column: self.at - self.line_start,
            first: !self.begun,
            key,
            rule: self.state.rule,
            section: self.state.section,
        });
        self.begun = true;
        self.go_to(end);
    }

    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.line_start = self.at;
        }
        while let Some(byte) = self.byte(self.at) {
            if is_break(byte) {
                self.new_line();
            } else if byte == b' ' || (byte == b'\t' && (self.begun || self.in_flow())) {
                self.at += 1;
            } else if byte == b'\t' {
                let end = (self.at..).find(|at| self.byte(*at).is_none_or(|byte| !is_blank(byte))).unwrap_or(self.at);
                let indents = self.byte(end).is_some_and(|byte| !is_break(byte) && byte != b'#');
                if indents {
                    self.push(TokenKind::Wrong, end, Role::Other, false);
                    self.begun = false;
                } else {
                    self.at = end;
                }
            } else {
                self.token(byte);
            }
        }
    }

    fn token(&mut self, byte: u8) {
        let column = self.at - self.line_start;
        if !self.begun {
            self.recover();
        }
        let after_gap = self.at == self.line_start || is_blank(self.bytes[self.at - 1]) || !self.begun;
        match byte {
            b'#' if after_gap => self.push(TokenKind::Comment, self.line_end(self.at), Role::Other, false),
            b'%' if column == 0 => self.push(TokenKind::Mark, self.line_end(self.at), Role::Other, false),
            b'-' | b'.' if column == 0 && self.is_mark() => {
                self.state = State::default();
                self.push(TokenKind::Mark, self.at + 3, Role::Other, false);
            }
            b'-' if self.is_gap(self.at + 1) => self.dash(column),
            b'[' | b'{' => {
                let frame = self.state.opens(byte == b'{', column);
                self.push(TokenKind::Open, self.at + 1, Role::Other, false);
                self.state.frames.push((frame, false));
            }
            b']' | b'}' => {
                let kind = if self.state.frames.pop().is_some() { TokenKind::Close } else { TokenKind::Wrong };
                self.push(kind, self.at + 1, Role::Other, false);
            }
            b',' if self.in_flow() => {
                self.push(TokenKind::Comma, self.at + 1, Role::Other, false);
                if let Some((frame, in_value)) = self.state.frames.last_mut() {
                    *in_value = false;
                    if matches!(frame, Frame::Items | Frame::RuleMap) {
                        self.state.rule = None;
                    }
                }
            }
            b':' if self.begun && self.ends_key(self.at) => self.colon(),
            b'"' | b'\'' => self.quoted(byte),
            b'|' | b'>' if !self.in_flow() => self.block_text(),
            b'&' | b'*' | b'!' => {
                let end = (self.at..).find(|at| self.is_gap(*at) || self.is_flow_sign(*at)).unwrap_or(self.at);
                self.push(TokenKind::Wrong, end.max(self.at + 1), Role::Other, false);
            }
            b'?' | b':' if self.is_gap(self.at + 1) => self.push(TokenKind::Wrong, self.at + 1, Role::Other, false),
            b'@' | b'`' | b'%' => {
                let end = self.plain_end();
                self.push(TokenKind::Wrong, end, Role::Other, false);
            }
            _ => {
                let end = self.plain_end();
                self.scalar(Style::Plain, end);
            }
        }
    }

    fn is_flow_sign(&self, at: usize) -> bool {
        self.in_flow() && self.byte(at).is_some_and(|byte| matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
    }

    fn is_mark(&self) -> bool {
        let head = self.bytes.get(self.at..self.at + 3);
        matches!(head, Some(b"---" | b"...")) && self.is_gap(self.at + 3)
    }

    /// Whether what begins a line says that a bracket further up was never closed.
    fn recover(&mut self) {
        let Some((outer, _)) = self.state.frames.first() else { return };
        let rest = &self.text[self.at..];
        let is_key = KEYS.iter().any(|key| {
            rest.strip_prefix(key.name)
                .is_some_and(|rest| rest.starts_with(": ") || rest.starts_with(":\n") || rest == ":")
        });
        let dash = rest.starts_with('-') && self.is_gap(self.at + 1);
        if dash || (is_key && *outer != Frame::Top && self.at == self.line_start) {
            self.state.frames.clear();
        }
    }

    fn dash(&mut self, column: usize) {
        let may_stand = !self.in_flow() && !self.state.colon && (!self.begun || self.state.dash.is_some());
        if !may_stand {
            return self.push(TokenKind::Wrong, self.at + 1, Role::Other, false);
        }
        if self.state.rule.is_none() || self.state.items.is_none_or(|items| column <= items) {
            if self.state.dash.is_none() {
                self.state.items = Some(column);
            }
            self.state.rule = None;
        }
        let role = if self.state.rule.is_some() { Role::Value } else { Role::Rule };
        self.push(TokenKind::Dash, self.at + 1, role, false);
        self.state.dash = Some(column);
        self.state.parent = Some(column);
    }

    fn colon(&mut self) {
        self.push(TokenKind::Colon, self.at + 1, Role::Other, false);
        match self.state.frames.last_mut() {
            Some((_, in_value)) => *in_value = true,
            None => self.state.colon = true,
        }
    }

    /// Whether the colon at a place is one that ends a key.
    fn ends_key(&self, at: usize) -> bool {
        let quoted = self.in_flow()
            && self.tokens.last().is_some_and(|last| {
                matches!(last.kind, TokenKind::Scalar(Style::Single | Style::Double)) && last.end <= at
            });
        self.is_gap(at + 1) || self.is_flow_sign(at + 1) || quoted
    }

    /// Where a text without quotes ends that begins here.
    fn plain_end(&self) -> usize {
        let mut end = self.at;
        for at in self.at..self.bytes.len() {
            let byte = self.bytes[at];
            let stops = is_break(byte)
                || (byte == b':' && at > self.at && (self.is_gap(at + 1) || self.is_flow_sign(at + 1)))
                || (byte == b'#' && at > self.at && is_blank(self.bytes[at - 1]))
                || (self.is_flow_sign(at) && at > self.at);
            if stops {
                break;
            }
            if !is_blank(byte) {
                end = at + 1;
            }
        }
        end.max(self.at + 1)
    }

    fn scalar(&mut self, style: Style, end: usize) {
        let column = self.at - self.line_start;
        let role = self.state.role(column);
        let mut colon = end;
        while self.byte(colon).is_some_and(is_blank) {
            colon += 1;
        }
        let quoted = self.in_flow() && matches!(style, Style::Single | Style::Double);
        let key = self.byte(colon) == Some(b':') && (self.is_gap(colon + 1) || self.is_flow_sign(colon + 1) || quoted);
        let index = self.tokens.len();
        match role {
            Role::TopKey => {
                if !self.in_flow() {
                    self.state.base = Some(column);
                }
                self.state.rule = None;
                self.state.items = None;
                if key {
                    self.state.section = Some(index);
                }
            }
            Role::Rule => {
                self.state.rule = key.then_some(index);
                self.state.rule_column = column;
            }
            Role::Value | Role::Other => {}
        }
        if key && !self.in_flow() {
            self.state.parent = Some(column);
        }
        self.push(TokenKind::Scalar(style), end, role, key);
    }

    fn quoted(&mut self, quote: u8) {
        let known = usize::from(quote == b'"');
        let closed = if self.at < self.unclosed[known] { None } else { self.closing_quote(quote, known) };
        match closed {
            Some(end) if quote == b'"' => self.scalar(Style::Double, end),
            Some(end) => self.scalar(Style::Single, end),
            None => {
                let line = self.line_end(self.at);
                let blank = self.bytes[self.at..line].iter().rev().take_while(|byte| is_blank(**byte)).count();
                self.scalar(Style::Open, (line - blank).max(self.at + 1));
            }
        }
    }

    /// Where a text in quotes ends. One that would swallow an entry of a list is taken for one that is being typed.
    fn closing_quote(&mut self, quote: u8, known: usize) -> Option<usize> {
        let mut at = self.at + 1;
        while let Some(byte) = self.byte(at) {
            if byte == b'\\' && quote == b'"' {
                at += if self.byte(at + 1).is_some_and(is_break) { 1 } else { 2 };
                continue;
            }
            if byte == quote {
                if quote == b'\'' && self.byte(at + 1) == Some(quote) {
                    at += 2;
                    continue;
                }
                return Some(at + 1);
            }
            at += 1;
            if is_break(byte) {
                let line = at + self.bytes[at..].iter().take_while(|byte| is_blank(**byte)).count();
                if self.byte(line) == Some(b'-') && self.is_gap(line + 1) {
                    break;
                }
            }
        }
        self.unclosed[known] = at.min(self.bytes.len());
        None
    }

    fn block_text(&mut self) {
        let line_end = self.line_end(self.at);
        let sign = (self.at..line_end).find(|at| is_blank(self.bytes[*at])).unwrap_or(line_end);
        let parent = self.state.parent;
        self.scalar(Style::Block, sign);
        let comment = (self.at..line_end).find(|at| !is_blank(self.bytes[*at]));
        if let Some(comment) = comment {
            self.at = comment;
            let kind = if self.bytes[comment] == b'#' { TokenKind::Comment } else { TokenKind::Wrong };
            self.push(kind, line_end, Role::Other, false);
        }
        let (mut at, mut body) = (line_end, None);
        while at < self.bytes.len() {
            let crlf = self.byte(at) == Some(b'\r') && self.byte(at + 1) == Some(b'\n');
            let start = at + if crlf { 2 } else { 1 };
            let end = self.line_end(start.min(self.bytes.len()));
            let indent = self.bytes[start..end].iter().take_while(|byte| **byte == b' ').count();
            let is_empty = self.bytes[start..end].iter().all(|byte| is_blank(*byte));
            if !is_empty {
                if parent.is_some_and(|parent| indent <= parent) {
                    break;
                }
                let from = body.map_or(start + indent, |(from, _)| from);
                body = Some((from, end));
            }
            at = end;
        }
        if let Some((from, end)) = body {
            // The lines before are empty; the place is told line by line.
            let role = self.tokens.last().map_or(Role::Other, |_| Role::Value);
            while self.line_end(self.at) < from {
                self.at = self.line_end(self.at);
                self.new_line();
            }
            self.at = from;
            self.push(TokenKind::Scalar(Style::Block), end, role, false);
        }
    }
}
