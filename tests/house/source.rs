//! The program's own source as files, words and imports.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file of `src/`.
#[derive(Debug)]
pub struct File {
    /// From the root of the project: `src/ui/mod.rs`.
    pub path: String,
    pub text: String,
    /// Whether it is compiled for tests only.
    pub is_test: bool,
    tokens: Vec<TokenTree>,
}

/// One `crate::…` in a file.
#[derive(Debug)]
pub struct Import {
    pub line: usize,
    /// What follows `crate::`, up to the first group: `model::Frame`.
    pub path: String,
}

/// The project's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of `src/`.
pub fn all_files() -> Vec<File> {
    let mut paths = Vec::new();
    find_sources(&root().join("src"), &mut paths);
    paths.sort();
    let mut files: Vec<File> = paths.iter().map(|path| read(path)).collect();
    let test_modules: Vec<String> = files.iter().flat_map(File::test_modules).collect();
    for file in &mut files {
        let stem = file.path.trim_end_matches(".rs");
        file.is_test = test_modules.iter().any(|module| {
            stem.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    }
    files
}

fn find_sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> File {
    let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
    File::of(name, &fs::read_to_string(path).unwrap())
}

impl File {
    /// A file with this text.
    pub fn of(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            is_test: false,
            tokens: tokens.into_iter().collect(),
        }
    }

    /// The folder of `src/` that it lies in; none for `lib.rs` and `main.rs`.
    pub fn folder(&self) -> Option<&str> {
        Some(self.path.strip_prefix("src/")?.split_once('/')?.0)
    }

    /// Every name in its code, comments and texts left out, with its line.
    pub fn words(&self) -> Vec<(usize, String)> {
        let mut words = Vec::new();
        collect_words(&self.tokens, &mut words);
        words
    }

    /// What it imports of the crate outside `#[cfg(test)]`, in `use` and in paths.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        collect_imports(&self.tokens, self.depth(), &mut imports);
        imports
    }

    /// How many `super::` lead from its module to the crate itself.
    fn depth(&self) -> usize {
        let module = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        module.matches('/').count()
    }

    /// The paths, without `.rs`, of modules that it declares under `#[cfg(test)]`.
    fn test_modules(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let home = stem.strip_suffix("/mod").unwrap_or(stem);
        let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut found = Vec::new();
        for at in 0..self.tokens.len() {
            if !is_test_attribute(&self.tokens[at..]) {
                continue;
            }
            let item = &self.tokens[at + 2..at + 2 + item_length(&self.tokens[at + 2..])];
            let name = item
                .iter()
                .zip(item.iter().skip(1))
                .find_map(|(a, b)| (a.to_string() == "mod").then(|| b.to_string()));
            // A module named by #[path = "…"] lies beside the file.
            let own_path = item.iter().find_map(|token| {
                let text = token.to_string();
                let quoted = text.strip_prefix("[path = \"")?;
                Some(
                    quoted
                        .trim_end_matches("\"]")
                        .trim_end_matches(".rs")
                        .to_owned(),
                )
            });
            match (own_path, name) {
                (Some(path), _) => found.push(format!("{folder}/{path}")),
                (None, Some(name)) => found.push(format!("{home}/{name}")),
                (None, None) => {}
            }
        }
        found
    }
}

fn collect_words(tokens: &[TokenTree], words: &mut Vec<(usize, String)>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => words.push((ident.span().start().line, ident.to_string())),
            TokenTree::Group(group) => collect_words(&inside(group), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn collect_imports(tokens: &[TokenTree], depth: usize, imports: &mut Vec<Import>) {
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) {
            at += 2 + item_length(&tokens[at + 2..]);
            continue;
        }
        if let Some(skip) = steps_to_crate(&tokens[at..], depth) {
            at += skip;
            add_paths(&tokens[at..], imports);
            continue;
        }
        if let TokenTree::Group(group) = &tokens[at] {
            collect_imports(&inside(group), depth, imports);
        }
        at += 1;
    }
}

/// The number of tokens of a `crate::`, or of as many `super::` as lead there, at the beginning of `tokens`.
fn steps_to_crate(tokens: &[TokenTree], depth: usize) -> Option<usize> {
    if is_word(tokens, "crate") && is_path_separator(&tokens[1..]) {
        return Some(3);
    }
    let supers = (0..)
        .take_while(|i| {
            let rest = tokens.get(i * 3..).unwrap_or_default();
            is_word(rest, "super") && is_path_separator(&rest[1..])
        })
        .count();
    (supers >= depth && supers > 0).then_some(supers * 3)
}

/// Adds the path, or the several paths in braces, at the beginning of `tokens`.
fn add_paths(tokens: &[TokenTree], imports: &mut Vec<Import>) {
    match tokens.first() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inner = inside(group);
            for part in inner.split(|token| token.to_string() == ",") {
                add_paths(part, imports);
            }
        }
        Some(TokenTree::Ident(first)) => {
            let line = first.span().start().line;
            let mut path = first.to_string();
            let mut rest = &tokens[1..];
            while is_path_separator(rest) {
                let Some(TokenTree::Ident(next)) = rest.get(2) else {
                    break;
                };
                path = format!("{path}::{next}");
                rest = &rest[3..];
            }
            imports.push(Import { line, path });
        }
        _ => {}
    }
}

fn is_word(tokens: &[TokenTree], word: &str) -> bool {
    matches!(tokens.first(), Some(TokenTree::Ident(ident)) if ident == word)
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(0) && colon(1)
}

/// Whether `#[cfg(test)]` begins here.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = tokens else {
        return false;
    };
    hash.as_char() == '#' && group.to_string().replace(' ', "") == "[cfg(test)]"
}

/// The number of tokens of the item that begins here: up to its `;` or its braces.
fn item_length(tokens: &[TokenTree]) -> usize {
    let is_use = tokens
        .iter()
        .take(4)
        .any(|token| token.to_string() == "use");
    let end = tokens.iter().position(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use,
        _ => false,
    });
    end.map_or(tokens.len(), |end| end + 1)
}

fn inside(group: &proc_macro2::Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}
