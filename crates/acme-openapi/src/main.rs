//! Writes `infra/openapi.json`, as a part of `make generate`.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("acme-openapi: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = acme_openapi::document(&fs::read_to_string(root.join("functions/functions.toml"))?)?;
    let file = root.join("infra/openapi.json");
    if fs::read_to_string(&file).ok().as_ref() != Some(&document) {
        fs::write(file, document)?;
        writeln!(io::stdout(), "wrote infra/openapi.json")?;
    }
    Ok(())
}
