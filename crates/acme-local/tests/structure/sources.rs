//! What a module defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};
use syn::{Item, ItemUse, Macro, PatIdent, UseTree, Visibility};

/// A path as its parts, such as `super`, `store`, `StoreError`.
pub(crate) type Names = Vec<String>;

#[derive(Default)]
pub(crate) struct Source {
    items: BTreeSet<String>,
    imports: BTreeMap<String, Names>,
    /// All variables and parameters of the module.
    locals: BTreeSet<String>,
    paths: Vec<Names>,
}

impl Source {
    /// Reads an item that is not a module.
    pub(crate) fn read(&mut self, item: &Item) {
        if let Item::Use(item) = item {
            self.read_use(item);
        } else {
            self.items.extend(name(item));
            self.visit_item(item);
        }
    }

    /// Whether this module has an item with this name.
    pub(crate) fn defines(&self, name: &str) -> bool {
        self.items.contains(name)
    }

    /// What a name of a `use` means.
    pub(crate) fn import(&self, name: &str) -> Option<&Names> {
        self.imports.get(name)
    }

    /// All paths that this module uses.
    pub(crate) fn used(&self) -> impl Iterator<Item = &Names> {
        // A variable can have the same name as a function of another module.
        self.paths.iter().filter(|path| path.len() > 1 || !self.locals.contains(&path[0]))
    }

    fn read_use(&mut self, item: &ItemUse) {
        let paths = paths(&item.tree);
        self.imports.extend(paths.iter().filter_map(|(path, name)| Some((name.clone()?, path.clone()))));
        // A module does not use what it only re-exports.
        if matches!(item.vis, Visibility::Inherited) {
            self.paths.extend(paths.into_iter().map(|(path, _)| path));
        } else {
            let all = |(path, _): &(Names, _)| path.last().is_some_and(|name| name == "*");
            assert!(!paths.iter().any(all), "`pub use ...::*`: name what the module hands on");
        }
    }

    /// Collects the paths in the tokens of a macro.
    fn read_tokens(&mut self, mut at: Cursor<'_>) {
        while !at.eof() {
            if let Some((group, _, _, next)) = at.any_group() {
                self.read_tokens(group);
                at = next;
            } else if let Some((name, next)) = at.ident() {
                let mut path = vec![name.to_string()];
                at = next;
                while let Some((name, next)) = after_colons(at) {
                    path.push(name);
                    at = next;
                }
                self.paths.push(path);
            } else if let Some((_, next)) = at.token_tree() {
                at = next;
            }
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.read_tokens(TokenBuffer::new2(called.tokens.clone()).begin());
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.locals.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    /// A `use` inside a function. Only that function knows the names.
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.paths.extend(paths(&item.tree).into_iter().map(|(path, _)| path));
    }

    /// The path in `pub(crate)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn after_colons(at: Cursor<'_>) -> Option<(String, Cursor<'_>)> {
    let (first, at) = at.punct()?;
    let (second, at) = at.punct()?;
    let (name, at) = at.ident()?;
    (first.as_char() == ':' && second.as_char() == ':').then(|| (name.to_string(), at))
}

/// The paths of a `use`, each with the name that it defines. `_` and `*` define no name that is known here.
fn paths(tree: &UseTree) -> Vec<(Names, Option<String>)> {
    fn collect(tree: &UseTree, prefix: &[String], found: &mut Vec<(Names, Option<String>)>) {
        let within = |name: String| prefix.iter().cloned().chain([name]).collect::<Names>();
        // `use a::{self}`
        let named = |name: String| if name == "self" { prefix.to_vec() } else { within(name) };
        match tree {
            UseTree::Path(path) => collect(&path.tree, &within(path.ident.to_string()), found),
            UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, prefix, found)),
            UseTree::Glob(_) => found.push((within("*".to_owned()), None)),
            UseTree::Name(name) => {
                let path = named(name.ident.to_string());
                found.push((path.clone(), path.last().cloned()));
            }
            UseTree::Rename(rename) => {
                let name = Some(rename.rename.to_string()).filter(|name| name != "_");
                found.push((named(rename.ident.to_string()), name));
            }
        }
    }
    let mut found = Vec::new();
    collect(tree, &[], &mut found);
    found
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
