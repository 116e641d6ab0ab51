//! Members of a JSON object that a browser sent, read one by one: a refusal names the member by its whole
//! path and never repeats its value. Absent and null are the same here, as the SDK's types have it.

use crate::app::checkout::start::StartError;
use serde_json::{Map, Value};

/// The longest text that is taken, in characters; what may be longer says so itself.
const LONGEST_TEXT: usize = 2048;

#[derive(Debug, Clone)]
pub struct Members<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

type Read<T> = Result<T, StartError>;

impl<'a> Members<'a> {
    pub fn of(object: &'a Map<String, Value>) -> Self {
        Self { path: String::new(), object }
    }

    /// The member's whole name.
    pub fn name(&self, member: &str) -> String {
        if self.path.is_empty() { member.to_owned() } else { format!("{}.{member}", self.path) }
    }

    pub fn value(&self, member: &str) -> Option<&'a Value> {
        self.object.get(member).filter(|value| !value.is_null())
    }

    pub fn wrong(&self, member: &str, accepted: &str) -> StartError {
        StartError::member(&self.name(member), accepted)
    }

    pub fn text(&self, member: &str) -> Read<Option<&'a str>> {
        let Some(value) = self.value(member) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.wrong(member, "must be a text"))?;
        if text.chars().nth(LONGEST_TEXT).is_some() {
            return Err(self.wrong(member, &format!("must have at most {LONGEST_TEXT} characters")));
        }
        // PostgreSQL cannot store it, and nothing needs it.
        if text.contains('\0') {
            return Err(self.wrong(member, "must not hold the character U+0000"));
        }
        Ok(Some(text))
    }

    pub fn owned(&self, member: &str) -> Read<Option<String>> {
        Ok(self.text(member)?.map(str::to_owned))
    }

    pub fn required(&self, member: &str) -> Read<&'a str> {
        match self.text(member)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(self.wrong(member, "must not be empty")),
            None => Err(self.wrong(member, "is required")),
        }
    }

    pub fn integer(&self, member: &str) -> Read<Option<i64>> {
        let Some(value) = self.value(member) else { return Ok(None) };
        let number = value.as_i64().or_else(|| {
            // A browser writes 1e3 and 1000.0 as it likes; both are 1000.
            let float = value.as_f64()?;
            format!("{float:.0}").parse::<i64>().ok().filter(|_| float.fract() == 0.0 && float.abs() < 1e15)
        });
        number.map(Some).ok_or_else(|| self.wrong(member, "must be an integer"))
    }

    pub fn flag(&self, member: &str) -> Read<Option<bool>> {
        self.value(member)
            .map(|value| value.as_bool().ok_or_else(|| self.wrong(member, "must be true or false")))
            .transpose()
    }

    pub fn object(&self, member: &str) -> Read<Option<Self>> {
        self.value(member)
            .map(|value| match value {
                Value::Object(object) => Ok(Self { path: self.name(member), object }),
                _ => Err(self.wrong(member, "must be an object")),
            })
            .transpose()
    }

    pub fn list(&self, member: &str, most: usize) -> Read<Option<&'a [Value]>> {
        let Some(value) = self.value(member) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.wrong(member, "must be a list"))?;
        if list.len() > most {
            return Err(self.wrong(member, &format!("must have at most {most} elements")));
        }
        Ok(Some(list))
    }

    /// The objects of a list.
    pub fn objects(&self, member: &str, most: usize) -> Read<Vec<Self>> {
        let list = self.list(member, most)?.unwrap_or_default();
        let one = |(index, value): (usize, &'a Value)| match value {
            Value::Object(object) => Ok(Self { path: format!("{}[{index}]", self.name(member)), object }),
            _ => Err(self.wrong(&format!("{member}[{index}]"), "must be an object")),
        };
        list.iter().enumerate().map(one).collect()
    }
}
