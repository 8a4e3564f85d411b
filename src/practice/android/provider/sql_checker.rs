//! The SQL checks of the contacts provider in Android 8 and later, for SQL from clients (AOSP `SqlChecker`,
//! `ContactsDatabaseHelper.validateSql`).
//!
//! Table names and `select` are not checked: that check was switched off before the release of Android 8
//! (`DISALLOW_SUB_QUERIES`).

use super::Thrown;

/// Refuses tokens that begin with `x_`, semicolons, comments, and quotes without an end.
pub(super) fn check(sql: &str) -> Result<(), Thrown> {
    tokens(sql, false).map(|_| ())
}

/// Checks that a column of a projection is a single token.
pub(super) fn check_single_token(sql: &str) -> Result<(), Thrown> {
    match tokens(sql, true)? {
        0 => Err(refusal("Token not found", sql)),
        1 => Ok(()),
        _ => Err(refusal("Multiple tokens detected", sql)),
    }
}

fn refusal(what: &str, sql: &str) -> Thrown {
    Thrown::argument(format!("{what} in '{sql}'"))
}

fn tokens(sql: &str, only: bool) -> Result<usize, Thrown> {
    let mut rest = sql;
    let mut count = 0;
    let mut token = |token: &str| {
        count += 1;
        match token.to_lowercase().starts_with("x_") {
            true => Err(refusal(&format!("Detected disallowed token: {token}"), sql)),
            false => Ok(()),
        }
    };
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_alphabetic() || c == '_' {
            let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            let (word, after) = rest.split_at(rest.find(part).unwrap_or(rest.len()));
            token(word)?;
            rest = after;
            continue;
        }
        let after = &rest[c.len_utf8()..];
        match c {
            '\'' | '"' | '`' => {
                let mut end = 0;
                loop {
                    let Some(found) = after[end..].find(c) else {
                        return Err(refusal("Unterminated quote", sql));
                    };
                    end += found + 1;
                    // A doubled quote is an escaped quote.
                    if !after[end..].starts_with(c) {
                        break;
                    }
                    end += 1;
                }
                if c == '\'' {
                    if only {
                        return Err(refusal("Non-token detected", sql));
                    }
                } else {
                    let name = &after[..end - 1];
                    token(&name.replace(&format!("{c}{c}"), &c.to_string()))?;
                }
                rest = &after[end..];
                continue;
            }
            '[' => {
                let Some(end) = after.find(']') else {
                    return Err(refusal("Unterminated quote", sql));
                };
                token(&after[..end])?;
                rest = &after[end + 1..];
                continue;
            }
            _ => {}
        }
        if only {
            return Err(refusal("Non-token detected", sql));
        }
        let comment = [("--", "\n"), ("/*", "*/")]
            .into_iter()
            .find(|(start, _)| rest.starts_with(start));
        if let Some((start, end)) = comment {
            let inside = &rest[start.len()..];
            let Some(place) = inside.find(end) else {
                return Err(refusal("Unterminated comment", sql));
            };
            rest = &inside[place + end.len()..];
            continue;
        }
        if c == ';' {
            return Err(refusal("Semicolon is not allowed", sql));
        }
        rest = after;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_columns_and_broken_sql_are_refused() {
        let refused = [
            "x_times_contacted > 0",
            "[x_a] = 1",
            "\"x_a\" = 1",
            "data1 = 'a",
            "_id > 1; drop table data",
            "_id > 1 --",
            "_id /* 1",
        ];
        for sql in refused {
            assert!(check(sql).is_err(), "{sql}");
        }
        let allowed = [
            "data1 = 'x_a; -- it''s'",
            "_id IN (SELECT _id FROM raw_contacts)",
            "typeof(data15)='blob'",
            "_id > 1 -- why\n AND _id < 9",
        ];
        for sql in allowed {
            assert!(check(sql).is_ok(), "{sql}");
        }
        assert!(check_single_token("data1").is_ok());
        assert!(check_single_token("hex(data1)").is_err());
    }
}
