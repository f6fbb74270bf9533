//! Finds every prefix of a text among many, in the time that it takes to read the text.

/// A tree of prefixes, byte by byte; each may carry several routes.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Sorted by byte.
    children: Vec<(u8, u32)>,
    /// Sorted, because routes are added from the top down.
    routes: Vec<u32>,
}

impl Default for Trie {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }
}

impl Trie {
    /// Files a route under a prefix.
    pub(super) fn add(&mut self, prefix: &str, route: u32) {
        let mut at = 0;
        for byte in prefix.bytes() {
            at = self.child(at, byte);
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.routes.push(route);
        }
    }

    /// The routes of every prefix of `text`, the shortest prefix first.
    pub(super) fn prefixes_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a [u32]> {
        let mut node = self.nodes.first();
        let mut bytes = text.bytes();
        std::iter::from_fn(move || {
            let here = node?;
            node = bytes.next().and_then(|byte| {
                let at = here
                    .children
                    .binary_search_by_key(&byte, |(label, _)| *label)
                    .ok()?;
                let (_, child) = here.children.get(at)?;
                self.nodes.get(*child as usize)
            });
            Some(here.routes.as_slice())
        })
    }

    fn child(&mut self, at: usize, byte: u8) -> usize {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let Some(node) = self.nodes.get_mut(at) else {
            return at;
        };
        match node.children.binary_search_by_key(&byte, |(label, _)| *label) {
            Ok(found) => node.children.get(found).map_or(at, |(_, child)| *child as usize),
            Err(missing) => {
                node.children.insert(missing, (byte, next));
                self.nodes.push(Node::default());
                next as usize
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[u32]) {
        let mut trie = Trie::default();
        for (route, prefix) in ["W", "W00", "", "X", "W"].into_iter().enumerate() {
            trie.add(prefix, u32::try_from(route).unwrap());
        }
        let found: Vec<u32> = trie.prefixes_of(text).flatten().copied().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn all_prefixes_of_a_text_are_found() {
        check("W0042", &[2, 0, 4, 1]);
        check("W1", &[2, 0, 4]);
        check("Q", &[2]);
        check("", &[2]);
    }
}
