//! Lists the public items of a module of a crate, from its sources.
//!
//! Its arguments are files with modules; the items of each are written to standard output,
//! one on each line, after a line with the file's name: functions, types, variants, methods of
//! types, macros. What is hidden from the documentation is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, ImplItem, Item, ItemImpl, UseTree, Visibility};

#[derive(Default)]
struct Module {
    items: Vec<Item>,
    children: BTreeMap<String, (bool, Module)>,
    exported_macros: Vec<String>,
}

#[derive(Default)]
struct Source {
    impls: Vec<ItemImpl>,
    macros: BTreeMap<String, TokenStream>, // the bodies of macros that expand to methods
}

/// Whether an item is only there for tests, or not to be documented.
fn hidden(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|a| {
        let text = match &a.meta {
            syn::Meta::List(l) => l.tokens.to_string(),
            _ => return false,
        };
        (a.path().is_ident("doc") && text.contains("hidden"))
            || (a.path().is_ident("cfg") && (text == "test" || text == "loom"))
    })
}

fn public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn load(file: &Path, dir: &Path, source: &mut Source) -> Module {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut module = Module::default();
    fill(&mut module, parsed.items, dir, source);
    module
}

fn fill(module: &mut Module, items: Vec<Item>, dir: &Path, source: &mut Source) {
    for item in items {
        match item {
            Item::Mod(m) if !hidden(&m.attrs) => {
                let name = m.ident.to_string().trim_start_matches("r#").to_string();
                let below = dir.join(&name);
                let child = match m.content {
                    Some((_, items)) => {
                        let mut child = Module::default();
                        fill(&mut child, items, &below, source);
                        child
                    }
                    None => {
                        let files = [dir.join(format!("{name}.rs")), below.join("mod.rs")];
                        match files.iter().find(|f| f.exists()) {
                            Some(file) => load(file, &below, source),
                            None => continue, // at a path that an attribute names
                        }
                    }
                };
                module.children.insert(name, (public(&m.vis), child));
            }
            Item::Mod(_) => {}
            Item::Impl(i) if i.trait_.is_none() && !hidden(&i.attrs) => source.impls.push(i),
            Item::Macro(m) => match &m.ident {
                Some(name) => {
                    if m.attrs.iter().any(|a| a.path().is_ident("macro_export")) && !hidden(&m.attrs) {
                        module.exported_macros.push(format!("{name}!"));
                    }
                    if let Some(TokenTree::Group(body)) = m.mac.tokens.clone().into_iter().nth(3) {
                        source.macros.insert(name.to_string(), body.stream());
                    }
                }
                // A macro around items, which says under which feature they are there.
                None => {
                    if let Ok(inner) = syn::parse2::<syn::File>(m.mac.tokens) {
                        fill(module, inner.items, dir, source);
                    }
                }
            },
            item => module.items.push(item),
        }
    }
}

/// Adds the names of an item: itself, and the variants if it is an enum.
fn name(item: &Item, all: bool, found: &mut BTreeSet<String>) {
    let (vis, attrs, ident) = match item {
        Item::Fn(i) => (&i.vis, &i.attrs, &i.sig.ident),
        Item::Struct(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Enum(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Trait(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Type(i) => (&i.vis, &i.attrs, &i.ident),
        _ => return,
    };
    if hidden(attrs) || !(all || public(vis)) {
        return;
    }
    found.insert(ident.to_string());
    if let Item::Enum(e) = item {
        found.extend(e.variants.iter().map(|v| format!("{ident}::{}", v.ident)));
    }
}

fn named(module: &Module, wanted: &str, found: &mut BTreeSet<String>) {
    for item in &module.items {
        let mut names = BTreeSet::new();
        name(item, true, &mut names);
        if names.contains(wanted) {
            found.extend(names);
        }
    }
}

/// Adds what a `pub use` makes public.
fn reexported(tree: &UseTree, at: Option<&Module>, root: &Module, found: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(p) => {
            let next = match p.ident.to_string().as_str() {
                "self" => at,
                "crate" => Some(root),
                segment => at.and_then(|m| m.children.get(segment.trim_start_matches("r#"))).map(|(_, m)| m),
            };
            reexported(&p.tree, next, root, found);
        }
        UseTree::Name(n) => {
            let wanted = n.ident.to_string();
            found.insert(wanted.clone());
            if let Some(m) = at {
                named(m, &wanted, found);
            }
        }
        UseTree::Rename(r) => {
            found.insert(r.rename.to_string());
        }
        UseTree::Glob(_) => {
            if let Some(m) = at {
                exports(m, root, found);
            }
        }
        UseTree::Group(g) => g.items.iter().for_each(|t| reexported(t, at, root, found)),
    }
}

fn exports(module: &Module, root: &Module, found: &mut BTreeSet<String>) {
    for item in &module.items {
        match item {
            Item::Use(u) if public(&u.vis) && !hidden(&u.attrs) => reexported(&u.tree, Some(module), root, found),
            item => name(item, false, found),
        }
    }
    for (public, child) in module.children.values() {
        if *public {
            exports(child, root, found);
        }
    }
    macros(module, found);
}

/// Adds exported macros, which are public wherever they are defined.
fn macros(module: &Module, found: &mut BTreeSet<String>) {
    found.extend(module.exported_macros.iter().cloned());
    module.children.values().for_each(|(_, m)| macros(m, found));
}

fn methods(items: &[ImplItem], of: &str, source: &Source, found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            ImplItem::Fn(f) if public(&f.vis) && !hidden(&f.attrs) => {
                found.insert(format!("{of}::{}", f.sig.ident));
            }
            ImplItem::Macro(m) => {
                let called = m.mac.path.segments.last().unwrap().ident.to_string();
                if let Some(body) = source.macros.get(&called) {
                    let block: ItemImpl = syn::parse2(quote(body)).expect("methods in a macro");
                    methods(&block.items, of, source, found);
                }
            }
            _ => {}
        }
    }
}

/// Returns `impl X { body }`.
fn quote(body: &TokenStream) -> TokenStream {
    let mut all: TokenStream = "impl X".parse().unwrap();
    all.extend([TokenTree::Group(proc_macro2::Group::new(proc_macro2::Delimiter::Brace, body.clone()))]);
    all
}

fn main() {
    for arg in std::env::args().skip(1) {
        let file = PathBuf::from(&arg);
        // A module's own modules are beside mod.rs and lib.rs, or in a directory of its name.
        let dir = match file.file_name().unwrap().to_str().unwrap() {
            "mod.rs" | "lib.rs" => file.parent().unwrap().to_path_buf(),
            _ => file.with_extension(""),
        };
        let mut source = Source::default();
        let root = load(&file, &dir, &mut source);
        let mut found = BTreeSet::new();
        exports(&root, &root, &mut found);
        let types = found.clone();
        for block in &source.impls {
            if let syn::Type::Path(p) = &*block.self_ty {
                let of = p.path.segments.last().unwrap().ident.to_string();
                if types.contains(&of) {
                    methods(&block.items, &of, &source, &mut found);
                }
            }
        }
        println!("# {arg}");
        found.iter().for_each(|name| println!("{name}"));
    }
}
