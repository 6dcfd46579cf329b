//! Finds which module of a crate uses something of which other module.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Attribute, Item};

use super::sources::{Names, Source};

/// All modules of a crate, by path. The root has the path `crate`.
#[derive(Default)]
pub(crate) struct Modules(BTreeMap<String, Source>);

/// What each module uses: the other modules, each with the name of something that it uses there.
pub(crate) type Uses = BTreeMap<String, BTreeMap<String, String>>;

impl Modules {
    /// Reads a crate from the file of its root and from the files of its modules.
    pub(crate) fn of_crate(root: &Path) -> Self {
        let mut modules = Self::default();
        modules.read_file("crate", root, root.parent().unwrap());
        modules
    }

    /// Reads a crate whose modules are all in one text.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut modules = Self::default();
        modules.read("crate", &syn::parse_file(text).unwrap().items, Path::new(""));
        modules
    }

    pub(crate) fn uses(&self) -> Uses {
        let uses = |(module, source): (&String, &Source)| {
            let used =
                source.used().filter_map(|path| Some((self.resolve(module, path)?, path.last()?.clone())));
            (module.clone(), used.filter(|(other, _)| other != module).collect())
        };
        self.0.iter().map(uses).collect()
    }

    /// Reads the file of a module. `folder` is the folder of its own modules' files.
    fn read_file(&mut self, module: &str, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read(module, &parsed.items, folder);
    }

    fn read(&mut self, module: &str, items: &[Item], folder: &Path) {
        let mut source = Source::default();
        for item in items {
            match item {
                Item::Mod(child) if is_test(&child.attrs) => {}
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let (path, inner) = (format!("{module}::{name}"), folder.join(&name));
                    let file = Some(folder.join(format!("{name}.rs"))).filter(|file| file.exists());
                    match &child.content {
                        Some((_, items)) => self.read(&path, items, &inner),
                        None => self.read_file(&path, &file.unwrap_or_else(|| inner.join("mod.rs")), &inner),
                    }
                }
                item => source.read(item),
            }
        }
        self.0.insert(module.to_owned(), source);
    }

    /// The module that contains what `path` names in `module`. `None` for another crate, a local name, or a module
    /// itself.
    fn resolve(&self, module: &str, path: &[String]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.find("crate", rest),
            "self" => self.find(module, rest),
            "super" => {
                let parent = module.rsplit_once("::")?.0;
                if rest.first()? == "super" { self.resolve(parent, rest) } else { self.find(parent, rest) }
            }
            _ => self.find(module, path),
        }
    }

    fn find(&self, module: &str, path: &[String]) -> Option<String> {
        let (name, rest) = path.split_first()?;
        if name == "*" {
            return Some(module.to_owned());
        }
        let child = format!("{module}::{name}");
        if self.0.contains_key(&child) {
            return self.find(&child, rest);
        }
        let source = self.0.get(module)?;
        if source.defines(name) {
            return Some(module.to_owned());
        }
        let import = source.import(name)?;
        // `use time::time` names another crate.
        if import.first()? == name {
            return None;
        }
        self.resolve(module, &import.iter().chain(rest).cloned().collect::<Names>())
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = |condition: syn::Path| condition.is_ident("test");
        attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(is_test)
    })
}
