//! The process of the shop. It starts on a free port, and the test ends it by its process id.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;

/// A running shop. Dropping it kills the process.
pub(crate) struct Shop {
    child: Child,
    url: String,
    directory: Option<TempDir>,
    lines: Receiver<String>,
    /// How long it took from the start of the process until the shop was open.
    pub(crate) started_in: Duration,
}

/// An empty directory for a shop's data.
pub(crate) fn directory() -> TempDir {
    TempDir::new().unwrap()
}

fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acme-local"));
    command.env_clear().env("PORT", "0").env("DELIVERY_SECONDS", "1-2").envs(variables.iter().copied());
    command.stdin(Stdio::null());
    command
}

/// The exit code and the first line of a shop that does not start.
pub(crate) fn refused(variables: &[(&str, &str)]) -> (i32, String) {
    let output = command(variables).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), error.lines().next().unwrap_or_default().to_owned())
}

/// The exit code, the output and the errors of a process with these arguments.
pub(crate) fn called(arguments: &[&str]) -> (i32, String, String) {
    let output = command(&[]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

impl Shop {
    /// Starts a shop on the data in `directory`, with further environment variables.
    pub(crate) fn start(directory: &TempDir, variables: &[(&str, &str)]) -> Self {
        let start = Instant::now();
        let path = directory.path().to_str().unwrap();
        let mut child = command(variables).env("DATA_DIR", path).stdout(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let url = loop {
            let line = lines.recv_timeout(Duration::from_secs(30)).expect("the shop opens");
            if let Some((_, url)) = line.split_once(" is open at ") {
                break url.to_owned();
            }
        };
        Self { child, url, directory: None, lines, started_in: start.elapsed() }
    }

    /// Starts a shop and keeps `directory` as long as the shop runs.
    pub(crate) fn owning(directory: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut shop = Self::start(&directory, variables);
        shop.directory = Some(directory);
        shop
    }

    /// A client of this shop.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address of the shop.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Ends the process with SIGKILL, as a crash would. Returns the lines that it printed.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// The lines that it printed since the last call.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Ends the process with SIGTERM, and asserts that it ends well. Returns the lines that it printed.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "it ends well");
        self.lines.iter().collect()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
