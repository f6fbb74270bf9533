//! Any bytes as an XML document: refused with a code, or a tree whose ways all lead somewhere.
#![no_main]

use cartage::ccda::Limits;
use cartage::ccda::Tree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(tree) = Tree::read(bytes, &Limits::default()) else { return };
    let root = tree.root();
    assert_eq!(root.end(), tree.node_count(), "the root holds everything");
    for node in root.descendants() {
        let parent = node.parent().expect("what is in the root has a parent");
        assert!(parent.children().any(|child| child == node), "a parent knows its children");
        assert!(node.end() <= parent.end(), "a subtree ends within its parent's");
        let _ = (node.text().len(), node.attribute_list().count(), node.templates().count());
    }
});
