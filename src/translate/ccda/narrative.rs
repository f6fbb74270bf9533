//! Narrative: as plain text, and as XHTML that is safe to show.

use std::borrow::Cow;

use super::conversion::Conversion;
use super::json::Writer;
use super::note;
use super::note::Kind;
use crate::ccda::Name;
use crate::ccda::Node;
use crate::ccda::n;

/// Elements that stand apart from what is before and after them.
fn is_block(name: Name) -> bool {
    matches!(
        name,
        n::TD
            | n::TH
            | n::TR
            | n::ITEM
            | n::PARAGRAPH
            | n::LIST
            | n::TABLE
            | n::CAPTION
            | n::BR
            | n::THEAD
            | n::TBODY
    )
}

/// The text in `node`, every run of white space one blank; borrowed where it stands so already.
pub(super) fn plain(node: Node<'_>) -> Cow<'_, str> {
    let mut pieces = node.descendants().filter(|part| part.is_text());
    let first = pieces.next().map_or("", Node::own_text);
    let trimmed = first.trim();
    if pieces.next().is_none() && !needs_collapsing(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    let mut text = String::new();
    let mut apart = false;
    for part in node.descendants() {
        if part.is_text() {
            let own = part.own_text();
            apart |= own.starts_with(char::is_whitespace);
            for word in own.split_whitespace() {
                if apart && !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(word);
                apart = true;
            }
            apart = own.ends_with(char::is_whitespace);
        } else if is_block(part.name()) {
            apart = true;
        }
    }
    Cow::Owned(text)
}

fn needs_collapsing(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ') || text.as_bytes().windows(2).any(|pair| pair == b"  ")
}

/// What an element of the narrative becomes.
fn element(node: Node<'_>) -> Option<&'static str> {
    Some(match node.name() {
        n::CONTENT | n::FOOTNOTE | n::FOOTNOTE_REF => "span",
        n::PARAGRAPH => match node.parent().map(Node::name) {
            Some(n::TD | n::TH) => "div",
            _ => "p",
        },
        n::LIST => match node.attribute(n::LIST_TYPE) {
            Some("ordered") => "ol",
            _ => "ul",
        },
        n::ITEM => "li",
        n::CAPTION => match node.parent().map(Node::name) {
            Some(n::TABLE) => "caption",
            _ => "b",
        },
        n::BR => "br",
        n::SUB => "sub",
        n::SUP => "sup",
        n::LINK_HTML => "a",
        n::TABLE => "table",
        n::THEAD => "thead",
        n::TBODY => "tbody",
        n::TFOOT => "tfoot",
        n::TR => "tr",
        n::TH => "th",
        n::TD => "td",
        n::COLGROUP => "colgroup",
        n::COL => "col",
        _ => return None,
    })
}

/// Whether a link may be kept: it leads to a page or a mailbox.
fn is_safe_link(href: &str) -> bool {
    let lower = href.get(..8.min(href.len())).unwrap_or(href).to_ascii_lowercase();
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

impl<'t> Conversion<'t> {
    /// Writes a `Narrative` of the text of a section; `prefix` keeps its ids apart from those of others.
    pub(super) fn section_text(&mut self, text: Node<'t>, prefix: usize) -> bool {
        let mark = self.w.mark();
        let object = self.w.open("text");
        self.w.text("status", "additional");
        let spoken = self.of(text, |c| c.div(text, prefix));
        self.w.close(object);
        if !spoken {
            self.w.rewind(mark);
        }
        spoken
    }

    /// Writes the `div`; `false` if there is nothing in it to read.
    pub(super) fn div(&mut self, text: Node<'t>, prefix: usize) -> bool {
        let spoken = text.descendants().any(|part| {
            part.is_text() && !part.own_text().trim().is_empty() || part.name() == n::RENDER_MULTI_MEDIA
        });
        if !spoken {
            return false;
        }
        let body = self.w.open_text("div");
        self.w
            .out
            .push_str("<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">");
        let mut xhtml = Xhtml {
            w: &mut self.w,
            prefix,
            odd: Vec::new(),
        };
        for child in text.children() {
            xhtml.node(child);
        }
        let odd = xhtml.odd;
        for (kind, node) in odd {
            self.note(kind, node);
        }
        self.w.out.push_str("</div>");
        self.w.close_text(body)
    }
}

/// XHTML inside a JSON text.
struct Xhtml<'w, 't> {
    w: &'w mut Writer,
    prefix: usize,
    /// What was left out for safety.
    odd: Vec<(Kind, Node<'t>)>,
}

impl<'t> Xhtml<'_, 't> {
    fn node(&mut self, node: Node<'t>) {
        if node.is_text() {
            self.text(node.own_text());
            return;
        }
        if node.name() == n::RENDER_MULTI_MEDIA {
            self.text("[image]");
            return;
        }
        let Some(tag) = element(node) else {
            // What is no element of narrative is left out; what it says is kept.
            self.odd.push((note::NARRATIVE_ELEMENT, node));
            for child in node.children() {
                self.node(child);
            }
            return;
        };
        self.w.out.push('<');
        self.w.out.push_str(tag);
        self.attributes(node, tag);
        if matches!(tag, "br" | "col") {
            self.w.out.push_str("/>");
            return;
        }
        self.w.out.push('>');
        for child in node.children() {
            self.node(child);
        }
        self.w.out.push_str("</");
        self.w.out.push_str(tag);
        self.w.out.push('>');
    }

    fn attributes(&mut self, node: Node<'t>, tag: &str) {
        for (name, value) in node.attribute_list() {
            match name {
                n::TEXT_ID => self.id("id", value),
                n::STYLE_CODE => self.style(value),
                n::HREF if tag == "a" => self.link(node, value.trim()),
                n::COLSPAN | n::ROWSPAN if value.trim().parse::<u16>().is_ok_and(|span| span > 0) => {
                    self.attribute(name.local().unwrap_or_default(), value.trim());
                }
                n::ALIGN | n::VALIGN | n::SCOPE | n::ABBR
                    if matches!(tag, "td" | "th" | "tr" | "col" | "colgroup" | "tbody" | "thead") =>
                {
                    self.attribute(name.local().unwrap_or_default(), value);
                }
                _ => {}
            }
        }
    }

    /// A link to a page or mailbox, or to a place in this text, whose ids have a prefix here.
    fn link(&mut self, node: Node<'t>, href: &str) {
        if let Some(place) = href.strip_prefix('#') {
            let here = format!("#s{}-{place}", self.prefix);
            self.attribute("href", &here);
        } else if is_safe_link(href) {
            self.attribute("href", href);
        } else if !href.is_empty() {
            self.odd.push((note::UNSAFE_LINK, node));
        }
    }

    fn id(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() || value.contains(char::is_whitespace) {
            return;
        }
        self.w.out.push(' ');
        self.w.out.push_str(name);
        self.w.out.push_str("=\\\"s");
        self.w.out.push_str(&self.prefix.to_string());
        self.w.out.push('-');
        self.text(value);
        self.w.out.push_str("\\\"");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.w.out.push(' ');
        self.w.out.push_str(name);
        self.w.out.push_str("=\\\"");
        self.text(value);
        self.w.out.push_str("\\\"");
    }

    /// Codes of style become classes, so that no style of a stranger is ever applied.
    fn style(&mut self, codes: &str) {
        let sound = |code: &&str| code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut codes = codes.split_ascii_whitespace().filter(sound).peekable();
        if codes.peek().is_none() {
            return;
        }
        self.w.out.push_str(" class=\\\"");
        let mut first = true;
        for code in codes {
            if !first {
                self.w.out.push(' ');
            }
            first = false;
            self.w.out.push_str("ccda-");
            self.w.out.push_str(code);
        }
        self.w.out.push_str("\\\"");
    }

    /// Escapes for XHTML and for JSON at once.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest
            .bytes()
            .position(|byte| byte < b' ' || matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\\' | 0x7F))
        {
            let (before, from) = rest.split_at_checked(at).unwrap_or_default();
            self.w.out.push_str(before);
            self.w.out.push_str(match from.as_bytes().first() {
                Some(b'<') => "&lt;",
                Some(b'>') => "&gt;",
                Some(b'&') => "&amp;",
                Some(b'"') => "&quot;",
                Some(b'\\') => "\\\\",
                Some(b'\n') => "\\n",
                Some(b'\t') => "\\t",
                // XHTML has no other control characters.
                _ => "",
            });
            rest = from.get(1..).unwrap_or_default();
        }
        self.w.out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::Limits;
    use crate::ccda::Tree;

    fn tree(text: &str) -> Tree<'_> {
        Tree::read(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn text_is_collapsed_and_blocks_stay_apart() {
        for (document, expected) in [
            ("<text>a</text>", "a"),
            ("<text> a\n  b </text>", "a b"),
            ("<text>a<content>b</content></text>", "ab"),
            ("<text>a <content>b</content></text>", "a b"),
            ("<text><table><tr><td>a</td><td>b</td></tr></table></text>", "a b"),
            ("<text>a<br/>b</text>", "a b"),
            ("<text/>", ""),
        ] {
            assert_eq!(plain(tree(document).root()), expected, "{document}");
        }
    }

    #[test]
    fn only_safe_links_are_kept() {
        for href in [
            "http://example.org",
            "HTTPS://example.org",
            "mailto:a@example.org",
        ] {
            assert!(is_safe_link(href), "{href}");
        }
        for href in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.org",
            "file:///etc",
            "",
        ] {
            assert!(!is_safe_link(href), "{href}");
        }
    }
}
