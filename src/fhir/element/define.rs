//! How an element is declared: its fields, the names they have in JSON, and how many of what each one holds.

/// Declares an element, or with `as "Type"` a resource, and how it is read and written.
///
/// A field is `name: "jsonName" => kind`, where the kind is `text`, `texts`, `flag`, `count`, or `one`, `many` or
/// `boxed` with the type of an element. Whatever is not declared, or cannot be read as declared, is kept as it came.
macro_rules! element {
    (
        $(#[$about:meta])*
        pub struct $name:ident $(as $resource:literal)? {
            $( $(#[$field_about:meta])* $field:ident: $json:literal => $kind:ident $($of:ident)?, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, Eq, PartialEq)]
        pub struct $name {
            $( $(#[$field_about])* pub $field: $crate::fhir::element::define::element!(@type $kind $($of)?), )*
            /// Anything else.
            pub kept: $crate::fhir::kept::Kept,
        }

        impl $name {
            pub(crate) fn read(node: &$crate::fhir::node::Node<'_>) -> Option<Self> {
                node.value().as_object()?;
                let mut it = Self::default();
                for (name, member) in node.members() {
                    match name {
                        $( $json => $crate::fhir::element::define::element!(@read $kind it.$field name member $($of)?), )*
                        _ => it.kept.keep(name, &member),
                    }
                }
                Some(it)
            }

            pub(crate) fn write<'m>(&'m self, draft: &mut $crate::fhir::draft::Draft<'m>) {
                $( draft.kind($resource, &self.kept); )?
                $( $crate::fhir::element::define::element!(@write $kind draft $json self.$field); )*
                self.kept.write(draft, |name| match name {
                    $( $json => $crate::fhir::element::define::element!(@filled $kind self.$field), )*
                    _ => false,
                });
            }
        }

        $( $crate::fhir::element::define::element!(@resource $name $resource); )?
    };

    (@resource $name:ident $resource:literal) => {
        impl $name {
            /// Reads a whole resource; `None` if it is of another type.
            pub fn from_json(resource: &serde_json::Value, places: $crate::fhir::Places) -> Option<Self> {
                let node = $crate::fhir::node::Node::resource(resource, places);
                (node.text_of("resourceType") == Some($resource)).then(|| Self::read(&node)).flatten()
            }

            /// Reads a resource that stood inside another; its leaves know their places in that one.
            pub fn inside(resource: &$crate::fhir::kept::Resource) -> Option<Self> {
                (resource.kind() == Some($resource)).then(|| resource.with(Self::read)).flatten()
            }

            /// The resource as JSON text, with the account of its values.
            pub fn wrote(&self, lineage: $crate::fhir::draft::Lineage) -> $crate::fhir::draft::Wrote<'_> {
                $crate::fhir::draft::Draft::resource($resource, lineage, |draft| self.write(draft))
            }
        }
    };

    (@type text) => { Option<$crate::fhir::leaf::Text> };
    (@type texts) => { Vec<$crate::fhir::leaf::Text> };
    (@type flag) => { Option<$crate::fhir::leaf::Flag> };
    (@type count) => { Option<$crate::fhir::leaf::Leaf<u32>> };
    (@type one $of:ident) => { Option<$of> };
    (@type boxed $of:ident) => { Option<Box<$of>> };
    (@type many $of:ident) => { Vec<$of> };

    (@read text $it:ident.$field:ident $name:ident $node:ident) => {
        $it.kept.fill(&mut $it.$field, $node.leaf(), $name, &$node)
    };
    (@read texts $it:ident.$field:ident $name:ident $node:ident) => {
        $it.kept.fill_all(&mut $it.$field, $name, &$node, |item| item.leaf())
    };
    (@read flag $it:ident.$field:ident $name:ident $node:ident) => {
        $it.kept.fill(&mut $it.$field, $node.flag(), $name, &$node)
    };
    (@read count $it:ident.$field:ident $name:ident $node:ident) => {
        $it.kept.fill(&mut $it.$field, $node.ordinal(), $name, &$node)
    };
    (@read one $it:ident.$field:ident $name:ident $node:ident $of:ident) => {
        $it.kept.fill(&mut $it.$field, $of::read(&$node), $name, &$node)
    };
    (@read boxed $it:ident.$field:ident $name:ident $node:ident $of:ident) => {
        $it.kept.fill(&mut $it.$field, $of::read(&$node).map(Box::new), $name, &$node)
    };
    (@read many $it:ident.$field:ident $name:ident $node:ident $of:ident) => {
        $it.kept.fill_all(&mut $it.$field, $name, &$node, $of::read)
    };

    (@write texts $draft:ident $json:literal $self:ident.$field:ident) => {
        $draft.leaves($json, &$self.$field)
    };
    (@write one $draft:ident $json:literal $self:ident.$field:ident) => {
        if let Some(part) = &$self.$field {
            $draft.object($json, |draft| part.write(draft));
        }
    };
    (@write boxed $draft:ident $json:literal $self:ident.$field:ident) => {
        if let Some(part) = &$self.$field {
            $draft.object($json, |draft| part.write(draft));
        }
    };
    (@write many $draft:ident $json:literal $self:ident.$field:ident) => {
        $draft.objects($json, &$self.$field, |draft, part| part.write(draft))
    };
    // A text, a flag or a count.
    (@write $leaf:ident $draft:ident $json:literal $self:ident.$field:ident) => {
        $draft.leaf($json, $self.$field.as_ref())
    };

    (@filled texts $self:ident.$field:ident) => { !$self.$field.is_empty() };
    (@filled many $self:ident.$field:ident) => { !$self.$field.is_empty() };
    (@filled $one:ident $self:ident.$field:ident) => { $self.$field.is_some() };
}

pub(crate) use element;
