//! Rows as they are written.

use super::fields::Fields;
use super::fields::Literal;
use super::fields::Located;
use super::problem::Problems;

/// A row as written.
#[derive(Clone, Debug)]
pub(super) struct RowText {
    pub(super) at: usize,
    pub(super) rule: Located,
    /// The scopes it belongs to; none means the whole message.
    pub(super) inside: Vec<Located>,
    pub(super) from: Vec<Located>,
    pub(super) to: Option<Located>,
    pub(super) function: Option<Located>,
    pub(super) parameters: Parameters,
    pub(super) value: Option<Literal>,
    pub(super) value_at: usize,
    pub(super) when: Vec<Located>,
    pub(super) default: Option<Located>,
    pub(super) required: bool,
    pub(super) repaired: Option<String>,
    pub(super) loss: Option<Located>,
    pub(super) refuse: Option<Located>,
    pub(super) scope: Option<Located>,
    pub(super) each: Option<Located>,
    pub(super) filter: Vec<Located>,
    pub(super) per: Vec<Located>,
    pub(super) needs: Vec<Located>,
    pub(super) stands_in: bool,
    pub(super) yields: bool,
    pub(super) note: String,
    pub(super) source: String,
}

/// What functions take beyond the value.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    pub(super) table: Option<Located>,
    pub(super) by: Option<Located>,
    pub(super) give: Option<Located>,
    pub(super) time: Option<Located>,
    pub(super) same: Option<Located>,
    pub(super) part: Option<Located>,
    pub(super) media: Option<Located>,
    pub(super) title: Option<Located>,
    pub(super) code: Option<Located>,
}

impl RowText {
    pub(super) fn read(mut fields: Fields<'_>, problems: &mut Problems<'_>) -> Self {
        let parameters = Parameters {
            table: fields.text("table", problems),
            by: fields.text("by", problems),
            give: fields.text("give", problems),
            time: fields.text("time", problems),
            same: fields.text("same", problems),
            part: fields.text("part", problems),
            media: fields.text("media", problems),
            title: fields.text("title", problems),
            code: fields.text("code", problems),
        };
        let row = Self {
            at: fields.at,
            rule: fields.required("rule", problems),
            inside: fields.texts("in", problems),
            from: fields.texts("from", problems),
            to: fields.text("to", problems),
            function: fields.text("fn", problems),
            parameters,
            value_at: fields.place("value"),
            value: fields.literal("value", problems),
            when: fields.texts("when", problems),
            default: fields.text("default", problems),
            required: fields.flag("required", problems),
            repaired: fields.text("repaired", problems).map(|word| word.text),
            loss: fields.text("loss", problems),
            refuse: fields.text("refuse", problems),
            scope: fields.text("scope", problems),
            each: fields.text("each", problems),
            filter: fields.texts("where", problems),
            per: fields.texts("per", problems),
            needs: fields.texts("needs", problems),
            stands_in: fields.flag("stands-in", problems),
            yields: fields.flag("yields", problems),
            note: fields
                .text("note", problems)
                .map(|note| note.text)
                .unwrap_or_default(),
            source: fields.required("source", problems).text,
        };
        fields.finish(problems);
        row
    }
}
