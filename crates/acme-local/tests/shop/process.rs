//! The shop's process: started on a free port, ended by its id.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;

/// A running shop; killed when it is dropped.
pub(crate) struct Shop {
    child: Child,
    url: String,
    directory: Option<TempDir>,
    lines: Receiver<String>,
    /// How long it took from the start of the process until it was open.
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

/// What a shop says that does not start: its exit code and its first line.
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

    /// Keeps `directory` as long as the shop runs.
    pub(crate) fn owning(directory: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut shop = Self::start(&directory, variables);
        shop.directory = Some(directory);
        shop
    }

    /// A client of this shop.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Ends it with SIGKILL, as a crash would. Returns what it had printed.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// What it has printed since it was last asked.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Ends it with SIGTERM and makes sure that it ends well. Returns what it had printed.
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
