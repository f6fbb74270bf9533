//! Where a node is, for people: an XPath and a line.

use std::fmt::Write;

use super::node::Node;
use crate::base::place::Place;

impl Node<'_> {
    /// An XPath of names and positions from the root; names of elements outside CDA are written as `*`.
    ///
    /// It holds nothing a sender made up, so it may be logged.
    pub fn xpath(self) -> String {
        let mut chain: Vec<Node<'_>> = self.ancestors().collect();
        chain.reverse();
        chain.push(self);
        let mut path = String::with_capacity(chain.len() * 16);
        for node in chain {
            path.push('/');
            if node.is_text() {
                path.push_str("text()");
                continue;
            }
            let name = node.name();
            path.push_str(name.prefix());
            path.push_str(name.local().unwrap_or("*"));
            if let Some(parent) = node.parent() {
                let same =
                    |other: &Node<'_>| other.name() == name || (name.local().is_none() && !other.is_text());
                let before = parent.children().take_while(|other| *other != node);
                let position = before.filter(same).count() + 1;
                // Writing to a String cannot fail.
                let _ = write!(path, "[{position}]");
            }
        }
        path
    }

    /// The XPath and the line as a place that findings use.
    pub fn place(self) -> Place {
        Place::Xml {
            xpath: self.xpath().into(),
            line: self.line(),
        }
    }
}
