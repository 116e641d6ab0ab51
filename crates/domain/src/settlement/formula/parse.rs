//! Reading a formula by recursive descent, from left to right, so that the first fault is the one
//! that is told.

use super::{
    Expression, Fault, FormulaOf, MAX_FORMULA_CHARS, MAX_FORMULA_DEPTH, Operator, Position, Variable,
};
use crate::money::{Fraction, Rounding};

/// Digits of a number, and how many of them may stand behind the point.
const MAX_DIGITS: usize = 18;

pub(super) fn expression(text: &str, of: FormulaOf, parameters: &[&str]) -> Result<Expression, Fault> {
    if text.chars().nth(MAX_FORMULA_CHARS).is_some() {
        return Err(Fault::Unknown);
    }
    let tokens = tokens(text);
    let mut reader = Reader { tokens: tokens.iter().peekable(), of, parameters, end: end_of(text) };
    let expression = reader.sum(0)?;
    match reader.tokens.next() {
        None => Ok(expression),
        // An operand stands before it: what follows should have been an operator.
        Some(Token { kind: Kind::Sign(_), text, at }) if !matches!(text.as_str(), ")" | "(" | ",") => {
            Err(Fault::Operator { operator: text.clone(), at: *at })
        }
        Some(unexpected) => Err(unexpected.as_fault()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Word,
    Sign(char),
}

#[derive(Debug)]
struct Token {
    kind: Kind,
    text: String,
    at: Position,
}

impl Token {
    fn as_fault(&self) -> Fault {
        Fault::Syntax { syntax: self.text.clone(), at: self.at }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut line, mut index) = (1u32, 0u32);
    let mut glued = false;
    for c in text.chars() {
        let kind = match c {
            '\n' => {
                line = line.saturating_add(1);
                index = 0;
                glued = false;
                continue;
            }
            c if c.is_whitespace() => {
                index = index.saturating_add(1);
                glued = false;
                continue;
            }
            '0'..='9' | '.' => Kind::Number,
            c if c.is_alphabetic() || c == '_' => Kind::Word,
            c => Kind::Sign(c),
        };
        let end_index = index.saturating_add(1);
        match tokens.last_mut() {
            // A digit belongs to the word or number that it follows, a letter to a word.
            Some(last)
                if glued
                    && (matches!(
                        (&last.kind, &kind),
                        (Kind::Number, Kind::Number) | (Kind::Word, Kind::Word)
                    ) || (last.kind == Kind::Word && c.is_ascii_digit())) =>
            {
                last.text.push(c);
                last.at.end_index = end_index;
            }
            _ => tokens.push(Token {
                kind,
                text: c.to_string(),
                at: Position { start_line: line, start_index: index, end_line: line, end_index },
            }),
        }
        index = end_index;
        glued = true;
    }
    tokens
}

fn end_of(text: &str) -> Position {
    let line = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
    let index = text.rsplit('\n').next().map_or(0, |last| last.chars().count());
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    Position { start_line: line, start_index: index, end_line: line, end_index: index }
}

struct Reader<'a> {
    tokens: std::iter::Peekable<std::slice::Iter<'a, Token>>,
    of: FormulaOf,
    parameters: &'a [&'a str],
    end: Position,
}

impl Reader<'_> {
    fn sum(&mut self, depth: usize) -> Result<Expression, Fault> {
        let mut left = self.product(depth)?;
        loop {
            let operator = match self.sign() {
                Some('+' | '＋') => Operator::Plus,
                Some('-' | '−' | '–') => Operator::Minus,
                _ => return Ok(left),
            };
            self.tokens.next();
            left = Expression::Of(operator, Box::new(left), Box::new(self.product(depth)?));
        }
    }

    fn product(&mut self, depth: usize) -> Result<Expression, Fault> {
        let mut left = self.operand(depth)?;
        loop {
            let operator = match self.sign() {
                Some('*' | '×') => Operator::Times,
                Some('/' | '÷') => Operator::Over,
                _ => return Ok(left),
            };
            self.tokens.next();
            left = Expression::Of(operator, Box::new(left), Box::new(self.operand(depth)?));
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, Fault> {
        if depth >= MAX_FORMULA_DEPTH {
            return Err(Fault::Unknown);
        }
        let deeper = depth.saturating_add(1);
        let Some(token) = self.tokens.next() else {
            return Err(Fault::Syntax { syntax: String::new(), at: self.end });
        };
        match token.kind {
            Kind::Sign('-' | '−' | '–') => Ok(Expression::Negative(Box::new(self.operand(deeper)?))),
            Kind::Sign('(') => {
                let inner = self.sum(deeper)?;
                self.closing()?;
                Ok(inner)
            }
            Kind::Number => number(&token.text).map(Expression::Number).ok_or_else(|| token.as_fault()),
            Kind::Word if self.sign() == Some('(') => self.function(token, deeper),
            Kind::Word => self.variable(token),
            Kind::Sign(_) => Err(token.as_fault()),
        }
    }

    fn function(&mut self, name: &Token, depth: usize) -> Result<Expression, Fault> {
        let rounding = match name.text.as_str() {
            "올림" | "CEIL" => Rounding::Up,
            "내림" | "FLOOR" => Rounding::Down,
            "반올림" | "ROUND" => Rounding::HalfUp,
            _ => return Err(Fault::Function { name: name.text.clone(), at: name.at }),
        };
        self.tokens.next();
        let mut arguments = Vec::new();
        if self.sign() != Some(')') {
            arguments.push(self.sum(depth)?);
            while self.sign() == Some(',') {
                self.tokens.next();
                arguments.push(self.sum(depth)?);
            }
        }
        let end = self.closing()?;
        let given = u32::try_from(arguments.len()).unwrap_or(u32::MAX);
        match (arguments.pop(), arguments.is_empty()) {
            (Some(argument), true) => Ok(Expression::Rounded(rounding, Box::new(argument))),
            _ => Err(Fault::Arguments {
                name: name.text.clone(),
                expected: 1,
                given,
                at: Position { end_line: end.end_line, end_index: end.end_index, ..name.at },
            }),
        }
    }

    fn variable(&self, token: &Token) -> Result<Expression, Fault> {
        let (name, at) = (token.text.clone(), token.at);
        let is_parameter = self.parameters.contains(&name.as_str());
        match Variable::named(&name) {
            Some(variable) if self.of.offers(variable) => Ok(Expression::Variable(variable)),
            Some(_) => Err(Fault::UnsupportedVariable { name, at }),
            None if is_parameter && self.of == FormulaOf::UserDefined => {
                Ok(Expression::Parameter(name.into()))
            }
            None if is_parameter => Err(Fault::UnsupportedVariable { name, at }),
            None => Err(Fault::Variable { name, at }),
        }
    }

    fn sign(&mut self) -> Option<char> {
        match self.tokens.peek() {
            Some(Token { kind: Kind::Sign(sign), .. }) => Some(*sign),
            _ => None,
        }
    }

    fn closing(&mut self) -> Result<Position, Fault> {
        match self.tokens.next() {
            Some(Token { kind: Kind::Sign(')'), at, .. }) => Ok(*at),
            Some(Token { kind: Kind::Sign(sign), text, at }) if !matches!(sign, '(' | ',') => {
                Err(Fault::Operator { operator: text.clone(), at: *at })
            }
            Some(unexpected) => Err(unexpected.as_fault()),
            None => Err(Fault::Syntax { syntax: String::new(), at: self.end }),
        }
    }
}

/// `12` or `0.125`: digits on both sides of the point.
fn number(text: &str) -> Option<Fraction> {
    let (whole, rest) = match text.split_once('.') {
        Some((whole, rest)) if !rest.is_empty() => (whole, rest),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = format!("{whole}{rest}");
    if whole.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    Fraction::decimal(digits.parse().ok()?, u32::try_from(rest.len()).ok()?).ok()
}
