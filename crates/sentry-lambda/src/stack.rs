//! Stacks as they are captured: return addresses and located frames. Names, lines and snippets are added later.

use std::panic::Location;

use sentry::protocol::{Addr, Frame, Stacktrace};

use crate::trail::Site;

/// The most frames of a stack. A deeper stack is cut at the outer end.
const DEPTH: usize = 100;

/// The return addresses of the caller, innermost first. This function and the `above` frames over it are left out.
#[inline(never)]
pub(crate) fn addresses(above: usize) -> Vec<usize> {
    let this = addresses as *const () as usize;
    let (mut all, mut start) = (Vec::with_capacity(32), 0);
    backtrace::trace(|frame| {
        let ip = frame.ip() as usize;
        // The outermost frame may have no address.
        if ip == 0 {
            return false;
        }
        all.push(ip);
        // The unwind tables know where a function starts, even in a stripped file.
        if start == 0 && frame.symbol_address() as usize == this {
            start = all.len() + above;
        }
        all.len() < DEPTH
    });
    all.split_off(start.min(all.len()))
}

/// The stack of an error, from its notes. `None` without any note.
pub(crate) fn of_sites(sites: &[Site]) -> Option<Stacktrace> {
    let (origin, passed) = sites.split_first()?;
    let mut frames: Vec<Frame> = origin.addresses.iter().skip(1).rev().map(|ip| at_address(*ip)).collect();
    frames.extend(passed.iter().rev().map(|site| at_location(site.location)));
    let mut made = at_location(origin.location);
    made.instruction_addr = origin.addresses.first().map(|ip| Addr(*ip as u64));
    frames.push(made);
    Some(Stacktrace { frames, ..Default::default() })
}

/// The stack of an event that happens at `location`, with these return addresses below it.
pub(crate) fn of_location(location: &Location<'_>, addresses: &[usize]) -> Stacktrace {
    let mut frames: Vec<Frame> = addresses.iter().rev().map(|ip| at_address(*ip)).collect();
    frames.push(at_location(location));
    Stacktrace { frames, ..Default::default() }
}

/// The same stack without frames that have only an address. For a link that shows the stack of another link.
pub(crate) fn located(stack: &Stacktrace) -> Stacktrace {
    let frames = stack.frames.iter().filter(|frame| frame.filename.is_some()).cloned().collect();
    Stacktrace { frames, ..stack.clone() }
}

fn at_address(ip: usize) -> Frame {
    Frame { instruction_addr: Some(Addr(ip as u64)), ..Default::default() }
}

fn at_location(location: &Location<'_>) -> Frame {
    Frame {
        filename: Some(location.file().to_owned()),
        lineno: Some(location.line().into()),
        colno: Some(location.column().into()),
        ..Default::default()
    }
}
