//! The shell: parses simple commands as mksh does. Anything that would run another program is left out.

use super::adbd::{Channel, Gone};
use super::commands;
use super::console::{Console, Framing};
use super::device::Device;

/// A request to a shell service.
pub(super) struct Call {
    command: String,
    framing: Framing,
    terminal: bool,
}

impl Call {
    /// `exec:COMMAND`
    pub fn exec(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            framing: Framing::Raw,
            terminal: false,
        }
    }

    /// Parses `shell[,argument…]:COMMAND`. Before Android 7, a shell always had a terminal. Since then, it has one
    /// only without a command or on request (`daemon/services.cpp`).
    pub fn shell(level: u32, arguments: &str, command: &str) -> Self {
        let mut call = Self {
            command: command.to_owned(),
            framing: Framing::Raw,
            terminal: level < 24 || command.is_empty(),
        };
        for argument in arguments.split(',') {
            match argument {
                "v2" => call.framing = Framing::V2,
                "raw" => call.terminal = false,
                "pty" => call.terminal = true,
                _ => {}
            }
        }
        call
    }
}

/// Runs a shell request to its end.
pub(super) fn serve(channel: Channel, call: &Call) {
    let connection = std::sync::Arc::clone(&channel.connection);
    let mut console = Console::new(channel, call.framing, call.terminal);
    // If the client is gone, nobody can receive an error.
    let _ =
        run(&connection.device, &call.command, &mut console).and_then(|code| console.exit(code));
}

fn run(device: &Device, line: &str, console: &mut Console) -> Result<u8, Gone> {
    if line.trim().is_empty() {
        console.line("This practice phone runs single commands only.")?;
        return Ok(1);
    }
    let script = match parse(line) {
        Ok(script) => script,
        Err(Unread::Quote) => {
            console.err(b"/system/bin/sh: no closing quote\n")?;
            return Ok(1);
        }
        Err(Unread::Refused(what)) => {
            device.trip(line);
            let text = format!("/system/bin/sh: this practice phone does not run {what}\n");
            console.err(text.as_bytes())?;
            return Ok(2);
        }
    };
    let mut status = 0;
    for words in script {
        let words: Vec<String> = words.iter().map(|word| word.text(status)).collect();
        status = commands::run(device, line, &words, console)?;
        if words.first().is_some_and(|name| name == "exit") {
            break;
        }
    }
    Ok(status)
}

/// Reason why a line could not be parsed.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    Quote,
    Refused(&'static str),
}

/// A word: text, with placeholders for the last exit code.
#[derive(Debug, Default, PartialEq, Eq)]
struct Word(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `$?`
    Status,
}

impl Word {
    fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.0.push(Piece::Text(c.to_string())),
        }
    }

    fn text(&self, status: u8) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Status => status.to_string(),
        });
        pieces.collect()
    }
}

/// Parses commands separated by `;` or line ends. Each command is a list of words without quotes.
fn parse(line: &str) -> Result<Vec<Vec<Word>>, Unread> {
    let mut script = Vec::new();
    let mut command: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(Unread::Quote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(Unread::Quote)? {
                        '"' => break,
                        '\\' => match rest.next().ok_or(Unread::Quote)? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            '\n' => {}
                            c => {
                                word.push('\\');
                                word.push(c);
                            }
                        },
                        '$' if rest.next_if_eq(&'?').is_some() => word.0.push(Piece::Status),
                        '$' if rest.peek().is_some_and(|c| expands(*c)) => {
                            return Err(Unread::Refused("expansions"));
                        }
                        '`' => return Err(Unread::Refused("command substitution")),
                        c => word.push(c),
                    }
                }
            }
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
                None => word.get_or_insert_default().push('\\'),
            },
            ' ' | '\t' => command.extend(word.take()),
            ';' | '\n' => {
                command.extend(word.take());
                script.push(std::mem::take(&mut command));
            }
            '$' if rest.next_if_eq(&'?').is_some() => {
                word.get_or_insert_default().0.push(Piece::Status);
            }
            '$' if rest.peek().is_some_and(|c| expands(*c)) => {
                return Err(Unread::Refused("expansions"));
            }
            '`' => return Err(Unread::Refused("command substitution")),
            '|' | '&' | '<' | '>' | '(' | ')' => {
                return Err(Unread::Refused("pipes, redirections and lists"));
            }
            '#' if word.is_none() => while rest.next_if(|c| *c != '\n').is_some() {},
            c => word.get_or_insert_default().push(c),
        }
    }
    command.extend(word.take());
    script.push(command);
    script.retain(|command| !command.is_empty());
    Ok(script)
}

fn expands(after_dollar: char) -> bool {
    after_dollar.is_ascii_alphanumeric() || "_({*@#-!$'\"".contains(after_dollar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Vec<Vec<String>>, Unread> {
        let script = parse(line)?;
        let plain = |command: &Vec<Word>| command.iter().map(|word| word.text(7)).collect();
        Ok(script.iter().map(plain).collect())
    }

    #[test]
    fn quotes_come_off_as_in_mksh() {
        let line = r#"content query --where 'a='\''b'\''' "x \" $y\n" \; c"d"e''"#;
        assert_eq!(
            words(&line.replace("$y", "y")),
            Ok(vec![
                [
                    "content",
                    "query",
                    "--where",
                    "a='b'",
                    "x \" y\\n",
                    ";",
                    "cde"
                ]
                .map(str::to_owned)
                .to_vec()
            ])
        );
    }

    #[test]
    fn an_empty_quoted_word_is_a_word() {
        assert_eq!(
            words("echo '' \"\""),
            Ok(vec![vec!["echo".into(), String::new(), String::new()]])
        );
    }

    #[test]
    fn semicolons_part_commands_and_the_exit_code_is_known() {
        assert_eq!(
            words("ls /x; echo RC=$?"),
            Ok(vec![
                vec!["ls".into(), "/x".into()],
                vec!["echo".into(), "RC=7".into()]
            ])
        );
    }

    #[test]
    fn what_would_run_other_programs_is_refused() {
        for line in [
            "a | b",
            "a > b",
            "echo $(b)",
            "echo `b`",
            "a && b",
            "echo \"$HOME\"",
        ] {
            assert!(matches!(words(line), Err(Unread::Refused(_))), "{line}");
        }
        assert_eq!(words("echo 'a"), Err(Unread::Quote));
    }
}
