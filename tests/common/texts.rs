//! Finds the string literals of `src` and what stands around each: what is marked for a person, and what is not.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use syn::Lit;

/// A string literal of a source file.
pub struct Text {
    /// Its file below `src`, with `/`.
    pub file: String,
    pub line: usize,
    pub value: String,
    pub place: Place,
}

/// Where a literal stands.
pub enum Place {
    /// In a mark: `phrase("…")`, `phrase!("…")`, `say!("…")` or `#[error("…")]`.
    Marked,
    /// In the arguments of a function or macro (`starts_with`, `expect!`).
    Call(String),
    /// In a pattern, or beside `==` or `!=`.
    Compared,
    /// In an array.
    List,
    /// The field `name` of a struct.
    Name,
    Other,
}

/// What marks its first literal: see `src/phrase.rs`, and `say!` in `src/cli/mod.rs`, which calls `phrase!`.
const MARKS: [&str; 3] = ["phrase", "phrase!", "say!"];

/// Practice phones are not for their owners: what they say is data.
const PRACTICE: &str = "practice/";

/// Returns the literals of `src` in the order of files and lines, without those of tests, of practice phones and of
/// attributes other than `#[error("…")]`.
pub fn texts() -> Vec<Text> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut tests = Vec::new();
    collect(&src, &mut files);
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let within = path.strip_prefix(&src).expect("a file in src");
        let file = within.to_string_lossy().replace('\\', "/");
        let source = std::fs::read_to_string(&path).expect("a source file");
        let tokens = TokenStream::from_str(&source).expect("Rust");
        let mut walk = Walk {
            file,
            found: Vec::new(),
            tests: Vec::new(),
        };
        walk.stream(tokens, &Around::default());
        all.append(&mut walk.found);
        let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("mod" | "lib" | "main") | None => within.with_file_name(""),
            Some(_) => within.with_extension(""),
        };
        tests.extend(walk.tests.iter().map(|name| {
            let place = folder.join(name);
            place.to_string_lossy().replace('\\', "/")
        }));
    }
    let is_of = |file: &str, module: &String| {
        let rest = file.strip_prefix(module.as_str());
        rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    all.retain(|text| {
        !text.file.starts_with(PRACTICE) && !tests.iter().any(|module| is_of(&text.file, module))
    });
    all
}

/// Returns a text without the `{…}` of a template (each becomes `…`), the tags of HTML, and names with `_` in them.
pub fn letters(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = if from.starts_with('{') { '}' } else { '>' };
        match from.find(end) {
            Some(to) if end == '}' => {
                out.push('…');
                rest = &from[to + 1..];
            }
            Some(to) => {
                out.push(' ');
                rest = &from[to + 1..];
            }
            None => {
                out.push(' ');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    let words = out.split(' ').map(|word| match word.contains('_') {
        true => "",
        false => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of src") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// What stands around a group of tokens.
#[derive(Default, Clone)]
struct Around {
    /// The function or macro whose arguments the group holds.
    call: String,
    /// A call around that one whose arguments are no texts, such as `matches!`.
    outer: String,
    is_list: bool,
    is_pattern: bool,
}

struct Walk {
    file: String,
    found: Vec<Text>,
    /// Modules of the file under `#[cfg(test)]`.
    tests: Vec<String>,
}

impl Walk {
    fn stream(&mut self, tokens: TokenStream, around: &Around) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((attribute, next)) = attribute(&tokens, at) {
                at = next;
                self.error(&attribute);
                if is_for_tests(&attribute) {
                    at = self.skip(&tokens, at);
                }
                continue;
            }
            match token {
                TokenTree::Literal(literal) => self.literal(literal, &tokens, at, around),
                TokenTree::Group(group) => {
                    let call = called(&tokens, at);
                    let inner = Around {
                        outer: match is_macro(&around.call) {
                            true => around.call.clone(),
                            false => around.outer.clone(),
                        },
                        is_list: group.delimiter() == Delimiter::Bracket,
                        is_pattern: group.delimiter() != Delimiter::Brace
                            && (around.is_pattern || is_before_arrow(&tokens, at)),
                        call,
                    };
                    self.stream(group.stream(), &inner);
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    fn literal(&mut self, literal: &Literal, tokens: &[TokenTree], at: usize, around: &Around) {
        let Lit::Str(text) = Lit::new(literal.clone()) else {
            return;
        };
        let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
        let is = |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
        let is_compared = is(before(1), '=') && (is(before(2), '=') || is(before(2), '!'));
        let is_name = is(before(1), ':')
            && matches!(before(2), Some(TokenTree::Ident(field)) if field == "name");
        let place = if MARKS.contains(&around.call.as_str()) && at == 0 {
            Place::Marked
        } else if is_compared || around.is_pattern || is_before_arrow(tokens, at) {
            Place::Compared
        } else if !around.outer.is_empty() && !is_text_macro(&around.outer) {
            Place::Call(around.outer.clone())
        } else if around.is_list && !is_macro(&around.call) {
            Place::List
        } else if is_name {
            Place::Name
        } else if !around.call.is_empty() {
            Place::Call(around.call.clone())
        } else {
            Place::Other
        };
        self.push(literal, text.value(), place);
    }

    /// The text of `#[error("…")]`.
    fn error(&mut self, attribute: &Group) {
        let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
        if let [TokenTree::Ident(name), TokenTree::Group(inner)] = &tokens[..]
            && name == "error"
            && let Some(TokenTree::Literal(literal)) = inner.stream().into_iter().next()
            && let Lit::Str(text) = Lit::new(literal.clone())
        {
            self.push(&literal, text.value(), Place::Marked);
        }
    }

    fn push(&mut self, literal: &Literal, value: String, place: Place) {
        self.found.push(Text {
            file: self.file.clone(),
            line: literal.span().start().line,
            value,
            place,
        });
    }

    /// Returns the place after the item that begins at `at`, and notes the name of a module in another file.
    fn skip(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        while let Some((_, next)) = attribute(tokens, at) {
            at = next;
        }
        let begin = at;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                TokenTree::Punct(p) if p.as_char() == ';' => {
                    let item = &tokens[begin..at];
                    if item
                        .iter()
                        .any(|t| matches!(t, TokenTree::Ident(i) if i == "mod"))
                        && let Some(TokenTree::Ident(name)) = item.iter().rev().nth(1)
                    {
                        self.tests.push(name.to_string());
                    }
                    break;
                }
                _ => {}
            }
        }
        at
    }
}

/// Returns the attribute that begins at a place, and the place after it.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(Group, usize)> {
    let punct = |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    if !punct(at, '#') {
        return None;
    }
    let group = at + 1 + usize::from(punct(at + 1, '!'));
    match tokens.get(group) {
        Some(TokenTree::Group(attribute)) if attribute.delimiter() == Delimiter::Bracket => {
            Some((attribute.clone(), group + 1))
        }
        _ => None,
    }
}

fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "test" || text.starts_with("cfg(test") || text.starts_with("cfg(all(test")
}

/// Returns the name before the arguments at a place: `f` of `f(…)`, `f!` of `f!(…)`, or an empty text.
fn called(tokens: &[TokenTree], at: usize) -> String {
    let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
    match (before(2), before(1)) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(p))) if p.as_char() == '!' => {
            format!("{name}!")
        }
        (_, Some(TokenTree::Ident(name))) => match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                name.to_string()
            }
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn is_macro(call: &str) -> bool {
    call.ends_with('!')
}

/// Macros among whose arguments a text may stand.
fn is_text_macro(name: &str) -> bool {
    let known = [
        "anyhow!",
        "bail!",
        "format!",
        "format_args!",
        "phrase!",
        "say!",
        "vec!",
        "write!",
        "writeln!",
    ];
    known.contains(&name)
}

/// True if a token is a pattern, or the last part of one: `"a" | "b" =>`, `"a" if … =>`.
fn is_before_arrow(tokens: &[TokenTree], at: usize) -> bool {
    let punct = |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    let is_arrow = |at: usize| punct(at, '=') && punct(at + 1, '>');
    let next = at + 1;
    match tokens.get(next) {
        Some(TokenTree::Punct(p)) if p.as_char() == '|' => !punct(next + 1, '|'),
        Some(TokenTree::Ident(word)) if word == "if" => {
            let end = tokens
                .iter()
                .enumerate()
                .skip(next)
                .find_map(|(at, token)| match token {
                    TokenTree::Punct(p) if p.as_char() == ';' => Some(false),
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(false),
                    TokenTree::Punct(_) if is_arrow(at) => Some(true),
                    _ => None,
                });
            end == Some(true)
        }
        _ => is_arrow(next),
    }
}
